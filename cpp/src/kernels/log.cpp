// From start to end as the logarithm of 1 + time.
#include "kernels/frame.hpp"
#include "math/elementary.hpp"

namespace stepcurve {

LogPlan plan(const Log& shape, Stretch stretch, bool extrapolate) {
  const Pair top = exact_sum<false>(1.0, shape.steps);
  return {.frame = make_frame(shape.start, shape.end, shape.steps * stretch, extrapolate),
          .top = top,
          .factor = Pair{1.0} / log_ratio(top, Pair{1.0}),
          .stretch = stretch.factor};
}

// From the end it is log((1 + steps) / (1 + t)) / log(1 + steps), from the start log(1 + t) / log(1 + steps).
template <bool Fma>
STEPCURVE_INLINE void logarithm(const LogPlan& plan, const double* STEPCURVE_RESTRICT times,
                                double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const Twofold<Fma> top{plan.top}, factor{plan.factor}, stretch{plan.stretch};
  const double half = 0.5 * frame.steps;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    const bool late = time > half;
    const auto passed = Twofold<Fma>{time} / stretch + 1.0;
    const auto log = log_ratio(select(late, top, passed), select(late, passed, Twofold<Fma>{1.0}));
    values[i] = value_of(frame, time, late, log * factor);
  }
}

STEPCURVE_KERNEL(log_kernel, LogPlan, const double*, logarithm);

void run(const LogPlan& plan, const Times& times, double* values) {
  run_listed(log_kernel, plan, times, values);
}

}  // namespace stepcurve

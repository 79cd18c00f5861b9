// From start to end as the logarithm of 1 + time.
#include "kernels/frame.hpp"
#include "math/elementary.hpp"

namespace stepcurve {

LogPlan plan(const Log& shape, double stretch, bool extrapolate) {
  const Pair top = exact_sum<false>(1.0, shape.steps);
  return {.frame = make_frame(shape.start, shape.end, shape.steps * stretch, extrapolate),
          .top = top,
          .factor = Pair{1.0} / log_ratio(top, Pair{1.0}),
          .stretch = stretch};
}

// The decay 1 - log(1 + t) / log(1 + steps) is log((1 + steps) / (1 + t)) / log(1 + steps).
template <bool Fma>
STEPCURVE_INLINE void logarithm(const LogPlan& plan, const double* STEPCURVE_RESTRICT times,
                                double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const Twofold<Fma> top{plan.top}, factor{plan.factor};
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    const auto passed = Twofold<Fma>{time} / Twofold<Fma>{plan.stretch} + 1.0;
    values[i] = value_of(frame, time, log_ratio(top, passed) * factor);
  }
}

STEPCURVE_KERNEL(log_kernel, LogPlan, const double*, logarithm);

void run(const LogPlan& plan, const Times& times, double* values) {
  run_listed(log_kernel, plan, times, values);
}

}  // namespace stepcurve

// start to end in equal steps.
#include "kernels/frame.hpp"

namespace stepcurve {

LinearPlan plan(const Linear& shape, Stretch stretch, bool extrapolate) {
  const double steps = shape.steps * stretch;
  const Frame frame = make_frame(shape.start, shape.end, steps, extrapolate);
  return {.frame = frame, .slope = frame.rise / Pair{steps}};
}

// Between values of opposite sign the sum keeps its error, and is exact across the zero.
template <bool Fma, bool OneSign>
STEPCURVE_INLINE void line(const LinearPlan& plan, const double* STEPCURVE_RESTRICT times,
                           double* STEPCURVE_RESTRICT values, int count) {
  const Frame f = plan.frame;
  const Twofold<Fma> slope{plan.slope};
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], f.limit);
    if constexpr (OneSign) {
      const double away = (time - f.origin) * f.direction;
      values[i] = with_ends(f, time, f.small + (away * slope.hi + away * slope.lo));
    } else {
      const auto climb = slope * (exact_sum<Fma>(time, -f.origin) * f.direction);
      const auto sum = exact_sum<Fma>(f.small, climb.hi);
      values[i] = with_ends(f, time, sum.hi + (sum.lo + climb.lo));
    }
  }
}

template <bool Fma>
STEPCURVE_INLINE void linear(const LinearPlan& plan, const double* times, double* values, int count) {
  return plan.frame.one_sign ? line<Fma, true>(plan, times, values, count)
                             : line<Fma, false>(plan, times, values, count);
}

STEPCURVE_KERNEL(linear_kernel, LinearPlan, const double*, linear);

void run(const LinearPlan& plan, const Times& times, double* values) {
  run_listed(linear_kernel, plan, times, values);
}

}  // namespace stepcurve

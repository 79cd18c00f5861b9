// The arc of a hyperbolic tangent between two arguments, from start to end.
#include "kernels/frame.hpp"
#include "math/elementary.hpp"

namespace stepcurve {

// tanh(upper) - tanh(y) is sinh(upper - y) / (cosh(upper) cosh(y)), which keeps its digits near the end. This
// is sinh(a) / cosh(y) for a = upper - y, but for a factor exp(a - |y|): no exponential here can overflow.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> fall_over_growth(const Twofold<Fma>& to_upper, const Twofold<Fma>& y) {
  const auto magnitude = select(y.hi < 0.0, -y, y);
  return -expm1(to_upper * -2.0) / (exp(magnitude * -2.0) + 1.0);
}

TanhPlan plan(const Tanh& shape, double stretch, bool extrapolate) {
  const Pair range = exact_sum<false>(shape.upper, -shape.lower);
  return {.frame = make_frame(shape.start, shape.end, shape.steps * stretch, extrapolate),
          .lower = shape.lower,
          .range = range,
          .factor = Pair{1.0} / fall_over_growth(range, Pair{shape.lower})};
}

template <bool Fma>
STEPCURVE_INLINE void hyperbolic(const TanhPlan& plan, const double* STEPCURVE_RESTRICT times,
                                 double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const Twofold<Fma> range{plan.range}, per_step{plan.frame.per_step}, factor{plan.factor};
  const double growth_at_start = plan.lower > 0.0 ? plan.lower : 0.0;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    const auto to_upper = range * (exact_sum<Fma>(frame.steps, -time) * per_step);
    const auto y = range * (per_step * time) + plan.lower;
    const auto growth = select(y.hi > 0.0, y, Twofold<Fma>{}) + -growth_at_start;
    const auto decay = exp(growth * -2.0) * (fall_over_growth(to_upper, y) * factor);
    values[i] = value_of(frame, time, decay);
  }
}

STEPCURVE_KERNEL(tanh_kernel, TanhPlan, const double*, hyperbolic);

void run(const TanhPlan& plan, const Times& times, double* values) {
  run_listed(tanh_kernel, plan, times, values);
}

}  // namespace stepcurve

// The arc of a hyperbolic tangent between two arguments, from start to end.
#include "kernels/frame.hpp"
#include "math/elementary.hpp"

namespace stepcurve {

// The way between y and an end e of the arc is |tanh e - tanh y| = sinh |e - y| / (cosh e cosh y), which
// keeps its digits near that end. This is sinh(a) / cosh(y) for a = |e - y|, but for a factor exp(a - |y|):
// no exponential here can overflow.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> way_over_growth(Twofold<Fma> a, Twofold<Fma> y) {
  const auto magnitude = select(y.hi < 0.0, -y, y);
  return -expm1(a * -2.0) / (exp(magnitude * -2.0) + 1.0);
}

TanhPlan plan(const Tanh& shape, Stretch stretch, bool extrapolate) {
  const Pair range = exact_sum<false>(shape.upper, -shape.lower);
  Frame frame = make_frame(shape.start, shape.end, shape.steps * stretch, extrapolate);
  // tanh has long become 1 where its argument is 300, and no exponential has overflowed yet.
  if (extrapolate) frame.limit = frame.steps * std::max(1.0, (300.0 - shape.lower) / range.hi);
  return {.frame = frame,
          .lower = shape.lower,
          .upper = shape.upper,
          .range = range,
          .from_start = Pair{1.0} / way_over_growth(range, Pair{shape.upper}),
          .from_end = Pair{1.0} / way_over_growth(range, Pair{shape.lower})};
}

template <bool Fma>
STEPCURVE_INLINE void hyperbolic(const TanhPlan& plan, const double* STEPCURVE_RESTRICT times,
                                 double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const Twofold<Fma> range{plan.range}, per_step{frame.per_step};
  const Twofold<Fma> from_start{plan.from_start}, from_end{plan.from_end};
  const double half = 0.5 * frame.steps;
  // exp(a - |y|), relative to the whole arc, is exp of twice what y has grown beyond the other end.
  const double growth_at_start = plan.lower > 0.0 ? plan.lower : 0.0;
  const double growth_at_end = plan.upper < 0.0 ? plan.upper : 0.0;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    const bool late = time > half;
    const auto away = select(late, exact_sum<Fma>(frame.steps, -time), Twofold<Fma>{time}) * per_step;
    const auto y = range * (per_step * time) + plan.lower;
    const auto positive = select(y.hi > 0.0, y, Twofold<Fma>{}),
               negative = select(y.hi < 0.0, y, Twofold<Fma>{});
    const auto growth = select(late, -positive + growth_at_start, negative + -growth_at_end);
    const auto share =
        exp(growth * 2.0) * (way_over_growth(range * away, y) * select(late, from_end, from_start));
    values[i] = value_of(frame, time, late, without_least(share));
  }
}

STEPCURVE_KERNEL(tanh_kernel, TanhPlan, const double*, hyperbolic);

void run(const TanhPlan& plan, const Times& times, double* values) {
  run_listed(tanh_kernel, plan, times, values);
}

}  // namespace stepcurve

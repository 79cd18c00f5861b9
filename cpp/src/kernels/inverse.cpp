// start (1 + time / timescale)^-power, endless.
#include "kernels/frame.hpp"
#include "math/elementary.hpp"
#include "math/power.hpp"

namespace stepcurve {

InversePlan plan(const Inverse& shape, Stretch stretch, bool) {
  const double scale = scale_of(shape.start);
  return {.start = shape.start / scale,
          .scale = scale,
          .exponent = std::log2(scale),
          .timescale = shape.timescale * stretch,
          .power = shape.power,
          .halves = halves_of(shape.power)};
}

template <bool Fma, int Halves>
STEPCURVE_INLINE void inverse_power(const InversePlan& plan, const double* STEPCURVE_RESTRICT times,
                                    double* STEPCURVE_RESTRICT values, int count) {
  const double start = plan.start, scale = plan.scale, power = plan.power;
  const Twofold<Fma> timescale{plan.timescale};
  for (int i = 0; i < count; ++i) {
    const auto grown = exact_sum<Fma>(plan.timescale, clamp(times[i], endless));
    if constexpr (Halves > 0) {
      values[i] = scale * (product_power<Halves, true>(timescale / grown) * start).hi;
    } else {
      // The factor may be far below every double, and the value not.
      const auto factor = exp_parts(log_ratio(grown, timescale) * -power, 1460.0);
      const double significand = ((factor.fraction + 1.0) * start).hi;
      values[i] = scale_by_power_of_two(significand, clamp_exponent(factor.exponent + plan.exponent));
    }
  }
}

template <bool Fma>
STEPCURVE_INLINE void inverse(const InversePlan& plan, const double* times, double* values, int count) {
  with_halves(plan.halves, [&](auto halves) STEPCURVE_INLINE_LAMBDA {
    inverse_power<Fma, halves>(plan, times, values, count);
  });
}

STEPCURVE_KERNEL(inverse_kernel, InversePlan, const double*, inverse);

void run(const InversePlan& plan, const Times& times, double* values) {
  run_listed(inverse_kernel, plan, times, values);
}

}  // namespace stepcurve

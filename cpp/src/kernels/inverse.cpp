// start (1 + time / timescale)^-power, endless.
#include "kernels/frame.hpp"
#include "math/elementary.hpp"

namespace stepcurve {

InversePlan plan(const Inverse& shape, double stretch, bool) {
  const double scale = scale_of(shape.start);
  return {.start = shape.start / scale,
          .scale = scale,
          .timescale = shape.timescale * stretch,
          .power = shape.power};
}

template <bool Fma>
STEPCURVE_INLINE void inverse(const InversePlan& plan, const double* STEPCURVE_RESTRICT times,
                              double* STEPCURVE_RESTRICT values, int count) {
  const double start = plan.start, scale = plan.scale, timescale = plan.timescale, power = plan.power;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], endless);
    const auto log = log_ratio(exact_sum<Fma>(timescale, time), Twofold<Fma>{timescale});
    values[i] = scale * (exp(log * -power) * start).hi;
  }
}

STEPCURVE_KERNEL(inverse_kernel, InversePlan, const double*, inverse);

void run(const InversePlan& plan, const Times& times, double* values) {
  run_listed(inverse_kernel, plan, times, values);
}

}  // namespace stepcurve

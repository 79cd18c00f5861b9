#include "kernels/shares.hpp"

namespace stepcurve {
namespace {

template <bool Fma>
STEPCURVE_INLINE void raise_all(const double& given, Shares* shares, double*, int count) {
  const double power = given;
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) shares->set(i, raised(shares->at<Fma>(i), power));
}

template <bool Fma>
STEPCURVE_INLINE void all_left_of_ratio(const double& given, Shares* shares, double*, int count) {
  const double power = given;
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    const auto ratio = shares->at<Fma>(i);
    const auto passed = exp_share(log_ratio(ratio.part, ratio.rest) * power);
    shares->set(i, Share<Fma>{passed.rest, without_least(passed.part)});
  }
}

template <bool Fma>
STEPCURVE_INLINE void all_values(const Frame& given, const Shares* decays, double* values, int count) {
  const double* times = decays->times;
  const Frame frame = given;
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    values[i] = value_of(frame, clamp(times[i], frame.limit), decays->at<Fma>(i));
  }
}

STEPCURVE_KERNEL(raise_kernel, double, Shares*, raise_all);
STEPCURVE_KERNEL(ratio_kernel, double, Shares*, all_left_of_ratio);
STEPCURVE_KERNEL(value_kernel, Frame, const Shares*, all_values);

}  // namespace

void raise(double power, Shares& shares, int count) { raise_kernel(power, &shares, nullptr, count); }

void left_of_ratio(double power, Shares& shares, int count) { ratio_kernel(power, &shares, nullptr, count); }

void left_of_time(const Frame& frame, double power, Shares& shares, int count) {
  for (int i = 0; i < count; ++i) {
    shares.set(i, Share<false>{Pair{clamp(shares.times[i], frame.limit)}, Pair{frame.steps}});
  }
  left_of_ratio(power, shares, count);
}

void set_values(const Frame& frame, const Shares& decays, double* values, int count) {
  value_kernel(frame, &decays, values, count);
}

}  // namespace stepcurve

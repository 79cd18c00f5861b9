// The exponent of a double taken apart and put together by arithmetic that every target vectorises
// (converting 64-bit integers to double needs AVX-512).
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/kernel.hpp"

namespace stepcurve {

// Adding it rounds |x| < 2^51 to an integer and leaves that integer in the low bits.
inline constexpr double rounder = 0x1.8p52;

STEPCURVE_INLINE double round_to_integer(double x) { return (x + rounder) - rounder; }

// 2^k for an integer -1022 <= k <= 1023.
STEPCURVE_INLINE double power_of_two(double k) {
  const auto bits = std::bit_cast<std::uint64_t>(k + (rounder + 1023.0));
  return std::bit_cast<double>(bits << 52);
}

// x * 2^k for an integer |k| <= 2044, in two steps so that neither factor leaves the range.
STEPCURVE_INLINE double scale_by_power_of_two(double x, double k) {
  const double half = round_to_integer(0.5 * k);
  return x * power_of_two(half) * power_of_two(k - half);
}

STEPCURVE_INLINE double clamp_exponent(double exponent) {
  return exponent < -2044.0 ? -2044.0 : exponent > 2044.0 ? 2044.0 : exponent;
}

// The e of x = m * 2^e with 1 <= m < 2, for a normal x > 0.
STEPCURVE_INLINE double exponent(double x) {
  constexpr double two52 = 0x1p52;
  const auto bits = std::bit_cast<std::uint64_t>(x) >> 52;
  return std::bit_cast<double>(bits | std::bit_cast<std::uint64_t>(two52)) - (two52 + 1023.0);
}

}  // namespace stepcurve

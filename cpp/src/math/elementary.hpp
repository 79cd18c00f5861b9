// exp, log and sin^2 in twofold arithmetic, relative error below 2^-90 in the stated range: what every
// curve without a kernel of its own in plain double is made of. No table, no branch, no libm.
#pragma once

#include "math/bits.hpp"
#include "math/coefficients.hpp"
#include "math/twofold.hpp"

namespace stepcurve {

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> constant(const double (&pair)[2]) {
  return {pair[0], pair[1]};
}

STEPCURVE_INLINE double within(double x, double limit) {
  const double low = x < -limit ? -limit : x;
  return low > limit ? limit : low;
}

// A smaller share counts as 0: products with it would not be exact, and their bits depend on the target.
inline constexpr double least_share = 0x1p-964;

// exp(x) = 2^exponent * (1 + fraction), |fraction| < 0.42. For small x the exponent is 0 and the fraction
// is exp(x) - 1 with all its digits.
template <bool Fma>
struct ExpParts {
  double exponent;
  Twofold<Fma> fraction;
};

template <bool Fma>
STEPCURVE_INLINE ExpParts<Fma> exp_parts(Twofold<Fma> x, double limit = 1100.0) {
  // Past these exp is 0 or infinite in double, whatever the digits. The low half is kept in play, though
  // small by then: for a constant result GCC makes branches, and does not vectorise.
  x = {within(x.hi, limit), within(x.lo, 1.0)};
  const double k = round_to_integer(x.hi * coefficients::log2_e[0]);
  const auto top = exact_sum<Fma>(x.hi, -k * coefficients::ln2_top);
  const auto r = top + (Twofold<Fma>{x.lo} - constant<Fma>(coefficients::ln2_rest) * k);
  // exp(r) - 1 from exp(r / 8) - 1 by squaring three times.
  const Twofold<Fma> eighth{0.125 * r.hi, 0.125 * r.lo};
  auto e = eighth * horner(coefficients::exp_head, coefficients::exp_tail, eighth);
  e = e * (e + 2.0);
  e = e * (e + 2.0);
  e = e * (e + 2.0);
  return {k, e};
}

// A number and what it lacks to 1, each with all its digits.
template <bool Fma>
struct Share {
  Twofold<Fma> part, rest;
};

// exp(x) and 1 - exp(x).
template <bool Fma>
STEPCURVE_INLINE Share<Fma> exp_share(Twofold<Fma> x) {
  const auto e = exp_parts(x);
  const auto m = e.fraction + 1.0;
  const Twofold<Fma> whole{scale_by_power_of_two(m.hi, e.exponent), scale_by_power_of_two(m.lo, e.exponent)};
  return {whole, -select(e.exponent == 0.0, e.fraction, whole + (-1.0))};
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> without_least(Twofold<Fma> share) {
  const double magnitude = share.hi < 0.0 ? -share.hi : share.hi;
  return select(magnitude < least_share, Twofold<Fma>{}, share);
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> exp(Twofold<Fma> x) {
  return exp_share(x).part;
}

// exp(x) - 1 with all its digits near 0.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> expm1(Twofold<Fma> x) {
  return -exp_share(x).rest;
}

// log(a / b) for a, b > 0 with a normal quotient, with all its digits near a == b.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> log_ratio(Twofold<Fma> a, Twofold<Fma> b) {
  constexpr double sqrt2 = 0x1.6a09e667f3bcdp0;  // centres the reduced quotient on 1
  const double k = exponent(a.hi / b.hi * sqrt2);
  const Twofold<Fma> scaled{scale_by_power_of_two(b.hi, k), scale_by_power_of_two(b.lo, k)};
  const auto s = (a - scaled) / (a + scaled);
  const auto series = s * horner(coefficients::log_head, coefficients::log_tail, s * s);
  const auto whole = exact_sum<Fma>(k * coefficients::ln2_top, 2.0 * series.hi);
  return whole + (constant<Fma>(coefficients::ln2_rest) * k + Twofold<Fma>{2.0 * series.lo});
}

// sin(x)^2 for 0 <= x <= pi / 4.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> sine_squared(Twofold<Fma> x) {
  const auto z = x * x;
  return z * horner(coefficients::sine_squared_head, coefficients::sine_squared_tail, z);
}

// log(1 - x) for 0 <= x < 0.29, with all its digits near 0; finite up to 1.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> log_one_minus(Twofold<Fma> x) {
  const auto s = x / (x + -2.0);
  return (s + s) * horner(coefficients::log_head, coefficients::log_tail, s * s);
}

// share.part^power for a share in [0, 1] and power > 0; a part below 2^-1000 counts as 0.
template <bool Fma>
STEPCURVE_INLINE Share<Fma> raised(Share<Fma> share, double power) {
  const bool zero = !(share.part.hi > 0x1p-1000), near_one = share.rest.hi < 0.29;
  const auto safe = select(zero, Twofold<Fma>{1.0}, share.part);
  // Both logarithms are finite where they are not taken: no branch, so that loops around this vectorise.
  const auto log = select(near_one, log_one_minus(share.rest), log_ratio(safe, Twofold<Fma>{1.0}));
  const auto power_share = exp_share(log * power);
  return {select(zero, Twofold<Fma>{}, without_least(power_share.part)),
          select(zero, Twofold<Fma>{1.0}, power_share.rest)};
}

}  // namespace stepcurve

// Twofold: a number held as the unevaluated sum of two doubles, about 106 bits (Dekker 1971; Joldes,
// Muller, Popescu 2017). Kernels use it where a curve would otherwise lose digits: times as a fraction of
// a length, values that cancel near a zero, endpoints that must come out to the bit.
// Fma only chooses how the error of a product is found; the bits are the same. Passed by value throughout: of
// a reference GCC does not always make two registers, and then does not vectorise.
#pragma once

#include <cmath>

#include "kernels/kernel.hpp"

namespace stepcurve {

template <bool Fma>
struct Twofold {
  double hi, lo;
  STEPCURVE_INLINE Twofold(double high = 0.0, double low = 0.0) : hi(high), lo(low) {}
  template <bool Other>
  STEPCURVE_INLINE explicit Twofold(const Twofold<Other>& other) : hi(other.hi), lo(other.lo) {}
};

// A twofold constant: a curve's plan is made once with it and read by every clone.
using Pair = Twofold<false>;

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> exact_sum(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

// For |a| >= |b| or a == 0.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> exact_sum_ordered(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// Exact while the product is between 2^-969 and 2^996: Dekker's splitting overflows above.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> exact_product(double a, double b) {
  const double product = a * b;
  if constexpr (Fma) {
    return {product, std::fma(a, b, -product)};
  } else {
    constexpr double splitter = 134217729.0;  // 2^27 + 1: halves of 26 bits, whose products are exact
    const double a_scaled = splitter * a, b_scaled = splitter * b;
    const double a_hi = a_scaled - (a_scaled - a), b_hi = b_scaled - (b_scaled - b);
    const double a_lo = a - a_hi, b_lo = b - b_hi;
    return {product, ((a_hi * b_hi - product) + a_hi * b_lo + a_lo * b_hi) + a_lo * b_lo};
  }
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> operator-(Twofold<Fma> a) {
  return {-a.hi, -a.lo};
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> operator+(Twofold<Fma> a, double b) {
  const auto sum = exact_sum<Fma>(a.hi, b);
  return exact_sum_ordered<Fma>(sum.hi, sum.lo + a.lo);
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> operator+(Twofold<Fma> a, Twofold<Fma> b) {
  const auto high = exact_sum<Fma>(a.hi, b.hi);
  const auto low = exact_sum<Fma>(a.lo, b.lo);
  const auto sum = exact_sum_ordered<Fma>(high.hi, high.lo + low.hi);
  return exact_sum_ordered<Fma>(sum.hi, sum.lo + low.lo);
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> operator-(Twofold<Fma> a, Twofold<Fma> b) {
  return a + (-b);
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> operator*(Twofold<Fma> a, double b) {
  const auto product = exact_product<Fma>(a.hi, b);
  return exact_sum_ordered<Fma>(product.hi, product.lo + a.lo * b);
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> operator*(Twofold<Fma> a, Twofold<Fma> b) {
  const auto product = exact_product<Fma>(a.hi, b.hi);
  return exact_sum_ordered<Fma>(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi));
}

// One division; the error of the quotient is below 2^-100.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> operator/(Twofold<Fma> a, Twofold<Fma> b) {
  const double reciprocal = 1.0 / b.hi;
  const double first = a.hi * reciprocal;
  const auto rest = a - b * first;
  const double second = rest.hi * reciprocal;
  const auto rest2 = rest - b * second;
  return exact_sum_ordered<Fma>(first, second) + rest2.hi * reciprocal;
}

template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> select(bool condition, Twofold<Fma> a, Twofold<Fma> b) {
  return {condition ? a.hi : b.hi, condition ? a.lo : b.lo};
}

// c[First] + x (c[First + 1] + ...) in double: the tail of a series whose head is summed in twofold.
// Recursion, for GCC does not vectorise around an inner loop.
template <int First = 0, int Count>
STEPCURVE_INLINE double horner(const double (&c)[Count], double x) {
  if constexpr (First == Count - 1) {
    return c[First];
  } else {
    return c[First] + x * horner<First + 1>(c, x);
  }
}

// The same for 8 or 12 coefficients by Estrin's scheme: a third of the latency, which is what bounds a long
// vector loop.
template <int Count>
STEPCURVE_INLINE double estrin(const double (&c)[Count], double x) {
  static_assert(Count == 8 || Count == 12);
  const double x2 = x * x, x4 = x2 * x2;
  const double low = (c[0] + c[1] * x) + (c[2] + c[3] * x) * x2;
  double high = (c[4] + c[5] * x) + (c[6] + c[7] * x) * x2;
  if constexpr (Count == 12) high = high + ((c[8] + c[9] * x) + (c[10] + c[11] * x) * x2) * x4;
  return low + high * x4;
}

// head[First] + x (head[First + 1] + ... + x tail(x)), each head coefficient two doubles.
template <int First = 0, bool Fma, int Heads, int Tails>
STEPCURVE_INLINE Twofold<Fma> horner(const double (&head)[Heads][2], const double (&tail)[Tails],
                                     Twofold<Fma> x) {
  if constexpr (First == Heads) {
    return {horner(tail, x.hi)};
  } else {
    return x * horner<First + 1>(head, tail, x) + Twofold<Fma>{head[First][0], head[First][1]};
  }
}

}  // namespace stepcurve

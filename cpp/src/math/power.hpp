// Powers that are integers or half-integers up to 4, as products and a square root.
#pragma once

#include <cmath>
#include <type_traits>

#include "math/twofold.hpp"

namespace stepcurve {

// Twice the power where product_power takes it, else 0.
inline int halves_of(double power) {
  const double halves = 2.0 * power;
  return halves >= 1.0 && halves <= 8.0 && halves == std::floor(halves) ? static_cast<int>(halves) : 0;
}

// With the digits of a double, or of twofold if `Exact`, which costs a division.
template <bool Exact, bool Fma>
STEPCURVE_INLINE Twofold<Fma> square_root(Twofold<Fma> x) {
  const double root = std::sqrt(x.hi);
  if constexpr (!Exact) return root;
  const auto square = exact_product<Fma>(root, root);
  const double rest = ((x.hi - square.hi) - square.lo + x.lo) / (root + root);
  return exact_sum_ordered<Fma>(root, root > 0.0 ? rest : 0.0);
}

// A product of twofold numbers, or, not `Exact`, one whose halves may overlap: a shorter chain of operations,
// and digits enough where nothing cancels.
template <bool Exact, bool Fma>
STEPCURVE_INLINE Twofold<Fma> multiply(Twofold<Fma> a, Twofold<Fma> b) {
  if constexpr (Exact) return a * b;
  const auto product = exact_product<Fma>(a.hi, b.hi);
  return {product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi)};
}

// base^(Halves / 2)
template <int Halves, bool Exact, bool Fma>
STEPCURVE_INLINE Twofold<Fma> product_power(Twofold<Fma> base) {
  if constexpr (Halves == 1) {
    return square_root<Exact>(base);
  } else if constexpr (Halves == 2) {
    return base;
  } else if constexpr (Halves % 4 == 0) {
    const auto root = product_power<Halves / 2, Exact>(base);
    return multiply<Exact>(root, root);
  } else {
    return multiply<Exact>(base, product_power<Halves - 2, Exact>(base));
  }
}

// Calls work with halves as a constant.
template <class Work>
STEPCURVE_INLINE void with_halves(int halves, Work work) {
  switch (halves) {
    case 1: return work(std::integral_constant<int, 1>{});
    case 2: return work(std::integral_constant<int, 2>{});
    case 3: return work(std::integral_constant<int, 3>{});
    case 4: return work(std::integral_constant<int, 4>{});
    case 5: return work(std::integral_constant<int, 5>{});
    case 6: return work(std::integral_constant<int, 6>{});
    case 7: return work(std::integral_constant<int, 7>{});
    case 8: return work(std::integral_constant<int, 8>{});
    default: return work(std::integral_constant<int, 0>{});
  }
}

}  // namespace stepcurve

// Twofold arithmetic and the elementary functions against values of 32 digits from mpmath:
//   mp.dps = 32; [(float(v), float(v - float(v))) for v in (exp(1), log(2), sin(mpf(1) / 2) ** 2, ...)]
#include <cmath>

#include "check.hpp"
#include "math/elementary.hpp"
#include "math/power.hpp"

using namespace stepcurve;

namespace {

// Relative error below 2^-90.
template <bool Fma>
bool near(const Twofold<Fma>& x, double hi, double lo) {
  const double error = (x.hi - hi) + (x.lo - lo);
  return std::abs(error) <= 0x1p-90 * std::abs(hi);
}

template <bool Fma>
void check_functions() {
  using Number = Twofold<Fma>;
  CHECK(near(exp(Number{1.0}), 0x1.5bf0a8b145769p+1, 0x1.4d57ee2b1013ap-53));
  CHECK(near(expm1(Number{0x1p-40}), 0x1.0000000000800p-40, 0x1.5555555555aabp-123));
  CHECK(near(log_ratio(Number{2.0}, Number{1.0}), 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56));
  CHECK(near(log_one_minus(Number{0.25}), -0x1.269621134db92p-2, -0x1.e0efadd9db02bp-56));
  CHECK(near(sine_squared(Number{0.5}), 0x1.d6bafe095f2e9p-3, -0x1.23848cdb2ed0ep-58));
  CHECK(near(product_power<3, true>(Number{2.0}), 0x1.6a09e667f3bcdp+1, -0x1.bdd3413b26456p-53));
  CHECK(near(Number{1.0} / Number{3.0}, 0x1.5555555555555p-2, 0x1.5555555555555p-56));
  CHECK(exp(Number{-2000.0}).hi == 0.0);
  CHECK(std::isinf(exp(Number{2000.0}).hi));
}

void check_products() {
  double x = 1.1, y = 0.3;
  for (int i = 0; i < 100'000; ++i) {
    const auto with = exact_product<true>(x, y);
    const auto without = exact_product<false>(x, y);
    CHECK(with.hi == without.hi && with.lo == without.lo);
    x = std::fmod(x * 1.618033988749895, 1e6) + 1e-9;
    y = std::fmod(y * 2.718281828459045, 1e3) + 1e-12;
  }
}

void check_bits() {
  for (const double k : {-1022.0, -1.0, 0.0, 1.0, 1023.0})
    CHECK(power_of_two(k) == std::ldexp(1.0, static_cast<int>(k)));
  for (const double x : {0x1p-1022, 0.7, 1.0, 1.99, 0x1p1000}) CHECK(exponent(x) == std::ilogb(x));
  CHECK(scale_by_power_of_two(1.5, -1074.0) == std::ldexp(1.5, -1074));
  CHECK(scale_by_power_of_two(0x1p-1000, 2000.0) == 0x1p1000);
}

}  // namespace

int main() {
  check_functions<false>();
  check_functions<true>();
  check_products();
  check_bits();
  return failures;
}

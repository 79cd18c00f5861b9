// The public face: rules, descriptions, and what cannot be reached from Python.
#include <cmath>
#include <limits>

#include "check.hpp"
#include "curves.hpp"

using namespace stepcurve;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool refused(const Linear& shape) {
  return throws<std::invalid_argument>([&] { make(shape); });
}

void check_rules() {
  for (const double steps : {0.0, -3.0, nan, endless, 1e17, 1e-300}) {
    CHECK(refused({.start = 0.0, .end = 1.0, .steps = steps}));
  }
  CHECK(refused({.start = nan, .end = 1.0, .steps = 10.0}));
  CHECK(throws<std::invalid_argument>([] { join({}, {}, Owner::later, Clock::local); }));
  CHECK(throws<std::invalid_argument>([] { make(Piecewise{}); }));
  CHECK(throws<std::invalid_argument>([] { make(Constant{.value = 1.0}).at(nan); }));
}

void check_descriptions() {
  for (const Curve& curve : every_kind()) {
    const Expression expression = curve.describe();
    CHECK(!expression.name.empty());
    for (const Curve& operand : expression.operands) CHECK(!operand.describe().name.empty());
  }
}

void check_past_end() {
  const Curve guarded = past_end(make(Linear{.start = 0.0, .end = 1.0, .steps = 10.0}), PastEnd::raise);
  CHECK(guarded.at(10.0) == 1.0);
  CHECK(throws<PastEndError>([&] { guarded.at(11.0); }));
  CHECK(throws<PastEndError>([&] { check_grid(guarded, {.count = 12}); }));
  check_grid(guarded, {.count = 11});
  const double times[] = {3.0, 12.0, 4.0};
  CHECK(throws<PastEndError>([&] { check_times(guarded, times, 3); }));
}

void check_extremes() {
  for (const Curve& curve : every_kind()) {
    for (const double time : {0.0, 1e-300, 0x1p-1074, 0x1p52, 0x1p53, -0x1p53}) {
      CHECK(!std::isnan(curve.at(time)));
    }
  }
}

}  // namespace

int main() {
  check_rules();
  check_descriptions();
  check_past_end();
  check_extremes();
  return failures;
}

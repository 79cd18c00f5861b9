// Descents: one meaning for every target, row of seeds and cut into stretches; the rules.
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "check.hpp"
#include "stepcurve/descent.hpp"
#include "stepcurve/target.hpp"

using namespace stepcurve;

namespace {

constexpr std::int64_t steps = 50;

// Numbers from -1 to 1 that a seed has whatever the row that it is in.
double drawn(std::int64_t step, std::int64_t axis, std::int64_t seed) {
  const std::int64_t mixed = (step * 7919 + axis * 104729 + seed * 1299709) % 1000003;
  return 2.0 * static_cast<double>(mixed) / 1000003.0 - 1.0;
}

std::vector<double> noise_of(std::int64_t seeds) {
  std::vector<double> noise;
  for (std::int64_t step = 0; step < steps; ++step) {
    for (std::int64_t axis = 0; axis < 2; ++axis) {
      for (std::int64_t seed = 0; seed < seeds; ++seed) noise.push_back(drawn(step, axis, seed));
    }
  }
  return noise;
}

// Where all seeds end, when the steps are taken so many at a time.
std::vector<double> ends(Surface surface, std::int64_t seeds, std::int64_t stretch) {
  Descent descent(surface, 1.5, -0.5, seeds, steps, 0.9, 0.5);
  const std::vector<double> noise = noise_of(seeds), lrs(steps, 0.02);
  std::vector<double> positions(static_cast<std::size_t>(2 * seeds)), losses(static_cast<std::size_t>(seeds));
  while (descent.done() < steps) {
    const std::int64_t done = descent.done(), count = std::min(stretch, steps - done);
    const bool last = done + count == steps;
    descent.check(count, &steps, last);
    descent.advance(lrs.data() + done, false, noise.data() + 2 * seeds * done, count, &steps, last,
                    positions.data(), losses.data());
  }
  for (const std::int64_t verdict : descent.verdicts(0.1)) positions.push_back(static_cast<double>(verdict));
  return positions;
}

}  // namespace

int main() {
  for (const Surface surface : {Surface::bowl, Surface::valley, Surface::minima}) {
    const std::vector<double> alone = ends(surface, 1, steps);
    CHECK(std::isfinite(alone[0]) && std::isfinite(alone[1]));
    for (const Target target : runnable_targets()) {
      force_target(name(target));
      for (const std::int64_t seeds : {1, 2, 7, 8, 9, 64, 65}) {
        const std::vector<double> whole = ends(surface, seeds, steps);
        CHECK(whole[0] == alone[0] && whole[static_cast<std::size_t>(seeds)] == alone[1]);
        for (const std::int64_t stretch : {1, 3, 45, 46}) CHECK(ends(surface, seeds, stretch) == whole);
      }
    }
  }
  CHECK(throws<std::invalid_argument>([] { Descent(Surface::bowl, 0, 0, 0, 1, 0, 0); }));
  CHECK(throws<std::invalid_argument>([] { Descent(Surface::bowl, 0, 0, 1, 0, 0, 0); }));
  CHECK(throws<std::invalid_argument>([] { Descent(Surface::bowl, 2e3, 0, 1, 1, 0, 0); }));
  CHECK(throws<std::invalid_argument>([] { Descent(Surface::bowl, 0, 0, 1, 1, 1.5, 0); }));
  CHECK(throws<std::invalid_argument>([] { Descent(Surface::bowl, 0, 0, 1, 1, 0, -1); }));
  const Descent fresh(Surface::bowl, 0, 0, 1, 4, 0, 0);
  const std::int64_t falling[] = {2, 1};
  CHECK(throws<std::invalid_argument>([&] { fresh.check(5, nullptr, 0); }));
  CHECK(throws<std::invalid_argument>([&] { fresh.check(4, falling, 2); }));
  CHECK(throws<std::invalid_argument>([&] { fresh.check(1, falling, 1); }));
  CHECK(throws<std::invalid_argument>([&] { static_cast<void>(fresh.verdicts(1.0)); }));
  return failures;
}

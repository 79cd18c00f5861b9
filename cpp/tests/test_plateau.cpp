// Plateau: torch's rule, and one meaning for one run, blocks of runs, targets and threads.
#include <cmath>
#include <limits>
#include <stdexcept>

#include "check.hpp"
#include "stepcurve/plateau.hpp"
#include "stepcurve/target.hpp"
#include "trackers.hpp"

using namespace stepcurve;

namespace {

std::vector<double> replay(Plateau& tracker, const std::vector<double>& metrics, int threads = 1) {
  std::vector<double> lrs(metrics.size());
  const auto rows = static_cast<std::int64_t>(metrics.size()) / tracker.runs();
  tracker.check(metrics.data(), false, rows);
  tracker.replay(metrics.data(), false, rows, threads, lrs.data());
  return lrs;
}

// Every run's own column.
std::vector<double> one_by_one(const plateau::Options& given, const std::vector<double>& metrics,
                               std::size_t runs) {
  std::vector<double> lrs(metrics.size());
  for (std::size_t run = 0; run < runs; ++run) {
    plateau::Options own = given;
    own.patience = {given.patience[given.patience.size() == 1 ? 0 : run]};
    Plateau tracker(own, 1);
    for (std::size_t i = run; i < metrics.size(); i += runs) lrs[i] = replay(tracker, {metrics[i]})[0];
  }
  return lrs;
}

void check_rule() {
  // torch 2.13's ReduceLROnPlateau(optimizer, patience=1) from 0.1.
  Plateau tracker(plateau_options(), 1);
  const double cut = 0x1.47ae147ae147cp-7, again = 0x1.0624dd2f1a9fdp-10;
  CHECK((replay(tracker, {3, 2, 2, 2, 1.99995, 1.9999}) == std::vector{0.1, 0.1, 0.1, cut, cut, again}));
  CHECK(tracker.best[0] == 2 && tracker.bad_steps[0] == 0 && tracker.steps == 6);
}

void check_blocks(const plateau::Options& given) {
  for (const std::size_t runs : {1, 7, 8, 15, 511, 512, 513, 1300}) {
    std::vector<double> metrics(runs * 40);
    for (std::size_t i = 0; i < metrics.size(); ++i)
      metrics[i] = i % 97 == 0 ? std::nan("") : std::sin(static_cast<double>(i * i % 1013));
    plateau::Options own = given;
    own.patience.resize(runs);
    for (std::size_t run = 0; run < runs; ++run) own.patience[run] = static_cast<std::int64_t>(run % 4);
    const auto expected = one_by_one(own, metrics, runs);
    for (const Target target : runnable_targets()) {
      force_target(name(target));
      Plateau one(own, static_cast<std::int64_t>(runs)), three(own, static_cast<std::int64_t>(runs));
      CHECK(replay(one, metrics) == expected);
      CHECK(replay(three, metrics, 3) == expected);
    }
  }
}

void check_refusals() {
  plateau::Options bad = plateau_options();
  bad.factor = {0.5, 1.0};
  CHECK(throws<std::invalid_argument>([&] { Plateau(bad, 2); }));
  plateau::Options raising = plateau_options();
  raising.nan = {plateau::Nan::raise};
  Plateau tracker(raising, 1);
  CHECK(throws<std::invalid_argument>([&] { replay(tracker, {1, std::nan("")}); }));
  CHECK(tracker.steps == 0);
}

}  // namespace

int main() {
  check_rule();
  check_blocks(plateau_options());
  plateau::Options extended = plateau_options();
  extended.window = {3};
  extended.nan = {plateau::Nan::skip};
  extended.grow = {1};
  extended.reset_after = {2};
  check_blocks(extended);
  check_refusals();
  return failures;
}

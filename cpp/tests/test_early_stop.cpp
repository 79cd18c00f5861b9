// EarlyStop: its rule, and one meaning for one run, blocks of runs, targets and threads.
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>

#include "check.hpp"
#include "stepcurve/early_stop.hpp"
#include "stepcurve/target.hpp"
#include "trackers.hpp"

using namespace stepcurve;

namespace {

const double none = std::nan("");

std::vector<int> replay(EarlyStop& stop, const std::vector<double>& metrics, int threads = 1) {
  const auto stopped = std::make_unique<bool[]>(metrics.size());
  const auto rows = static_cast<std::int64_t>(metrics.size()) / stop.runs();
  stop.check(metrics.data(), false, rows);
  stop.replay(metrics.data(), false, rows, threads, stopped.get());
  return {stopped.get(), stopped.get() + metrics.size()};
}

void check_rule() {
  EarlyStop stop(early_stop_options(), 1);
  CHECK((replay(stop, {3, 2, none, 1, 1, 1, 0}) == std::vector{0, 0, 0, 0, 0, 1, 1}));
  CHECK(stop.best[0] == 1 && stop.best_step[0] == 3 && stop.stopped_at[0] == 5 && stop.steps == 7);
}

void check_blocks(const early_stop::Options& given) {
  for (const std::size_t runs : {1, 7, 8, 15, 511, 512, 513, 1300}) {
    std::vector<double> metrics(runs * 40);
    for (std::size_t i = 0; i < metrics.size(); ++i)
      metrics[i] = i % 97 == 0 ? none : std::sin(static_cast<double>(i * i % 1013));
    early_stop::Options own = given;
    own.patience.resize(runs);
    std::vector<int> expected(metrics.size());
    for (std::size_t run = 0; run < runs; ++run) {
      own.patience[run] = static_cast<std::int64_t>(run % 40);
      early_stop::Options one = given;
      one.patience = {own.patience[run]};
      EarlyStop alone(one, 1);
      for (std::size_t i = run; i < metrics.size(); i += runs) expected[i] = replay(alone, {metrics[i]})[0];
    }
    for (const Target target : runnable_targets()) {
      force_target(name(target));
      EarlyStop one(own, static_cast<std::int64_t>(runs)), three(own, static_cast<std::int64_t>(runs));
      CHECK(replay(one, metrics) == expected);
      CHECK(replay(three, metrics, 3) == expected);
      CHECK(one.best_step == three.best_step && one.stopped_at == three.stopped_at);
    }
  }
}

void check_refusals() {
  early_stop::Options bad = early_stop_options();
  bad.threshold = {0, -1};
  CHECK(throws<std::invalid_argument>([&] { EarlyStop(bad, 2); }));
  early_stop::Options raising = early_stop_options();
  raising.nan = {early_stop::Nan::raise};
  EarlyStop stop(raising, 1);
  CHECK(throws<std::invalid_argument>([&] { replay(stop, {1, none}); }));
  CHECK(stop.steps == 0);
}

}  // namespace

int main() {
  check_rule();
  check_blocks(early_stop_options());
  early_stop::Options extended = early_stop_options();
  extended.baseline = {-0.5};
  extended.limit = {0.999};
  extended.warmup = {3};
  extended.cumulative = {0};
  extended.threshold = {0.01};
  extended.nan = {early_stop::Nan::skip};
  check_blocks(extended);
  check_refusals();
  return failures;
}

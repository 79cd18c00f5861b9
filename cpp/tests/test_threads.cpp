// Threads: what the core does on several at once, called from several at once, is what one alone does. Built
// with the thread sanitizer, that no two of them meet in memory.
#include <cstdint>
#include <functional>
#include <limits>
#include <thread>
#include <vector>

#include "check.hpp"
#include "curves.hpp"
#include "stepcurve/descent.hpp"
#include "stepcurve/early_stop.hpp"
#include "stepcurve/plateau.hpp"
#include "stepcurve/sweep.hpp"
#include "trackers.hpp"

using namespace stepcurve;

namespace {

constexpr int callers = 4;
constexpr std::int64_t many = 300'000;  // values: more than two threads' worth

// The same on this thread and on several others at once.
void check_alone_and_together(const std::function<std::vector<double>()>& work) {
  const std::vector<double> alone = work();
  std::vector<std::vector<double>> together(callers);
  std::vector<std::thread> threads;
  for (auto& result : together) threads.emplace_back([&] { result = work(); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : together) CHECK(result == alone);
}

void check_tables(const Curve& shared) {
  check_alone_and_together([&] {
    std::vector<double> values(many);
    const Grid grid{.count = many};
    check_grid(shared, grid);
    fill(shared, grid, 3, values.data());
    values.push_back(shared.at(17.0));
    return values;
  });
}

void check_lists(const Curve& shared) {
  std::vector<double> times(many);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = static_cast<double>(i * 7919 % times.size());
  check_alone_and_together([&] {
    std::vector<double> values(many);
    check_times(shared, times.data(), many);
    fill(shared, times.data(), many, 3, values.data());
    return values;
  });
}

void check_making(const Curve& shared) {
  check_alone_and_together([&] {
    std::vector<double> values;
    for (int i = 1; i < 50; ++i) {
      const Curve made = clip(sequence({shared, stretch(shared, i), shift(shared, i)}), 0.0, 0.5);
      values.push_back(made.at(10.0 * i));
      values.push_back(static_cast<double>(made.describe().operands.size()));
    }
    return values;
  });
}

void check_sweeps() {
  const Sweep sweep(every_kind());
  check_alone_and_together([&] {
    const auto members = static_cast<std::int64_t>(sweep.members().size());
    const Grid grid{.count = many / members};
    std::vector<double> table(static_cast<std::size_t>(members * grid.count)), row(sweep.members().size());
    sweep.check_grid(grid);
    sweep.fill(grid, 0, members * grid.count, 3, table.data());
    sweep.at(33.0, 3, row.data());
    table.insert(table.end(), row.begin(), row.end());
    return table;
  });
}

void check_trackers(std::int64_t runs, std::int64_t rows) {
  const std::vector<double> metrics = noisy_metrics(runs * rows);
  check_alone_and_together([&] {
    Plateau tracker(plateau_options(), runs);
    std::vector<double> lrs(metrics.size());
    tracker.check(metrics.data(), false, rows);
    tracker.replay(metrics.data(), false, rows, 3, lrs.data());
    return lrs;
  });
  check_alone_and_together([&] {
    EarlyStop tracker(early_stop_options(), runs);
    const auto stopped = std::make_unique<bool[]>(metrics.size());
    tracker.check(metrics.data(), false, rows);
    tracker.replay(metrics.data(), false, rows, 3, stopped.get());
    std::vector<double> all(stopped.get(), stopped.get() + metrics.size());
    all.insert(all.end(), tracker.best.begin(), tracker.best.end());
    return all;
  });
}

void check_descents() {
  constexpr std::int64_t seeds = 65, steps = 200;
  const std::vector<double> noise = noisy_metrics(2 * seeds * steps), lrs(steps, 0.02);
  check_alone_and_together([&] {
    Descent descent(Surface::minima, 1.5, -0.5, seeds, steps, 0.9, 0.5);
    std::vector<double> positions(2 * seeds), losses(seeds);
    descent.advance(lrs.data(), false, noise.data(), steps, &steps, 1, positions.data(), losses.data());
    positions.insert(positions.end(), losses.begin(), losses.end());
    return positions;
  });
}

}  // namespace

int main() {
  // The longest of all kinds, and one that is asked for past its end.
  const std::vector<Curve> kinds = every_kind();
  for (const std::size_t i : {1UL, 8UL, 24UL, kinds.size() - 2}) check_tables(kinds[i]);
  check_lists(kinds[24]);
  check_making(kinds[8]);
  check_sweeps();
  check_trackers(1, many);
  check_trackers(20'000, 16);
  check_trackers(many, 1);
  check_descents();
  return failures;
}

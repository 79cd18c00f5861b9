// What the followers of a metric have in common: options that are one value for all runs or one a run, their
// rules, and how runs are cut among blocks and threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.hpp"
#include "stepcurve/plateau.hpp"
#include "threads.hpp"

namespace stepcurve::options {

// Below so many updates a second thread costs more than it saves.
constexpr std::int64_t updates_per_thread = 131'072;

// Fewer runs than this go one by one.
constexpr std::int64_t few_runs = 8;

constexpr double infinite = std::numeric_limits<double>::infinity();

// Of a run, whether there is one value for all or one a run.
template <class Value>
Value of(const std::vector<Value>& values, std::size_t run) {
  return values[values.size() == 1 ? 0 : run];
}

// One value a run of what follows from several options; one for all if each of them is.
template <class Value, class Make, class... Sources>
plateau::Column<Value> column(Make make, const Sources&... sources) {
  std::vector<Value> values(std::max({sources.size()...}));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = make(of(sources, i)...);
  return plateau::Column<Value>(values);
}

// One member of the bars of all runs.
template <class Options>
plateau::Column<double> bars(const Options& options, double plateau::Bar::* member) {
  return column<double>([&](auto... sources) { return plateau::bar(sources...).*member; }, options.mode,
                        options.threshold_mode, options.threshold, options.atol);
}

// Calls rule(...) with the values that belong together, of every run.
template <class Rule, class... Sources>
void check_together(Rule rule, const Sources&... sources) {
  for (std::size_t run = 0; run < std::max({sources.size()...}); ++run) rule(of(sources, run)...);
}

template <class Values, class Rule>
void check_each(const char* name, const Values& values, Rule rule) {
  for (const auto value : values) rule(name, static_cast<double>(value));
}

inline void not_negative(const char* name, double value) {
  if (!(value >= 0)) check::fail(name, ">= 0", value);
  check::finite(name, value);
}

// The options of all that judge a metric by a bar.
template <class Options>
void check_judging(const Options& options) {
  check_each("threshold", options.threshold, not_negative);
  check_each("atol", options.atol, not_negative);
  check_each("patience", options.patience, not_negative);
  check_each("warmup", options.warmup, not_negative);
  check_together(
      [](double atol, plateau::Threshold mode) {
        if (atol != 0 && mode == plateau::Threshold::abs)
          check::fail("atol", "0 where threshold_mode is 'abs': the threshold is it", atol);
      },
      options.atol, options.threshold_mode);
}

// Rows of one metric a run, or of one for all where shared, the first of them of step `begin`. Throws for the
// first NaN that a run refuses at its step.
template <class Refuses>
void check_nans(const double* metrics, bool shared, std::int64_t rows, std::int64_t runs, std::int64_t begin,
                Refuses refuses) {
  const std::int64_t columns = shared ? 1 : runs;
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    if (!std::isnan(metrics[i])) continue;
    const std::int64_t step = begin + i / columns, last = shared ? runs : i % columns + 1;
    for (std::int64_t run = i % columns; run < last; ++run) {
      if (!refuses(run, step)) continue;
      std::string where = "step " + std::to_string(step);
      if (runs > 1) where += ", run " + std::to_string(run);
      throw std::invalid_argument("metric must be a number, got nan at " + where);
    }
  }
}

// Calls work(begin, end) for parts of the runs, at most `most` of them at a time.
template <class Work>
void among_threads(std::int64_t runs, std::int64_t rows, int most, Work work) {
  const std::int64_t parts = (runs + few_runs - 1) / few_runs;
  in_parallel(runs, std::min(useful_threads(runs * rows, updates_per_thread, most), parts), work);
}

// Calls work(begin, count) for blocks of the runs: a block's state stays in the nearest cache for all rows.
template <class Work>
void by_blocks(std::int64_t begin, std::int64_t end, Work work) {
  constexpr std::int64_t block = plateau::Column<double>::block;
  for (std::int64_t run = begin; run < end; run += block)
    work(run, static_cast<int>(std::min(block, end - run)));
}

}  // namespace stepcurve::options

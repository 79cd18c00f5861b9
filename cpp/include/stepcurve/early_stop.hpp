// When to stop: the plateau's rule for what is better, with an end in place of a cut, for one run or many at
// once, live or from a log. A run that has stopped stays as it was when it did.
#pragma once

#include <cstdint>
#include <vector>

#include "stepcurve/plateau.hpp"

namespace stepcurve {
namespace early_stop {

enum class Nan : unsigned char { bad, skip, raise, stop };

// Every hyperparameter is one value for all runs, or one a run; a NaN for no baseline, target or limit.
struct Options {
  std::vector<double> threshold, atol, baseline, target, limit;
  std::vector<std::int64_t> patience, warmup;
  std::vector<std::int64_t> cumulative;  // 0 or 1
  std::vector<plateau::Mode> mode;
  std::vector<plateau::Threshold> threshold_mode;
  std::vector<Nan> nan;
};

// baseline is its bar: what is below it, times the sign, is better by the threshold; infinite for none.
// target and limit come times the sign.
struct Rule {
  plateau::Bar bar;
  double baseline, target, limit;
  std::int64_t patience, warmup, cumulative, nan;
};

// The steps are -1 while there is none.
struct State {
  double best;
  std::int64_t best_step, bad_steps, stopped_at;
};

// The same runs of every column, from the first of a block on.
struct Block {
  const double *sign, *scale, *offset, *baseline, *target, *limit;
  const std::int64_t *patience, *warmup, *cumulative, *nan;
  std::int64_t *best_step, *bad_steps, *stopped_at;
};

// A metric a run, and where to write whether it has stopped.
struct Row {
  const double* metrics;
  std::int64_t step;
  bool* stopped;
};

}  // namespace early_stop

class EarlyStop {
 public:
  // Throws std::invalid_argument for what is out of its range.
  EarlyStop(const early_stop::Options& options, std::int64_t runs);

  // The state, of every run. Whoever writes here sees to the ranges.
  plateau::Vector<double> best;
  plateau::Vector<std::int64_t> best_step, bad_steps, stopped_at;
  std::int64_t steps = 0;

  std::int64_t runs() const { return static_cast<std::int64_t>(best.size()); }

  // Rows of one metric a run, or of one for all where shared. Throws where a NaN meets Nan::raise.
  // rows_before: of a log that is checked in parts.
  void check(const double* metrics, bool shared, std::int64_t rows, std::int64_t rows_before = 0) const;
  // Whether every run has stopped, after each row. Checked before; throws but for want of memory,
  // and has then changed nothing.
  void replay(const double* metrics, bool shared, std::int64_t rows, int threads, bool* stopped);

 private:
  early_stop::Block block(std::int64_t begin);
  early_stop::Rule rule(std::int64_t run) const;

  plateau::Column<double> sign_, scale_, offset_, baseline_, target_, limit_;
  plateau::Column<std::int64_t> patience_, warmup_, cumulative_, nan_;
  bool any_raises_ = false;
};

}  // namespace stepcurve

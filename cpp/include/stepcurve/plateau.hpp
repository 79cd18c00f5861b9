// Learning rates that follow a metric: ReduceLROnPlateau and what other libraries do beyond it, for one run
// or many at once, live or from a log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

namespace stepcurve {
namespace plateau {

enum class Mode : unsigned char { min, max };
enum class Threshold : unsigned char { rel, abs };
enum class Trigger : unsigned char { above, reached };  // bad steps > patience, or >= it
enum class Nan : unsigned char { bad, skip, raise };

// Every hyperparameter is one value for all runs, or one a run.
struct Options {
  std::vector<double> lr, factor, threshold, atol, min_lr, max_lr, eps;
  std::vector<std::int64_t> patience, cooldown, warmup, window, accumulate, grow_cooldown;
  std::vector<std::int64_t> reset_after;             // cuts at the floor until all starts anew, 0 for never
  std::vector<std::int64_t> grow, cooldown_ignores;  // 0 or 1
  std::vector<Mode> mode;
  std::vector<Threshold> threshold_mode;
  std::vector<Trigger> trigger;
  std::vector<Nan> nan;
};

// An improvement is a metric below best * scale - offset, both times the sign: -1 where larger is better.
struct Bar {
  double sign, scale, offset;
};
Bar bar(Mode mode, Threshold threshold_mode, double threshold, double atol);

struct Rule {
  Bar bar;
  std::int64_t patience, cooldown;
  double factor, min_lr, eps;
};

struct State {
  double lr, best;
  std::int64_t bad_steps, cooldown_left;
};

// What a run does beyond torch's rule.
struct Extras {
  double max_lr, first_lr, first_best;
  std::int64_t warmup, window, accumulate, grow_cooldown, reset_after;
  bool grow, cooldown_ignores;
  Nan nan;
};

// Vectors that begin at a cache line: a wide load that lies across two costs twice as much.
template <class Value>
struct LineAllocator {
  using value_type = Value;
  static constexpr std::align_val_t line{64};
  LineAllocator() = default;
  template <class Other>
  LineAllocator(const LineAllocator<Other>&) {}
  Value* allocate(std::size_t count) {
    return static_cast<Value*>(::operator new(count * sizeof(Value), line));
  }
  void deallocate(Value* values, std::size_t) { ::operator delete(values, line); }
  template <class Other>
  bool operator==(const LineAllocator<Other>&) const {
    return true;
  }
};
template <class Value>
using Vector = std::vector<Value, LineAllocator<Value>>;

// One value for all runs, or one a run: read by blocks of runs, over which a value for all is written out.
template <class Value>
class Column {
 public:
  static constexpr std::int64_t block = 512;
  Column() = default;
  explicit Column(const std::vector<Value>& values)
      : values_(values.begin(), values.end()), shared_(values.size() == 1) {
    if (shared_) values_.assign(block, values.front());
  }
  const Value* from(std::int64_t run) const { return values_.data() + (shared_ ? 0 : run); }

 private:
  Vector<Value> values_;
  bool shared_ = false;
};

// The same runs of every column, from the first of a block on.
struct Block {
  const double *sign, *scale, *offset, *factor, *min_lr, *eps;
  const std::int64_t *patience, *cooldown;
  double *lr, *best;
  std::int64_t *bad_steps, *cooldown_left;
};

// Means of the last metrics, or of so many at a time.
struct Averages {
  std::vector<double> recent;          // the windows of all runs, one after the other
  std::vector<std::size_t> begin;      // of each run's window in recent
  std::vector<double> sum;             // of the window, or the mean so far
  std::vector<std::int64_t> averaged;  // metrics since the beginning, or since the last mean
};

}  // namespace plateau

class Plateau {
 public:
  // Throws std::invalid_argument for what is out of its range.
  Plateau(const plateau::Options& options, std::int64_t runs);

  // The state, of every run. Whoever writes here sees to the ranges.
  plateau::Vector<double> lr, best;
  plateau::Vector<std::int64_t> bad_steps, cooldown_left, good_steps, resets_left;
  std::int64_t steps = 0;
  plateau::Averages averages;  // empty where nothing is averaged

  std::int64_t runs() const { return static_cast<std::int64_t>(lr.size()); }

  // Rows of one metric a run, or of one for all where shared. Throws where a NaN meets Nan::raise.
  // rows_before: of a log that is checked in parts.
  void check(const double* metrics, bool shared, std::int64_t rows, std::int64_t rows_before = 0) const;
  // The lr of every run after each row. Checked before; throws but for want of memory,
  // and has then changed nothing.
  void replay(const double* metrics, bool shared, std::int64_t rows, int threads, double* lrs);

 private:
  // Rows of metrics and of learning rates, the first of them of step `steps`.
  struct Log {
    const double* metrics;
    double* lrs;
    bool shared;
    std::int64_t rows, runs;
    double metric(std::int64_t row, std::int64_t run) const {
      return metrics[shared ? row : row * runs + run];
    }
    double& lr(std::int64_t row, std::int64_t run) const { return lrs[row * runs + run]; }
  };
  void replay_runs(const Log& log, std::int64_t begin, std::int64_t end);
  void replay_block(const Log& log, std::int64_t begin, int count);
  void replay_run(const Log& log, std::int64_t run);
  void replay_beyond(const Log& log, std::int64_t run, std::int64_t from, std::int64_t to);
  bool ignores(const double* metrics, std::int64_t step, int count) const;
  plateau::Block block(std::int64_t begin);
  plateau::Rule rule(std::int64_t run) const;
  plateau::State take(std::int64_t run) const;
  void put(std::int64_t run, const plateau::State& state);
  bool average(std::size_t run, double& metric);
  void follow(std::size_t run, const plateau::Rule& rule, double metric, plateau::State& state);
  void reset(std::size_t run, plateau::State& state);

  plateau::Column<double> sign_, scale_, offset_, factor_, min_lr_, eps_;
  plateau::Column<std::int64_t> patience_, cooldown_;
  std::vector<plateau::Extras> extras_;  // of every run; empty where no run goes beyond torch's rule
  std::int64_t longest_warmup_ = 0;
  bool any_skips_ = false;     // NaN
  bool only_ignores_ = false;  // some metrics, and takes the others by torch's rule
};

}  // namespace stepcurve

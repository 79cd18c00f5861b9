#include "stepcurve/plateau.hpp"

#include <algorithm>
#include <cmath>

#include "check.hpp"
#include "kernels/plateau.hpp"
#include "options.hpp"

namespace stepcurve {

using namespace options;
using plateau::Bar;
using plateau::Column;
using plateau::Extras;
using plateau::Mode;
using plateau::Nan;
using plateau::Options;
using plateau::Rule;
using plateau::State;
using plateau::Threshold;
using plateau::Trigger;

namespace {

template <class Value>
bool any_other(const std::vector<Value>& values, Value ordinary) {
  return std::any_of(values.begin(), values.end(), [&](Value value) { return value != ordinary; });
}

bool ignores_some(const Options& options) {
  return any_other<std::int64_t>(options.warmup, 0) || any_other(options.nan, Nan::bad);
}

bool averages_some(const Options& options) {
  return any_other<std::int64_t>(options.window, 1) || any_other<std::int64_t>(options.accumulate, 1);
}

bool has_another_rule(const Options& options) {
  return any_other<std::int64_t>(options.grow, 0) || any_other<std::int64_t>(options.cooldown_ignores, 0) ||
         any_other<std::int64_t>(options.reset_after, 0);
}

void check_options(const Options& options) {
  const auto at_least_one = [](const char* name, double value) {
    if (!(value >= 1)) check::fail(name, ">= 1", value);
  };
  const auto fraction = [](const char* name, double value) {
    if (!(value > 0 && value < 1)) check::fail(name, "> 0 and < 1", value);
  };
  check_each("lr", options.lr, not_negative);
  check_each("factor", options.factor, fraction);
  check_judging(options);
  check_each("min_lr", options.min_lr, not_negative);
  check_each("max_lr", options.max_lr, [](const char* name, double value) {
    if (!(value >= 0)) check::fail(name, ">= 0", value);
  });
  check_each("eps", options.eps, not_negative);
  check_each("cooldown", options.cooldown, not_negative);
  check_each("window", options.window, at_least_one);
  check_each("accumulate", options.accumulate, at_least_one);
  check_each("grow_cooldown", options.grow_cooldown, not_negative);
  check_each("reset_after", options.reset_after, not_negative);
  check_together(
      [](double max_lr, double min_lr) {
        if (max_lr < min_lr) check::fail("max_lr", ">= min_lr", max_lr);
      },
      options.max_lr, options.min_lr);
  check_together(
      [](std::int64_t window, std::int64_t accumulate) {
        if (window > 1 && accumulate > 1)
          check::fail("accumulate", "1 where there is a window", static_cast<double>(accumulate));
      },
      options.window, options.accumulate);
}

}  // namespace

Bar plateau::bar(Mode mode, Threshold threshold_mode, double threshold, double atol) {
  const bool relative = threshold_mode == Threshold::rel, least = mode == Mode::min;
  const double scale = !relative ? 1.0 : least ? 1.0 - threshold : threshold + 1.0;
  return {least ? 1.0 : -1.0, scale, relative ? atol : threshold};
}

Plateau::Plateau(const Options& options, std::int64_t runs) {
  check_options(options);
  sign_ = bars(options, &Bar::sign);
  scale_ = bars(options, &Bar::scale);
  offset_ = bars(options, &Bar::offset);
  factor_ = Column<double>(options.factor);
  min_lr_ = Column<double>(options.min_lr);
  eps_ = Column<double>(options.eps);
  cooldown_ = Column<std::int64_t>(options.cooldown);
  // As many bad steps as the patience are more than one fewer; none at all are never enough.
  patience_ = column<std::int64_t>(
      [](std::int64_t patience, Trigger trigger) {
        return trigger == Trigger::above ? patience : std::max<std::int64_t>(patience - 1, 0);
      },
      options.patience, options.trigger);

  const auto size = static_cast<std::size_t>(runs);
  for (auto* counts : {&bad_steps, &cooldown_left, &good_steps, &resets_left}) counts->resize(size);
  for (std::size_t run = 0; run < size; ++run) {
    lr.push_back(of(options.lr, run));
    best.push_back(of(options.mode, run) == Mode::min ? infinite : -infinite);
  }
  only_ignores_ = !averages_some(options) && !has_another_rule(options);
  if (only_ignores_ && !ignores_some(options)) return;
  longest_warmup_ = *std::max_element(options.warmup.begin(), options.warmup.end());
  any_skips_ = std::find(options.nan.begin(), options.nan.end(), Nan::skip) != options.nan.end();
  for (std::size_t run = 0; run < size; ++run) {
    extras_.push_back({of(options.max_lr, run), lr[run], best[run], of(options.warmup, run),
                       of(options.window, run), of(options.accumulate, run), of(options.grow_cooldown, run),
                       of(options.reset_after, run), of(options.grow, run) != 0,
                       of(options.cooldown_ignores, run) != 0, of(options.nan, run)});
    resets_left[run] = extras_[run].reset_after;
  }
  if (!averages_some(options)) return;
  for (const auto& extras : extras_) {
    averages.begin.push_back(averages.recent.size());
    averages.recent.resize(averages.recent.size() + static_cast<std::size_t>(extras.window));
  }
  averages.sum.resize(size);
  averages.averaged.resize(size);
}

void Plateau::check(const double* metrics, bool shared, std::int64_t rows, std::int64_t rows_before) const {
  const auto raises = [](const Extras& extras) { return extras.nan == Nan::raise; };
  if (std::none_of(extras_.begin(), extras_.end(), raises)) return;
  check_nans(metrics, shared, rows, runs(), steps + rows_before, [&](std::int64_t run, std::int64_t step) {
    const Extras& extras = extras_[static_cast<std::size_t>(run)];
    return raises(extras) && step >= extras.warmup;
  });
}

Rule Plateau::rule(std::int64_t run) const {
  return {{*sign_.from(run), *scale_.from(run), *offset_.from(run)},
          *patience_.from(run),
          *cooldown_.from(run),
          *factor_.from(run),
          *min_lr_.from(run),
          *eps_.from(run)};
}

plateau::Block Plateau::block(std::int64_t begin) {
  return {sign_.from(begin),   scale_.from(begin),  offset_.from(begin),      factor_.from(begin),
          min_lr_.from(begin), eps_.from(begin),    patience_.from(begin),    cooldown_.from(begin),
          lr.data() + begin,   best.data() + begin, bad_steps.data() + begin, cooldown_left.data() + begin};
}

void Plateau::replay(const double* metrics, bool shared, std::int64_t rows, int most, double* lrs) {
  const Log log{metrics, lrs, shared, rows, runs()};
  among_threads(runs(), rows, most,
                [&](std::int64_t begin, std::int64_t end) { replay_runs(log, begin, end); });
  steps += rows;
}

void Plateau::replay_runs(const Log& log, std::int64_t begin, std::int64_t end) {
  const bool beyond = !extras_.empty() && !only_ignores_;
  if (!beyond && end - begin >= few_runs)
    return by_blocks(begin, end, [&](std::int64_t run, int count) { replay_block(log, run, count); });
  for (std::int64_t run = begin; run < end; ++run)
    extras_.empty() ? replay_run(log, run) : replay_beyond(log, run, 0, log.rows);
}

void Plateau::replay_block(const Log& log, std::int64_t begin, int count) {
  const plateau::Block runs_of_block = block(begin);
  double same[Column<double>::block];
  for (std::int64_t row = 0; row < log.rows; ++row) {
    const double* present = log.metrics + (log.shared ? row : row * log.runs + begin);
    if (log.shared) present = std::fill_n(same, count, *present) - count;
    if (!ignores(present, steps + row, count)) {
      run(runs_of_block, present, &log.lr(row, begin), count);
      continue;
    }
    for (std::int64_t run = begin; run < begin + count; ++run) replay_beyond(log, run, row, row + 1);
  }
}

// Whether one of these metrics may have to be ignored.
bool Plateau::ignores(const double* metrics, std::int64_t step, int count) const {
  if (step < longest_warmup_) return true;
  return any_skips_ &&
         std::any_of(metrics, metrics + count, [](double metric) { return std::isnan(metric); });
}

void Plateau::replay_run(const Log& log, std::int64_t run) {
  const Rule by = rule(run);
  State state = take(run);
  for (std::int64_t row = 0; row < log.rows; ++row) {
    plateau::advance(by, log.metric(row, run), state);
    log.lr(row, run) = state.lr;
  }
  put(run, state);
}

void Plateau::replay_beyond(const Log& log, std::int64_t run, std::int64_t from, std::int64_t to) {
  const auto index = static_cast<std::size_t>(run);
  const Extras& extras = extras_[index];
  const Rule by = rule(run);
  State state = take(run);
  for (std::int64_t row = from; row < to; ++row) {
    double metric = log.metric(row, run);
    const bool ignored = steps + row < extras.warmup || (extras.nan == Nan::skip && std::isnan(metric));
    if (!ignored && average(index, metric)) follow(index, by, metric, state);
    log.lr(row, run) = state.lr;
  }
  put(run, state);
}

// Makes a mean of the metric; false while there is none. A window's sum is kept by adding the new metric and
// taking away the oldest, as transformers does, and a mean of so many is made one by one, as optax does.
bool Plateau::average(std::size_t run, double& metric) {
  const std::int64_t window = extras_[run].window, accumulate = extras_[run].accumulate;
  if (window == 1 && accumulate == 1) return true;
  double& sum = averages.sum[run];
  std::int64_t& averaged = averages.averaged[run];
  if (accumulate > 1) {
    const auto before = static_cast<double>(averaged++);
    sum = (before * sum + metric) / static_cast<double>(averaged);
    if (averaged < accumulate) return false;
    metric = std::exchange(sum, 0.0);
    averaged = 0;
    return true;
  }
  double& oldest = averages.recent[averages.begin[run] + static_cast<std::size_t>(averaged % window)];
  sum += metric;
  if (averaged >= window) sum -= oldest;
  oldest = metric;
  metric = sum / static_cast<double>(std::min(++averaged, window));
  return true;
}

// torch's rule with what transformers' GreedyLR adds to it.
void Plateau::follow(std::size_t run, const Rule& rule, double metric, State& state) {
  const Extras& extras = extras_[run];
  std::int64_t& good = good_steps[run];
  const bool cooling = state.cooldown_left > 0;
  if (cooling && extras.cooldown_ignores) {
    --state.cooldown_left;
    state.bad_steps = good = 0;
    return;
  }
  good =
      extras.grow && !cooling && plateau::better(rule.bar, metric, state.best) ? plateau::one_more(good) : 0;
  const bool cut = plateau::judge(rule.bar, rule.patience, metric, state);
  if (good > rule.patience && extras.grow) {
    state.lr = plateau::grown(state.lr, extras.max_lr, rule.factor, rule.eps);
    state.cooldown_left = extras.grow_cooldown;
    good = 0;
    resets_left[run] = extras.reset_after;
  } else if (cut) {
    state.lr = recurrence::reduce(state.lr, rule.min_lr, rule.factor, rule.eps);
    if (extras.reset_after > 0 && !(state.lr > rule.min_lr) && --resets_left[run] <= 0) reset(run, state);
    state.cooldown_left = rule.cooldown;
    state.bad_steps = 0;
  }
}

void Plateau::reset(std::size_t run, State& state) {
  const Extras& extras = extras_[run];
  state = {extras.first_lr, extras.first_best, 0, 0};
  good_steps[run] = 0;
  resets_left[run] = extras.reset_after;
  if (averages.sum.empty()) return;
  averages.sum[run] = 0;
  averages.averaged[run] = 0;
}

State Plateau::take(std::int64_t run) const {
  const auto i = static_cast<std::size_t>(run);
  return {lr[i], best[i], bad_steps[i], cooldown_left[i]};
}

void Plateau::put(std::int64_t run, const State& state) {
  const auto i = static_cast<std::size_t>(run);
  lr[i] = state.lr;
  best[i] = state.best;
  bad_steps[i] = state.bad_steps;
  cooldown_left[i] = state.cooldown_left;
}

}  // namespace stepcurve

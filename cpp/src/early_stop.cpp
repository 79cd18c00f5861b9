#include "stepcurve/early_stop.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/early_stop.hpp"
#include "options.hpp"

namespace stepcurve {

using namespace options;
using early_stop::Nan;
using early_stop::Options;
using plateau::Bar;
using plateau::Column;
using plateau::Mode;

namespace {

double sign_of(Mode mode) { return mode == Mode::min ? 1.0 : -1.0; }

double signed_value(double value, Mode mode) { return value * sign_of(mode); }

}  // namespace

EarlyStop::EarlyStop(const Options& options, std::int64_t runs) {
  check_judging(options);
  sign_ = bars(options, &Bar::sign);
  scale_ = bars(options, &Bar::scale);
  offset_ = bars(options, &Bar::offset);
  baseline_ = column<double>(
      [](double baseline, auto... sources) {
        const Bar bar = plateau::bar(sources...);
        return std::isnan(baseline) ? infinite : baseline * bar.sign * bar.scale - bar.offset;
      },
      options.baseline, options.mode, options.threshold_mode, options.threshold, options.atol);
  target_ = column<double>(signed_value, options.target, options.mode);
  limit_ = column<double>(signed_value, options.limit, options.mode);
  patience_ = Column<std::int64_t>(options.patience);
  warmup_ = Column<std::int64_t>(options.warmup);
  cumulative_ = Column<std::int64_t>(options.cumulative);
  nan_ = column<std::int64_t>([](Nan nan) { return static_cast<std::int64_t>(nan); }, options.nan);
  any_raises_ = std::find(options.nan.begin(), options.nan.end(), Nan::raise) != options.nan.end();

  const auto size = static_cast<std::size_t>(runs);
  for (std::size_t run = 0; run < size; ++run) best.push_back(sign_of(of(options.mode, run)) * infinite);
  best_step.assign(size, -1);
  bad_steps.assign(size, 0);
  stopped_at.assign(size, -1);
}

void EarlyStop::check(const double* metrics, bool shared, std::int64_t rows, std::int64_t rows_before) const {
  if (!any_raises_) return;
  check_nans(metrics, shared, rows, runs(), steps + rows_before, [&](std::int64_t run, std::int64_t step) {
    return *nan_.from(run) == static_cast<std::int64_t>(Nan::raise) && step >= *warmup_.from(run);
  });
}

early_stop::Rule EarlyStop::rule(std::int64_t run) const {
  return {{*sign_.from(run), *scale_.from(run), *offset_.from(run)},
          *baseline_.from(run),
          *target_.from(run),
          *limit_.from(run),
          *patience_.from(run),
          *warmup_.from(run),
          *cumulative_.from(run),
          *nan_.from(run)};
}

early_stop::Block EarlyStop::block(std::int64_t begin) {
  return {sign_.from(begin),        scale_.from(begin), offset_.from(begin),      baseline_.from(begin),
          target_.from(begin),      limit_.from(begin), patience_.from(begin),    warmup_.from(begin),
          cumulative_.from(begin),  nan_.from(begin),   best_step.data() + begin, bad_steps.data() + begin,
          stopped_at.data() + begin};
}

void EarlyStop::replay(const double* metrics, bool shared, std::int64_t rows, int most, bool* stopped) {
  const std::int64_t columns = runs();
  const auto replay_run = [&](std::int64_t run) {
    const auto i = static_cast<std::size_t>(run);
    const early_stop::Rule by = rule(run);
    early_stop::State state{best[i], best_step[i], bad_steps[i], stopped_at[i]};
    for (std::int64_t row = 0; row < rows; ++row) {
      if (state.stopped_at < 0)
        early_stop::advance(by, metrics[shared ? row : row * columns + run], steps + row, state);
      stopped[row * columns + run] = state.stopped_at >= 0;
    }
    best[i] = state.best;
    best_step[i] = state.best_step;
    bad_steps[i] = state.bad_steps;
    stopped_at[i] = state.stopped_at;
  };
  const auto replay_block = [&](std::int64_t begin, int count) {
    const early_stop::Block runs_of_block = block(begin);
    double same[Column<double>::block];
    for (std::int64_t row = 0; row < rows; ++row) {
      const double* present = metrics + (shared ? row : row * columns + begin);
      if (shared) present = std::fill_n(same, count, *present) - count;
      early_stop::run(runs_of_block, {present, steps + row, stopped + row * columns + begin},
                      best.data() + begin, count);
    }
  };
  among_threads(columns, rows, most, [&](std::int64_t begin, std::int64_t end) {
    if (end - begin >= few_runs) return by_blocks(begin, end, replay_block);
    for (std::int64_t run = begin; run < end; ++run) replay_run(run);
  });
  steps += rows;
}

}  // namespace stepcurve

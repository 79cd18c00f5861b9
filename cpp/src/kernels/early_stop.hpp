// One metric of one run: the same few operations, without a branch, for a block of runs and for a log.
#pragma once

#include "kernels/plateau.hpp"
#include "stepcurve/early_stop.hpp"

namespace stepcurve::early_stop {

STEPCURVE_INLINE void advance(const Rule& rule, double metric, std::int64_t step, State& state) {
  const double value = metric * rule.bar.sign, best = state.best * rule.bar.sign;
  const bool nan = metric != metric;
  const bool skips = rule.nan == static_cast<std::int64_t>(Nan::skip);
  const bool stops = rule.nan == static_cast<std::int64_t>(Nan::stop);
  const bool takes = !((state.stopped_at >= 0) | (step < rule.warmup) | (nan & skips));
  const bool improved = plateau::better(rule.bar, metric, state.best);
  const bool becomes_best = takes & (improved | ((rule.cumulative == 0) & (value < best)));
  const std::int64_t bad_steps =
      (improved & (value < rule.baseline)) ? 0 : plateau::one_more(state.bad_steps);
  const bool patience_ends = !improved & (bad_steps >= rule.patience);
  const bool stop = patience_ends | (value <= rule.target) | (value >= rule.limit) | (nan & stops);
  state.best = becomes_best ? metric : state.best;
  state.best_step = becomes_best ? step : state.best_step;
  state.bad_steps = takes ? bad_steps : state.bad_steps;
  state.stopped_at = (takes & stop) ? step : state.stopped_at;
}

void run(const Block& block, const Row& row, double* best, int count);

}  // namespace stepcurve::early_stop

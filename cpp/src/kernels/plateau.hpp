// One metric of one run by torch's rule: the same few operations for a block of runs, a log, a drop-in
// scheduler.
#pragma once

#include <cstdint>

#include "kernels/kernel.hpp"
#include "stepcurve/plateau.hpp"
#include "stepcurve/recurrence.hpp"

namespace stepcurve::plateau {

// Whoever writes counts may write the largest; signed, one more would be undefined.
STEPCURVE_INLINE std::int64_t one_more(std::int64_t count) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(count) + 1);
}

STEPCURVE_INLINE bool better(const Bar& bar, double metric, double best) {
  return metric * bar.sign < best * bar.sign * bar.scale - bar.offset;
}

// Counts, and whether the lr is to be cut.
STEPCURVE_INLINE bool judge(const Bar& bar, std::int64_t patience, double metric, State& state) {
  const bool improved = better(bar, metric, state.best), cooling = state.cooldown_left > 0;
  state.best = improved ? metric : state.best;
  state.bad_steps = improved || cooling ? 0 : one_more(state.bad_steps);
  state.cooldown_left = cooling ? state.cooldown_left - 1 : state.cooldown_left;
  return state.bad_steps > patience;
}

STEPCURVE_INLINE void advance(const Rule& rule, double metric, State& state) {
  const bool cut = judge(rule.bar, rule.patience, metric, state);
  const double reduced = recurrence::reduce(state.lr, rule.min_lr, rule.factor, rule.eps);
  state.lr = cut ? reduced : state.lr;
  state.bad_steps = cut ? 0 : state.bad_steps;
  state.cooldown_left = cut ? rule.cooldown : state.cooldown_left;
}

inline double grown(double lr, double max_lr, double factor, double eps) {
  const double more = max_lr < lr / factor ? max_lr : lr / factor;
  return more - lr > eps ? more : lr;
}

// One metric a run; writes the lr of each after it.
void run(const Block& block, const double* metrics, double* lrs, int count);

}  // namespace stepcurve::plateau

// A metric of each of a block of runs.
#include "kernels/early_stop.hpp"

namespace stepcurve::early_stop {

template <bool>
STEPCURVE_INLINE void early_stop(const Block& given, const Row& row, double* STEPCURVE_RESTRICT best,
                                 int count) {
  const auto [sign, scale, offset, baseline, target, limit, patience, warmup, cumulative, nan, best_step,
              bad_steps, stopped_at] = given;
  const auto [metrics, step, stopped] = row;
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    const Rule rule{{sign[i], scale[i], offset[i]},
                    baseline[i],
                    target[i],
                    limit[i],
                    patience[i],
                    warmup[i],
                    cumulative[i],
                    nan[i]};
    State state{best[i], best_step[i], bad_steps[i], stopped_at[i]};
    advance(rule, metrics[i], step, state);
    best[i] = state.best;
    best_step[i] = state.best_step;
    bad_steps[i] = state.bad_steps;
    stopped_at[i] = state.stopped_at;
  }
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) stopped[i] = stopped_at[i] >= 0;
}

STEPCURVE_KERNEL(early_stop_kernel, Block, const Row&, early_stop);

void run(const Block& block, const Row& row, double* best, int count) {
  early_stop_kernel(block, row, best, count);
}

}  // namespace stepcurve::early_stop

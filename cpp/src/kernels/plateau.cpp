// torch's rule over a block of runs.
#include "kernels/plateau.hpp"

namespace stepcurve::plateau {

template <bool>
STEPCURVE_INLINE void plateau(const Block& given, const double* STEPCURVE_RESTRICT metrics,
                              double* STEPCURVE_RESTRICT lrs, int count) {
  const auto [sign, scale, offset, factor, min_lr, eps, patience, cooldown, lr, best, bad_steps,
              cooldown_left] = given;
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    const Rule rule{{sign[i], scale[i], offset[i]}, patience[i], cooldown[i], factor[i], min_lr[i], eps[i]};
    State state{lr[i], best[i], bad_steps[i], cooldown_left[i]};
    advance(rule, metrics[i], state);
    lr[i] = state.lr;
    best[i] = state.best;
    bad_steps[i] = state.bad_steps;
    cooldown_left[i] = state.cooldown_left;
    lrs[i] = state.lr;
  }
}

STEPCURVE_KERNEL(plateau_kernel, Block, const double*, plateau);

void run(const Block& block, const double* metrics, double* lrs, int count) {
  plateau_kernel(block, metrics, lrs, count);
}

}  // namespace stepcurve::plateau

// Ordinary options of the followers of a metric, and metrics for them.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "stepcurve/early_stop.hpp"
#include "stepcurve/plateau.hpp"

namespace stepcurve {

inline plateau::Options plateau_options() {
  using namespace plateau;
  return {.lr = {0.1},
          .factor = {0.1},
          .threshold = {1e-4},
          .atol = {0},
          .min_lr = {0},
          .max_lr = {std::numeric_limits<double>::infinity()},
          .eps = {1e-8},
          .patience = {1},
          .cooldown = {0},
          .warmup = {0},
          .window = {1},
          .accumulate = {1},
          .grow_cooldown = {0},
          .reset_after = {0},
          .grow = {0},
          .cooldown_ignores = {0},
          .mode = {Mode::min},
          .threshold_mode = {Threshold::rel},
          .trigger = {Trigger::above},
          .nan = {Nan::bad}};
}

inline early_stop::Options early_stop_options() {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  return {.threshold = {0},
          .atol = {0},
          .baseline = {none},
          .target = {none},
          .limit = {none},
          .patience = {2},
          .warmup = {0},
          .cumulative = {1},
          .mode = {plateau::Mode::min},
          .threshold_mode = {plateau::Threshold::abs},
          .nan = {early_stop::Nan::bad}};
}

// Numbers from -1 to 1 in no order, the same every time.
inline std::vector<double> noisy_metrics(std::int64_t count) {
  std::vector<double> metrics(static_cast<std::size_t>(count));
  std::uint64_t state = 1;
  for (double& metric : metrics) {
    state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX generator
    metric = static_cast<double>(state >> 11) * 0x1p-52 - 1.0;
  }
  return metrics;
}

}  // namespace stepcurve

// Steps of SGD and the loss, over a row of seeds.
#pragma once

#include <cstdint>

#include "stepcurve/descent.hpp"

namespace stepcurve::descent {

struct Steps {
  const double* lrs;  // one a step, or if held one a seed
  bool held;
  std::int64_t count;
  double momentum, sigma;
};

using Walk = void (*)(const Steps&, const double* noise, double* state, int seeds);
using Loss = void (*)(const double* x_and_y, double* losses, int seeds);

Walk walk(Surface surface);
Loss loss(Surface surface);

}  // namespace stepcurve::descent

// The shapes that curves are made of: plain parameters, checked when a curve is made of them (make in
// curve.hpp). `steps` is the length; `start` is the value at 0 and `end` the value at `steps`, to the bit.
// p stands for time / steps.
#pragma once

#include <limits>
#include <vector>

namespace stepcurve {

inline constexpr double endless = std::numeric_limits<double>::infinity();

struct Constant {
  double value, steps = endless;
};

struct Linear {
  double start, end, steps;
};

// end + (start - end) (1 - p^inner_power)^power
struct Polynomial {
  double start, end, steps, power = 1.0, inner_power = 1.0;
};

// end + (start - end) ((1 + cos(2 pi cycles p^inner_power)) / 2)^power
struct Cosine {
  double start, end, steps, cycles = 0.5, power = 1.0, inner_power = 1.0;
};

// start (end / start)^p
struct Exponential {
  double start, end, steps;
};

// start rate^(time / every), endless
struct Decay {
  double start, rate, every = 1.0;
};

// start (1 + time / timescale)^-power, endless
struct Inverse {
  double start, timescale, power = 1.0;
};

// end + (start - end) (tanh upper - tanh y) / (tanh upper - tanh lower), y = lower + (upper - lower) p
struct Tanh {
  double start, end, steps, lower = -7.0, upper = 3.0;
};

// start + (end - start) log(1 + time) / log(1 + steps)
struct Log {
  double start, end, steps;
};

// values[i] from begins[i] on, endless; begins[0] is 0.
struct Piecewise {
  std::vector<double> begins, values;
};

}  // namespace stepcurve

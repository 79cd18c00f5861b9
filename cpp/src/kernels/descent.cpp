// The surfaces, their gradients, and SGD's step. Sums and products alone, so that every CPU takes the same
// path.
#include "kernels/descent.hpp"

#include <cmath>

#include "kernels/kernel.hpp"

namespace stepcurve::descent {
namespace {

struct Place {
  double x, y;
};

struct Bowl {
  static STEPCURVE_INLINE double value(double x, double y) { return 0.1 * (x * x) + 10.0 * (y * y); }
  static STEPCURVE_INLINE Place gradient(double x, double y) { return {0.2 * x, 20.0 * y}; }
};

struct Valley {
  static STEPCURVE_INLINE double value(double x, double y) {
    const double along = x - 1.0, across = y - x * x;
    return 0.25 * (along * along) + 2.0 * (across * across);
  }
  static STEPCURVE_INLINE Place gradient(double x, double y) {
    const double across = y - x * x;
    return {0.5 * (x - 1.0) - 8.0 * x * across, 4.0 * across};
  }
};

// To the nearest whole number, by what adding 1.5 * 2^52 rounds off: no call, so that it vectorises. Right
// below 2^51, far beyond the horizon.
STEPCURVE_INLINE double from_nearest(double x) {
  constexpr double shift = 6755399441055744.0;
  return x - ((x + shift) - shift);
}

struct Minima {
  static STEPCURVE_INLINE double height(double x) {
    const double u = from_nearest(x), square = u * u;
    return 0.05 * (x * x) + square * (2.0 - 8.0 / 3.0 * std::fabs(u));
  }
  static STEPCURVE_INLINE double slope(double x) {
    const double u = from_nearest(x);
    return 0.1 * x + 4.0 * u * (1.0 - 2.0 * std::fabs(u));
  }
  static STEPCURVE_INLINE double value(double x, double y) { return height(x) + height(y); }
  static STEPCURVE_INLINE Place gradient(double x, double y) { return {slope(x), slope(y)}; }
};

template <class Surface, bool Held>
STEPCURVE_INLINE void one_step(const Steps& steps, std::int64_t step, const double* STEPCURVE_RESTRICT noise,
                               double* STEPCURVE_RESTRICT state, int seeds) {
  double *x = state, *y = x + seeds, *along_x = y + seeds, *along_y = along_x + seeds;
  const double *noise_x = noise, *noise_y = noise + seeds;
  const double momentum = steps.momentum, sigma = steps.sigma, lr = Held ? 0.0 : steps.lrs[step];
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < seeds; ++i) {
    const Place slope = Surface::gradient(x[i], y[i]);
    const double velocity_x = momentum * along_x[i] + (slope.x + sigma * noise_x[i]);
    const double velocity_y = momentum * along_y[i] + (slope.y + sigma * noise_y[i]);
    const double rate = Held ? steps.lrs[i] : lr;
    const bool here = (std::fabs(x[i]) <= Descent::horizon) & (std::fabs(y[i]) <= Descent::horizon);
    x[i] = here ? x[i] - rate * velocity_x : x[i];
    y[i] = here ? y[i] - rate * velocity_y : y[i];
    along_x[i] = here ? velocity_x : along_x[i];
    along_y[i] = here ? velocity_y : along_y[i];
  }
}

template <class Surface>
STEPCURVE_INLINE void walk(const Steps& steps, const double* noise, double* state, int seeds) {
  for (std::int64_t step = 0; step < steps.count; ++step) {
    const double* row = noise + step * 2 * seeds;
    steps.held ? one_step<Surface, true>(steps, step, row, state, seeds)
               : one_step<Surface, false>(steps, step, row, state, seeds);
  }
}

template <bool>
STEPCURVE_INLINE void bowl(const Steps& steps, const double* noise, double* state, int seeds) {
  walk<Bowl>(steps, noise, state, seeds);
}
template <bool>
STEPCURVE_INLINE void valley(const Steps& steps, const double* noise, double* state, int seeds) {
  walk<Valley>(steps, noise, state, seeds);
}
template <bool>
STEPCURVE_INLINE void minima(const Steps& steps, const double* noise, double* state, int seeds) {
  walk<Minima>(steps, noise, state, seeds);
}

STEPCURVE_KERNEL(bowl_kernel, Steps, const double*, bowl);
STEPCURVE_KERNEL(valley_kernel, Steps, const double*, valley);
STEPCURVE_KERNEL(minima_kernel, Steps, const double*, minima);

template <class Surface>
void row_of_losses(const double* STEPCURVE_RESTRICT x_and_y, double* STEPCURVE_RESTRICT losses, int seeds) {
  for (int i = 0; i < seeds; ++i) losses[i] = Surface::value(x_and_y[i], x_and_y[seeds + i]);
}

}  // namespace

Walk walk(Surface surface) {
  const auto target = static_cast<int>(active_target());
  if (surface == Surface::bowl) return bowl_kernel.clones[target];
  return surface == Surface::valley ? valley_kernel.clones[target] : minima_kernel.clones[target];
}

Loss loss(Surface surface) {
  if (surface == Surface::bowl) return row_of_losses<Bowl>;
  return surface == Surface::valley ? row_of_losses<Valley> : row_of_losses<Minima>;
}

}  // namespace stepcurve::descent

// Descent: SGD with momentum on surfaces of two coordinates, many seeds at once, to see what a schedule does.
#pragma once

#include <cstdint>
#include <vector>

namespace stepcurve {

// bowl    (x^2 / 5 + 20 y^2) / 2, of curvatures 0.2 and 20
// valley  (x - 1)^2 / 4 + 2 (y - x^2)^2, whose floor is the parabola y = x^2
// minima  h(x) + h(y), h(x) = x^2 / 20 + 2 u^2 - 8/3 |u|^3 with u from x to the nearest whole number: a
// minimum
//         near each of them. What is periodic is a sine's integral, the sine drawn as parabolas.
enum class Surface { bowl, valley, minima };

enum class Verdict : std::int64_t { settled, unsettled, trapped, diverged };

class Descent {
 public:
  // Beyond so much in a coordinate a seed has diverged, and stays where it is.
  static constexpr double horizon = 1e3;

  // All seeds at one place and at rest; they will take `steps` steps. Throws std::invalid_argument.
  Descent(Surface surface, double x, double y, std::int64_t seeds, std::int64_t steps, double momentum,
          double sigma);

  std::int64_t seeds() const { return seeds_; }
  std::int64_t done() const { return done_; }

  // What advance would refuse: more steps than are left, or places to record that are not in order among
  // them.
  void check(std::int64_t count, const std::int64_t* at, std::int64_t places) const;

  // Takes `count` steps, each as torch.optim.SGD: v = momentum v + g, position -= lr v, where g is the
  // gradient plus sigma times the noise. One lr a step, or with `held` one a seed for all these steps;
  // noise[step][2][seed]. After at[i] steps, counted from the first of all, writes positions[i][2][seed] and
  // losses[i][seed].
  void advance(const double* lrs, bool held, const double* noise, std::int64_t count, const std::int64_t* at,
               std::int64_t places, double* positions, double* losses);

  // The loss of each seed where it is.
  void losses(double* out) const;

  // Judged over the last tenth of all steps, at least one: diverged; settled, its mean loss at most
  // `settled`; trapped, all that time nearest to one whole place that is not the origin, of minima; or
  // unsettled.
  std::vector<std::int64_t> verdicts(double settled) const;

 private:
  void walk(const double* lrs, bool held, const double* noise, std::int64_t count);
  void watch();

  Surface surface_;
  std::int64_t seeds_, steps_, tail_, done_ = 0;
  double momentum_, sigma_;
  std::vector<double> state_;             // x, y and their velocities, a row each
  std::vector<double> losses_, sum_;      // of the tail
  std::vector<double> lowest_, highest_;  // x and y in the tail
};

// The loss at places: x and y are rows of `count`.
void surface_losses(Surface surface, const double* x_and_y, double* losses, std::int64_t count);

}  // namespace stepcurve

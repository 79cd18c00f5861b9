// A descent in stretches: to the next place to record, step by step in the tail, where every step is watched.
#include "stepcurve/descent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "check.hpp"
#include "kernels/descent.hpp"

namespace stepcurve {
namespace {

constexpr std::int64_t most_seeds = 1 << 20;

std::int64_t whole(const char* name, std::int64_t value, std::int64_t most) {
  check::between(name, static_cast<double>(value), 1.0, static_cast<double>(most));
  return value;
}

}  // namespace

Descent::Descent(Surface surface, double x, double y, std::int64_t seeds, std::int64_t steps, double momentum,
                 double sigma)
    : surface_(surface),
      seeds_(whole("seeds", seeds, most_seeds)),
      steps_(whole("steps", steps, std::int64_t{1} << 53)),
      tail_(steps_ - std::max<std::int64_t>(1, steps_ / 10)),
      momentum_(check::between("momentum", momentum, 0.0, 1.0)),
      sigma_(check::between("sigma", sigma, 0.0, std::numeric_limits<double>::max())) {
  check::between("x", x, -horizon, horizon);
  check::between("y", y, -horizon, horizon);
  const auto row = static_cast<std::size_t>(seeds_);
  state_.assign(4 * row, 0.0);
  std::fill_n(state_.begin(), row, x);
  std::fill_n(state_.begin() + seeds_, row, y);
  losses_.assign(row, 0.0);
  sum_.assign(row, 0.0);
  lowest_.assign(2 * row, std::numeric_limits<double>::infinity());
  highest_.assign(2 * row, -std::numeric_limits<double>::infinity());
}

void Descent::check(std::int64_t count, const std::int64_t* at, std::int64_t places) const {
  if (count < 0 || count > steps_ - done_) {
    throw std::invalid_argument("a descent of " + std::to_string(steps_) + " steps has " +
                                std::to_string(steps_ - done_) + " left, got " + std::to_string(count));
  }
  for (std::int64_t i = 0; i < places; ++i) {
    if (at[i] <= (i > 0 ? at[i - 1] : done_) || at[i] > done_ + count) {
      throw std::invalid_argument("places to record must rise and be among the steps to take, got " +
                                  std::to_string(at[i]));
    }
  }
}

void Descent::advance(const double* lrs, bool held, const double* noise, std::int64_t count,
                      const std::int64_t* at, std::int64_t places, double* positions, double* losses) {
  const std::int64_t begin = done_, end = begin + count;
  for (std::int64_t place = 0; done_ < end;) {
    const std::int64_t stop = place < places ? at[place] : end;
    const std::int64_t taken = done_ - begin, stretch = done_ < tail_ ? std::min(stop, tail_) - done_ : 1;
    walk(held ? lrs : lrs + taken, held, noise + 2 * seeds_ * taken, stretch);
    if (done_ > tail_) watch();
    if (place < places && done_ == stop) {
      std::copy_n(state_.begin(), 2 * seeds_, positions + 2 * seeds_ * place);
      this->losses(losses + seeds_ * place);
      ++place;
    }
  }
}

void Descent::walk(const double* lrs, bool held, const double* noise, std::int64_t count) {
  descent::walk(surface_)({lrs, held, count, momentum_, sigma_}, noise, state_.data(),
                          static_cast<int>(seeds_));
  done_ += count;
}

void Descent::watch() {
  losses(losses_.data());
  const auto row = static_cast<std::size_t>(seeds_);
  for (std::size_t i = 0; i < row; ++i) sum_[i] += losses_[i];
  for (std::size_t i = 0; i < 2 * row; ++i) {
    lowest_[i] = std::min(lowest_[i], state_[i]);
    highest_[i] = std::max(highest_[i], state_[i]);
  }
}

void Descent::losses(double* out) const {
  descent::loss(surface_)(state_.data(), out, static_cast<int>(seeds_));
}

std::vector<std::int64_t> Descent::verdicts(double settled) const {
  if (done_ < steps_) {
    throw std::invalid_argument("verdicts are of all steps, and " + std::to_string(steps_ - done_) +
                                " are left");
  }
  const auto row = static_cast<std::size_t>(seeds_);
  std::vector<std::int64_t> all(row);
  for (std::size_t i = 0; i < row; ++i) {
    const bool here = std::fabs(state_[i]) <= horizon && std::fabs(state_[row + i]) <= horizon;
    const double place_x = std::nearbyint(lowest_[i]), place_y = std::nearbyint(lowest_[row + i]);
    const bool stayed =
        place_x == std::nearbyint(highest_[i]) && place_y == std::nearbyint(highest_[row + i]);
    Verdict verdict = Verdict::unsettled;
    if (!here) {
      verdict = Verdict::diverged;
    } else if (sum_[i] / static_cast<double>(steps_ - tail_) <= settled) {
      verdict = Verdict::settled;
    } else if (surface_ == Surface::minima && stayed && (place_x != 0.0 || place_y != 0.0)) {
      verdict = Verdict::trapped;
    }
    all[i] = static_cast<std::int64_t>(verdict);
  }
  return all;
}

void surface_losses(Surface surface, const double* x_and_y, double* losses, std::int64_t count) {
  descent::loss(surface)(x_and_y, losses, static_cast<int>(count));
}

}  // namespace stepcurve

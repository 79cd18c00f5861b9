#include "stepcurve/recurrence.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/plateau.hpp"

namespace stepcurve::recurrence {
namespace {

constexpr double pi = std::numbers::pi;
constexpr Update keep{Form::keep};
constexpr Update unknown{};

Update scale(double factor) { return {Form::scale, factor}; }

// Python's float ** float where its result is a finite float and neither operand needs a special rule.
bool power(double base, double exponent, double& result) {
  if (!(base >= 0) || !std::isfinite(base) || !std::isfinite(exponent) || (base == 0 && exponent < 0))
    return false;
  result = std::pow(base, exponent);
  return std::isfinite(result);
}

Update scale_by_power(double base, double exponent) {
  double factor;
  return power(base, exponent, factor) ? scale(factor) : unknown;
}

// Whether Python's number % divisor is 0, for whole numbers without the slow division of doubles.
bool divides(double divisor, double number) {
  const auto whole = static_cast<Epoch>(divisor), of = static_cast<Epoch>(number);
  if (static_cast<double>(whole) == divisor && static_cast<double>(of) == number) return of % whole == 0;
  return std::fmod(number, divisor) == 0;
}

// b + (y - b) (1 + cos(pi x)) / 2, where the angle is math.pi * x / length in torch.
Update cosine_arc(double x, double length, double floor) {
  const double angle = pi * x / length;
  return std::isfinite(angle) ? Update{Form::arc, 1 + std::cos(angle), floor} : unknown;
}

}  // namespace

Update StepLR::next(Epoch epoch) const {
  if (step_size <= 0) return unknown;
  return epoch == 0 || epoch % step_size != 0 ? keep : scale(gamma);
}

Update StepLR::at(Epoch epoch) const {
  if (step_size <= 0 || epoch < 0) return unknown;
  return scale_by_power(gamma, static_cast<double>(epoch / step_size));
}

Update MultiStepLR::next(Epoch count) const {
  if (count == 0) return keep;
  return count == 1 ? scale(gamma) : scale_by_power(gamma, static_cast<double>(count));
}

Update MultiStepLR::at(Epoch passed) const { return scale_by_power(gamma, static_cast<double>(passed)); }

Update ConstantLR::next(Epoch epoch) const {
  if (epoch == 0) return scale(factor);
  if (static_cast<double>(epoch) != total_iters) return keep;
  return factor == 0 ? unknown : scale(1.0 / factor);
}

Update ConstantLR::at(Epoch epoch) const {
  return scale(factor + (static_cast<double>(epoch) >= total_iters ? 1 - factor : 0 * (1 - factor)));
}

Update LinearLR::next(Epoch epoch) const {
  const double e = static_cast<double>(epoch), rise = end_factor - start_factor;
  if (epoch == 0) return scale(start_factor);
  if (e > total_iters) return keep;
  const double present = total_iters * start_factor + (e - 1) * rise;
  return present == 0 ? unknown : scale(1.0 + rise / present);
}

Update LinearLR::at(Epoch epoch) const {
  if (total_iters == 0) return unknown;
  const double passed = std::min(total_iters, static_cast<double>(epoch));
  return scale(start_factor + (end_factor - start_factor) * passed / total_iters);
}

Update ExponentialLR::next(Epoch) const { return scale(gamma); }

Update ExponentialLR::at(Epoch epoch) const { return scale_by_power(gamma, static_cast<double>(epoch)); }

Update PolynomialLR::next(Epoch epoch) const {
  const double e = static_cast<double>(epoch);
  if (e > total_iters) return keep;
  if (total_iters == 0) return unknown;
  const double before = 1.0 - (e - 1) / total_iters;
  return before == 0 ? unknown : scale_by_power((1.0 - e / total_iters) / before, power);
}

Update PolynomialLR::at(Epoch epoch) const {
  if (total_iters == 0) return unknown;
  return scale_by_power(1.0 - std::min(total_iters, static_cast<double>(epoch)) / total_iters, power);
}

Update CosineAnnealingLR::next(Epoch epoch) {
  constexpr double most = 0x1p62;  // as far as Epoch reaches
  const double e = static_cast<double>(epoch), per_step = pi / T_max;
  if (!(T_max > 0 && T_max < most) || !std::isfinite(per_step)) return unknown;
  if (divides(2 * T_max, e - 1 - T_max)) return {Form::rise, 1 - std::cos(per_step), eta_min};
  const double angle = pi * e / T_max, before = pi * (e - 1) / T_max;
  if (!std::isfinite(angle) || !std::isfinite(before)) return unknown;
  const double present = 1 + (known_epoch == epoch - 1 ? known_cosine : std::cos(before));
  known_epoch = epoch;
  known_cosine = std::cos(angle);
  return present == 0 ? unknown : Update{Form::ratio, (1 + known_cosine) / present, eta_min};
}

Update CosineAnnealingLR::at(Epoch epoch) const {
  return T_max == 0 ? unknown : cosine_arc(static_cast<double>(epoch), T_max, eta_min);
}

Update CosineAnnealingWarmRestarts::next(Epoch epoch) {
  if (!(T_i > 0) || T_cur < 0) return unknown;
  T_cur += 1;
  if (T_cur >= 2 * T_i) return unknown;  // torch before 2.8 subtracts T_i once
  if (T_cur >= T_i) {
    T_cur = std::fmod(T_cur, T_i);
    T_i *= T_mult;
  }
  return at(epoch);
}

Update CosineAnnealingWarmRestarts::at(Epoch) const {
  return T_i == 0 ? unknown : cosine_arc(T_cur, T_i, eta_min);
}

OneCycleLR::Step OneCycleLR::next(Epoch epoch) const {
  const double e = static_cast<double>(epoch);
  if (e > total_steps || phase_ends.empty()) return {};
  std::size_t phase = 0;
  double start = 0.0;
  while (phase + 1 < phase_ends.size() && !(e <= phase_ends[phase])) start = phase_ends[phase++];
  const double length = phase_ends[phase] - start;
  if (length == 0) return {};
  const double part = (e - start) / length;
  if (linear) return {phase, {Form::anneal_linear, part}};
  if (!std::isfinite(part)) return {};
  return {phase, {Form::anneal_cos, std::cos(pi * part) + 1}};
}

Update CyclicLR::next(Epoch epoch) const {
  if (total_size == 0) return unknown;
  const double e = static_cast<double>(epoch);
  const double cycle = std::floor(1 + e / total_size);
  const double x = 1.0 + e / total_size - cycle;
  const double divisor = x <= step_ratio ? step_ratio : step_ratio - 1;
  if (divisor == 0 || !std::isfinite(cycle)) return unknown;
  const double height = (x <= step_ratio ? x : x - 1) / divisor;
  double gain = 1.0;
  if (mode == Mode::triangular2) {
    if (!power(2.0, cycle - 1, gain) || gain == 0) return unknown;
    gain = 1 / gain;
  } else if (mode == Mode::exp_range && !power(gamma, by_cycle ? cycle : e, gain)) {
    return unknown;
  }
  return {Form::climb, height, gain};
}

Update SWALR::next(Epoch) {
  double step = static_cast<double>(step_count++);
  if (anneal_epochs == 0) step = std::max(1.0, step);
  const double epochs = std::max(1.0, anneal_epochs);
  const auto alpha = [&](double passed) {
    const double t = std::clamp(passed / epochs, 0.0, 1.0);
    return linear ? t : (1 - std::cos(pi * t)) / 2;
  };
  return {Form::average, alpha(step), alpha(step - 1)};
}

bool ReduceLROnPlateau::step(double metric) {
  // A count is above a patience where it is above its floor, and above none that is no number.
  constexpr double most = 0x1p62;
  const double whole = std::isnan(patience) ? most : std::clamp(std::floor(patience), -most, most);
  improved = plateau::better(bar, metric, state.best);
  return plateau::judge(bar, static_cast<Epoch>(whole), metric, state);
}

}  // namespace stepcurve::recurrence

// torch's schedulers as they step: each new learning rate from the present one, by the floating-point
// operations of torch.optim.lr_scheduler in their order, so that the bits agree. One struct a scheduler,
// named as torch's, with torch's names for its hyperparameters. What torch would refuse, or compute in other
// types than doubles, is Form::unknown; the caller then lets torch's own code do it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "stepcurve/plateau.hpp"

namespace stepcurve::recurrence {

using Epoch = std::int64_t;

// How a group's new value follows from two of its values, x and y, and two constants of the step, a and b.
enum class Form : unsigned char {
  unknown,
  keep,           // x
  scale,          // x a
  ratio,          // a (x - b) + b
  rise,           // x + (y - b) a / 2
  arc,            // b + (y - b) a / 2
  anneal_cos,     // y + (x - y) / 2 a
  anneal_linear,  // (y - x) a + x
  climb,          // x + (y - x) a b
  descend,        // y - (y - x) a b
  average,        // y a + (x - b y) / (1 - b) (1 - a), from the rate before averaging began
  reduce,         // the larger of x a and y, unless that is no more than b below x
};

struct Update {
  Form form = Form::unknown;
  double a = 0, b = 0;
};

inline double reduce(double x, double y, double a, double b) {
  const double reduced = y > x * a ? y : x * a;
  return x - reduced > b ? reduced : x;
}

// The new value. Number is double, or whatever else computes as torch does; the constants are plain scalars.
template <class Number>
Number apply(const Update& update, const Number& x, const Number& y) {
  const Number a(update.a), b(update.b), one(1.0), two(2.0);
  switch (update.form) {
    case Form::unknown:
    case Form::keep: return x;
    case Form::scale: return x * a;
    case Form::ratio: return a * (x - b) + b;
    case Form::rise: return x + (y - b) * a / two;
    case Form::arc: return b + (y - b) * a / two;
    case Form::anneal_cos: return y + (x - y) / two * a;
    case Form::anneal_linear: return (y - x) * a + x;
    case Form::climb: return x + (y - x) * a * b;
    case Form::descend: return y - (y - x) * a * b;
    case Form::average: return y * a + (update.b == 1 ? y : (x - b * y) / (one - b)) * (one - a);
    case Form::reduce: return reduce(x, y, update.a, update.b);
  }
  return x;
}

// next(epoch) is the step() that brings last_epoch to epoch: x is the group's lr, y its base lr.
// at(epoch) is torch's _update_lr(epoch), the closed form where torch has one: x and y are the base lr.

struct StepLR {
  Epoch step_size;
  double gamma;
  Update next(Epoch epoch) const;
  Update at(Epoch epoch) const;
};

struct MultiStepLR {
  double gamma;
  // count: how often the epoch is listed as a milestone; passed: how many milestones are not after it.
  Update next(Epoch count) const;
  Update at(Epoch passed) const;
};

struct ConstantLR {
  double factor, total_iters;
  Update next(Epoch epoch) const;
  Update at(Epoch epoch) const;
};

struct LinearLR {
  double start_factor, end_factor, total_iters;
  Update next(Epoch epoch) const;
  Update at(Epoch epoch) const;
};

struct ExponentialLR {
  double gamma;
  Update next(Epoch epoch) const;
  Update at(Epoch epoch) const;
};

struct PolynomialLR {
  double total_iters, power;
  Update next(Epoch epoch) const;
  Update at(Epoch epoch) const;
};

struct CosineAnnealingLR {
  double T_max, eta_min;
  Epoch known_epoch =
      std::numeric_limits<Epoch>::min();  // of the last step: the next one needs its cosine again
  double known_cosine = 0;
  Update next(Epoch epoch);
  Update at(Epoch epoch) const;
};

// A step moves T_cur on, and T_i at the end of a cycle; the epoch plays no part.
struct CosineAnnealingWarmRestarts {
  double T_mult, eta_min, T_cur, T_i;
  Update next(Epoch epoch);
  Update at(Epoch epoch) const;
};

// x and y are base_lr and max_lr, or base_momentum and max_momentum.
struct CyclicLR {
  enum class Mode : unsigned char { triangular, triangular2, exp_range };
  double total_size, step_ratio, gamma;
  Mode mode;
  bool by_cycle;  // what exp_range counts: cycles, or steps
  Update next(Epoch epoch) const;
  Update at(Epoch epoch) const { return next(epoch); }
};

// x and y are lr and swa_lr. A step moves step_count on; the epoch plays no part.
struct SWALR {
  double anneal_epochs;
  bool linear;
  Epoch step_count;
  Update next(Epoch epoch);
  Update at(Epoch) const { return {}; }
};

// x and y are the values between which a phase anneals: of the lr, or of the momentum.
struct OneCycleLR {
  double total_steps;
  bool linear;
  std::span<const double> phase_ends;  // the last step of each phase
  struct Step {
    std::size_t phase = 0;
    Update update;
  };
  Step next(Epoch epoch) const;
};

// x and y are lr and min_lr.
struct ReduceLROnPlateau {
  plateau::Bar bar;
  double patience, factor, eps;
  plateau::State state;   // but for the lr, of which every group has its own
  bool improved = false;  // by the last step
  // Whether the lr is to be reduced, by update(). The caller then starts the cooldown.
  bool step(double metric);
  Update update() const { return {Form::reduce, factor, eps}; }
};

}  // namespace stepcurve::recurrence

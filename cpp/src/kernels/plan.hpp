// What each kernel needs of its shape, worked out once: a plan is plain numbers, made in twofold
// arithmetic and read by every clone. `stretch` multiplies the shape's length, so that a stretched curve
// has the bits of the longer shape. An extrapolating plan goes on past the end instead of holding.
#pragma once

#include "math/twofold.hpp"
#include "stepcurve/shape.hpp"
#include "stretch.hpp"
#include "times.hpp"

namespace stepcurve {

// From start to end over steps. Values are kept divided by `scale`, a power of two, so that no
// product of theirs leaves the range in which its error is exact.
struct Frame {
  double start, end, scale;
  double steps;   // the length in force
  double limit;   // later times read as this one: steps, or infinity
  double last;    // the value at steps: end, but for a cosine of other cycles than 1/2, 3/2, ...
  Pair drop;      // start - end
  Pair per_step;  // 1 / steps
  bool one_sign;  // start and end are on one side of 0, and times stay between them
  // Seen from the end of smaller magnitude, so that between values of one sign no sum cancels: its value,
  // its time, the way from it (1 or -1) and what is added on that way.
  double small, origin, direction;
  Pair rise;
};

struct LinearPlan {
  Frame frame;
  Pair slope;  // value a step away from the end of smaller magnitude
};

struct PolynomialPlan {
  Frame frame;
  double power, inner_power;
  int halves, inner_halves;  // as halves_of them
  double sign_below_zero;    // of an integer power
  bool growing;  // from a value to a smaller one of its sign: the two terms of the sum agree in sign
};

struct CosinePlan {
  Frame frame;
  Pair angle;  // a step of the plain half wave
  double cycles, power, inner_power;
  bool plain;  // half a wave between values of one sign, by blocks
  double block;
};

struct ExponentialPlan {
  double start, exponent;  // a significand in [1, 2), an exponent of two
  double steps, end, limit;
  Pair rate;  // log2 of the factor a step
  double block;
};

struct InversePlan {
  double start, scale, exponent, timescale, power;  // scale is 2^exponent
  int halves;
};

struct TanhPlan {
  Frame frame;
  double lower, upper;
  Pair range;                 // upper - lower
  Pair from_start, from_end;  // what makes the way from either end 1 at the other
};

struct LogPlan {
  Frame frame;
  Pair top;     // 1 + steps, unstretched
  Pair factor;  // 1 / log(top)
  Pair stretch;
};

LinearPlan plan(const Linear& shape, Stretch stretch, bool extrapolate);
PolynomialPlan plan(const Polynomial& shape, Stretch stretch, bool extrapolate);
CosinePlan plan(const Cosine& shape, Stretch stretch, bool extrapolate);
ExponentialPlan plan(const Exponential& shape, Stretch stretch, bool extrapolate);
ExponentialPlan plan(const Decay& shape, Stretch stretch, bool extrapolate);
InversePlan plan(const Inverse& shape, Stretch stretch, bool extrapolate);
TanhPlan plan(const Tanh& shape, Stretch stretch, bool extrapolate);
LogPlan plan(const Log& shape, Stretch stretch, bool extrapolate);

void run(const LinearPlan& plan, const Times& times, double* values);
void run(const PolynomialPlan& plan, const Times& times, double* values);
void run(const CosinePlan& plan, const Times& times, double* values);
void run(const ExponentialPlan& plan, const Times& times, double* values);
void run(const InversePlan& plan, const Times& times, double* values);
void run(const TanhPlan& plan, const Times& times, double* values);
void run(const LogPlan& plan, const Times& times, double* values);

}  // namespace stepcurve

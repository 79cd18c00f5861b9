// The leaves of a curve: each shape with its rules, its name and its kernel.
#include <algorithm>
#include <cmath>

#include "check.hpp"
#include "kernels/plan.hpp"
#include "node.hpp"

namespace stepcurve {
namespace {

// Rules. A fall may start and end anywhere finite.
template <class Fall>
void check_fall(const Fall& shape) {
  check::finite("start", shape.start);
  check::finite("end", shape.end);
  check::steps("steps", shape.steps);
}

void check_shape(const Constant& shape) {
  check::finite("value", shape.value);
  check::steps_or_endless("steps", shape.steps);
}

void check_shape(const Linear& shape) { check_fall(shape); }

void check_shape(const Polynomial& shape) {
  check_fall(shape);
  check::exponent("power", shape.power);
  check::exponent("inner_power", shape.inner_power);
}

void check_shape(const Cosine& shape) {
  check_fall(shape);
  check::positive("cycles", shape.cycles);
  check::between("cycles", shape.cycles, 0.0, 0x1p50);  // where half waves are counted exactly
  check::exponent("power", shape.power);
  check::exponent("inner_power", shape.inner_power);
}

void check_shape(const Exponential& shape) {
  check_fall(shape);
  if (shape.start == 0.0) check::fail("start", "nonzero", shape.start);
  if (shape.end == 0.0) check::fail("end", "nonzero", shape.end);
  if (std::signbit(shape.start) != std::signbit(shape.end)) {
    check::fail("end", "of the sign of start", shape.end);
  }
}

void check_shape(const Decay& shape) {
  check::finite("start", shape.start);
  check::positive("rate", shape.rate);
  check::steps("every", shape.every);
}

void check_shape(const Inverse& shape) {
  check::finite("start", shape.start);
  check::steps("timescale", shape.timescale);
  check::exponent("power", shape.power);
}

void check_shape(const Tanh& shape) {
  check_fall(shape);
  // tanh is 1 to the last bit from 20 on; the limit keeps its argument's digits.
  check::between("lower", shape.lower, -1e6, 1e6);
  check::between("upper", shape.upper, -1e6, 1e6);
  if (!(shape.upper > shape.lower)) check::fail("upper", "> lower", shape.upper);
  if (shape.upper - shape.lower < 0x1p-53)
    check::fail("upper", "above lower by 2**-53 at least", shape.upper);
}

void check_shape(const Log& shape) { check_fall(shape); }

void check_shape(const Piecewise& shape) {
  if (shape.begins.empty()) throw std::invalid_argument("piecewise must have at least one value");
  if (shape.begins[0] != 0.0) check::fail("first step of piecewise", "0", shape.begins[0]);
  check::boundaries({shape.begins.begin() + 1, shape.begins.end()});
  for (const double value : shape.values) check::finite("values", value);
}

// Names and arguments, as in Python.
Expression expression(const Constant& s) {
  return {"constant", {{"value", s.value}, {"steps", s.steps}}, {}};
}

template <class Fall>
Expression fall(const char* name, const Fall& s) {
  return {name, {{"start", s.start}, {"end", s.end}, {"steps", s.steps}}, {}};
}

Expression expression(const Linear& s) { return fall("linear", s); }

Expression expression(const Polynomial& s) {
  Expression made = fall("polynomial", s);
  made.arguments.insert(made.arguments.end(), {{"power", s.power}, {"inner_power", s.inner_power}});
  return made;
}

Expression expression(const Cosine& s) {
  Expression made = fall("cosine", s);
  made.arguments.insert(made.arguments.end(),
                        {{"cycles", s.cycles}, {"power", s.power}, {"inner_power", s.inner_power}});
  return made;
}

Expression expression(const Exponential& s) { return fall("exponential", s); }

Expression expression(const Decay& s) {
  return {"decay", {{"start", s.start}, {"rate", s.rate}, {"every", s.every}}, {}};
}

Expression expression(const Inverse& s) {
  return {"inverse", {{"start", s.start}, {"timescale", s.timescale}, {"power", s.power}}, {}};
}

Expression expression(const Tanh& s) {
  Expression made = fall("tanh", s);
  made.arguments.insert(made.arguments.end(), {{"lower", s.lower}, {"upper", s.upper}});
  return made;
}

Expression expression(const Log& s) { return fall("log", s); }

Expression expression(const Piecewise& s) {
  Expression expression{"piecewise", {}, {}};  // for the reason in sequence.cpp
  expression.arguments.emplace_back("begins", s.begins);
  expression.arguments.emplace_back("values", s.values);
  return expression;
}

// Whether the formula means something past the end.
template <class Shape>
void check_extrapolation(const Shape&) {}

void check_extrapolation(const Polynomial& shape) {
  // 1 - p is negative there.
  const bool whole = shape.power == std::floor(shape.power);
  if (!whole) check::fail("power", "an integer to extrapolate", shape.power);
  if (shape.power != 1.0 && shape.inner_power != 1.0) {
    check::fail("power", "1 to extrapolate with an inner_power", shape.power);
  }
}

template <class Shape>
class ShapeNode final : public Node {
 public:
  explicit ShapeNode(const Shape& shape, bool extrapolate = false)
      : shape_(shape), extrapolate_(extrapolate), plan_(plan(shape, Stretch{}, extrapolate)) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch&) const override {
    if (stretch.none()) {
      run(plan_, times, values);
    } else {
      run(plan(shape_, stretch, extrapolate_), times, values);
    }
  }

  double steps() const override {
    if constexpr (requires { shape_.steps; }) return shape_.steps;
    return endless;
  }

  Expression describe() const override { return expression(shape_); }

  NodePtr extrapolated() const override {
    check_extrapolation(shape_);
    return std::make_shared<ShapeNode>(shape_, true);
  }

 private:
  Shape shape_;
  bool extrapolate_;
  decltype(plan(Shape{}, Stretch{}, false)) plan_;
};

class ConstantNode final : public Node {
 public:
  explicit ConstantNode(const Constant& shape) : shape_(shape) {}

  void evaluate(const Times& times, Stretch, double* values, Scratch&) const override {
    std::fill_n(values, times.count, shape_.value);
  }

  double steps() const override { return shape_.steps; }
  Expression describe() const override { return expression(shape_); }
  NodePtr extrapolated() const override { return std::make_shared<ConstantNode>(shape_); }
  bool is_constant() const override { return shape_.steps == endless; }

 private:
  Constant shape_;
};

class PiecewiseNode final : public Node {
 public:
  explicit PiecewiseNode(const Piecewise& shape) : shape_(shape) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch&) const override {
    const auto& begins = shape_.begins;
    const auto piece_of = [&](double time) {
      const auto after = std::upper_bound(begins.begin() + 1, begins.end(), time,
                                          [&](double t, double begin) { return t < begin * stretch; });
      return static_cast<std::size_t>(after - begins.begin()) - 1;
    };
    for (int i = 0; i < times.count;) {
      const std::size_t piece = piece_of(times.at(i));
      const int end = run_end(times, i, [&](double t) { return piece_of(t) == piece; });
      std::fill(values + i, values + end, shape_.values[piece]);
      i = end;
    }
  }

  double steps() const override { return endless; }
  Expression describe() const override { return expression(shape_); }
  NodePtr extrapolated() const override { return std::make_shared<PiecewiseNode>(shape_); }

 private:
  Piecewise shape_;
};

template <class Made, class Shape>
Curve checked(const Shape& shape) {
  check_shape(shape);
  return Curve{std::make_shared<Made>(shape)};
}

}  // namespace

Curve make(const Constant& shape) { return checked<ConstantNode>(shape); }
Curve make(const Linear& shape) { return checked<ShapeNode<Linear>>(shape); }
Curve make(const Polynomial& shape) { return checked<ShapeNode<Polynomial>>(shape); }
Curve make(const Cosine& shape) { return checked<ShapeNode<Cosine>>(shape); }
Curve make(const Exponential& shape) { return checked<ShapeNode<Exponential>>(shape); }
Curve make(const Decay& shape) { return checked<ShapeNode<Decay>>(shape); }
Curve make(const Inverse& shape) { return checked<ShapeNode<Inverse>>(shape); }
Curve make(const Tanh& shape) { return checked<ShapeNode<Tanh>>(shape); }
Curve make(const Log& shape) { return checked<ShapeNode<Log>>(shape); }
Curve make(const Piecewise& shape) { return checked<PiecewiseNode>(shape); }

}  // namespace stepcurve

// What a curve's time does: stairs, shifts, stretches, holds, and what happens past the end.
#include <algorithm>

#include "check.hpp"
#include "node.hpp"

namespace stepcurve {
namespace {

// Times before 0 read as 0, which a shift would otherwise move inside the curve.
Times from_zero(const Times& times, double* buffer) {
  if (times.sorted && times.at(0) >= 0.0) return times;
  for (int i = 0; i < times.count; ++i) buffer[i] = std::max(times.at(i), 0.0);
  return Times::listed(buffer, times.count, times.sorted);
}

class StairsNode final : public Node {
 public:
  StairsNode(const Curve& curve, double every, bool extrapolate = false)
      : Node(curve), curve_(curve), every_(every), extrapolate_(extrapolate) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    const Scratch::Lease floored(scratch);
    const double last = extrapolate_ ? endless : curve_.steps() * stretch;
    const double every = every_ * stretch;
    for (int i = 0; i < times.count; ++i) {
      floored[i] = whole_multiples(std::min(times.at(i), last), every) * every;
    }
    curve_.node()->evaluate(Times::listed(floored, times.count, times.sorted), stretch, values, scratch);
  }

  double steps() const override { return curve_.steps(); }

  NodePtr extrapolated() const override {
    return std::make_shared<StairsNode>(Curve{curve_.node()->extrapolated()}, every_, true);
  }

  Expression describe() const override { return {"stairs", {{"every", every_}}, {curve_}}; }

 private:
  Curve curve_;
  double every_;
  bool extrapolate_;
};

class ShiftNode final : public Node {
 public:
  ShiftNode(const Curve& curve, double steps) : Node(curve), curve_(curve), steps_(steps) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    const Scratch::Lease started(scratch), shifted(scratch);
    curve_.node()->evaluate(later(from_zero(times, started), steps_ * stretch, shifted), stretch, values,
                            scratch);
  }

  double steps() const override { return curve_.steps() + steps_; }

  NodePtr extrapolated() const override {
    return std::make_shared<ShiftNode>(Curve{curve_.node()->extrapolated()}, steps_);
  }

  Expression describe() const override { return {"shift", {{"steps", steps_}}, {curve_}}; }

 private:
  Curve curve_;
  double steps_;
};

class StretchNode final : public Node {
 public:
  StretchNode(const Curve& curve, double factor) : Node(curve), curve_(curve), factor_(factor) {
    add_stretch(factor, factor);
  }

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    curve_.node()->evaluate(times, stretch.times(factor_), values, scratch);
  }

  double steps() const override { return curve_.steps() * factor_; }
  bool is_constant() const override { return curve_.node()->is_constant(); }

  NodePtr extrapolated() const override {
    return std::make_shared<StretchNode>(Curve{curve_.node()->extrapolated()}, factor_);
  }

  Expression describe() const override { return {"stretch", {{"factor", factor_}}, {curve_}}; }

 private:
  Curve curve_;
  double factor_;
};

class HoldNode final : public Node {
 public:
  HoldNode(const Curve& curve, double steps) : Node(curve), curve_(curve), steps_(steps) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    const Scratch::Lease held(scratch);
    const double last = curve_.steps() * stretch;
    for (int i = 0; i < times.count; ++i) held[i] = std::min(times.at(i), last);
    curve_.node()->evaluate(Times::listed(held, times.count, times.sorted), stretch, values, scratch);
  }

  double steps() const override { return curve_.steps() + steps_; }
  NodePtr extrapolated() const override { return std::make_shared<HoldNode>(curve_, steps_); }
  Expression describe() const override { return {"hold", {{"steps", steps_}}, {curve_}}; }

 private:
  Curve curve_;
  double steps_;
};

class ExtrapolateNode final : public Node {
 public:
  explicit ExtrapolateNode(const Curve& curve)
      : Node(curve), curve_(curve), beyond_(curve.node()->extrapolated()) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    beyond_->evaluate(times, stretch, values, scratch);
  }

  double steps() const override { return curve_.steps(); }
  NodePtr extrapolated() const override { return beyond_; }
  Expression describe() const override { return {"past_end", {{"policy", "extrapolate"}}, {curve_}}; }

 private:
  Curve curve_;
  NodePtr beyond_;
};

class RaiseNode final : public Node {
 public:
  explicit RaiseNode(const Curve& curve) : Node(curve), curve_(curve) { may_raise_ = true; }

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    const double last = curve_.steps() * stretch;
    for (int i = 0; i < times.count; ++i) {
      if (times.at(i) > last) {
        throw PastEndError("time must be <= " + check::text(last) + ", the end of the curve, got " +
                           check::text(times.at(i)));
      }
    }
    curve_.node()->evaluate(times, stretch, values, scratch);
  }

  double steps() const override { return curve_.steps(); }
  NodePtr extrapolated() const override { return curve_.node()->extrapolated(); }
  Expression describe() const override { return {"past_end", {{"policy", "raise"}}, {curve_}}; }

 private:
  Curve curve_;
};

class JumpNode final : public Node {
 public:
  JumpNode(const Curve& curve, double value) : Node(curve), curve_(curve), value_(value) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    curve_.node()->evaluate(times, stretch, values, scratch);
    const double last = curve_.steps() * stretch;
    for (int i = 0; i < times.count; ++i) values[i] = times.at(i) > last ? value_ : values[i];
  }

  double steps() const override { return curve_.steps(); }
  NodePtr extrapolated() const override { return curve_.node()->extrapolated(); }
  Expression describe() const override { return {"past_end", {{"policy", value_}}, {curve_}}; }

 private:
  Curve curve_;
  double value_;
};

template <class Made, class... Arguments>
Curve made(const Arguments&... arguments) {
  return Curve{std::make_shared<Made>(arguments...)};
}

// The curve under a past-end policy: a later policy replaces an earlier one.
Curve without_policy(const Curve& curve) {
  const Expression expression = curve.describe();
  return expression.name == "past_end" ? expression.operands[0] : curve;
}

}  // namespace

Curve stairs(const Curve& curve, double every) {
  check::steps("every", every);
  return made<StairsNode>(curve, every);
}

Curve shift(const Curve& curve, double steps) {
  check::time("steps", steps);
  if (!(curve.steps() + steps > 0.0)) check::fail("steps", "> -" + check::text(curve.steps()), steps);
  check::steps_or_endless("total steps", curve.steps() + steps);
  return made<ShiftNode>(curve, steps);
}

Curve stretch(const Curve& curve, double factor) {
  check::steps("factor", factor);
  check::steps_or_endless("total steps", curve.steps() * factor);
  return made<StretchNode>(curve, factor);
}

Curve hold(const Curve& curve, double steps) {
  check::steps_or_endless("steps", steps);
  if (curve.steps() == endless) check::fail("steps of a held curve", "finite", endless);
  check::steps_or_endless("total steps", curve.steps() + steps);
  return made<HoldNode>(curve, steps);
}

Curve past_end(const Curve& curve, PastEnd policy) {
  const Curve bare = without_policy(curve);
  switch (policy) {
    case PastEnd::extrapolate: return made<ExtrapolateNode>(bare);
    case PastEnd::repeat: return repeat(bare, Repeat{});
    case PastEnd::raise: return made<RaiseNode>(bare);
    case PastEnd::hold: break;
  }
  return bare;
}

Curve past_end(const Curve& curve, double value) {
  check::finite("value", value);
  return made<JumpNode>(without_policy(curve), value);
}

}  // namespace stepcurve

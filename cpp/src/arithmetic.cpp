// Products, sums and clipping of values.
#include <algorithm>

#include "check.hpp"
#include "node.hpp"

namespace stepcurve {
namespace {

struct Product {
  static constexpr const char* name = "product";
  static double apply(double a, double b) { return a * b; }
};

struct Sum {
  static constexpr const char* name = "sum";
  static double apply(double a, double b) { return a + b; }
};

// Folds its operands from the left.
template <class Operation>
class FoldNode final : public Node {
 public:
  explicit FoldNode(std::vector<Curve> operands) : Node(operands), operands_(std::move(operands)) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    operands_[0].node()->evaluate(times, stretch, values, scratch);
    const Scratch::Lease other(scratch);
    for (std::size_t i = 1; i < operands_.size(); ++i) {
      operands_[i].node()->evaluate(times, stretch, other, scratch);
      for (int j = 0; j < times.count; ++j) values[j] = Operation::apply(values[j], other[j]);
    }
  }

  double steps() const override {
    double longest = 0.0;
    for (const Curve& operand : operands_) {
      if (!operand.node()->is_constant()) longest = std::max(longest, operand.steps());
    }
    return longest == 0.0 ? endless : longest;
  }

  bool is_constant() const override {
    return std::all_of(operands_.begin(), operands_.end(),
                       [](const Curve& operand) { return operand.node()->is_constant(); });
  }

  NodePtr extrapolated() const override {
    std::vector<Curve> operands;
    for (const Curve& operand : operands_) operands.emplace_back(operand.node()->extrapolated());
    return std::make_shared<FoldNode>(std::move(operands));
  }

  Expression describe() const override { return {Operation::name, {}, operands_}; }

  const std::vector<Curve>& operands() const { return operands_; }

 private:
  std::vector<Curve> operands_;
};

// (a * b) * c is one fold of three, with the same roundings.
template <class Operation>
Curve fold(const std::vector<Curve>& curves) {
  std::vector<Curve> operands;
  if (const auto* first = dynamic_cast<const FoldNode<Operation>*>(curves[0].node().get())) {
    operands = first->operands();
  } else {
    operands.push_back(curves[0]);
  }
  operands.insert(operands.end(), curves.begin() + 1, curves.end());
  return Curve{std::make_shared<FoldNode<Operation>>(std::move(operands))};
}

class ClipNode final : public Node {
 public:
  ClipNode(const Curve& curve, double low, double high)
      : Node(curve), curve_(curve), low_(low), high_(high) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    curve_.node()->evaluate(times, stretch, values, scratch);
    for (int i = 0; i < times.count; ++i) {
      const double value = values[i] < low_ ? low_ : values[i];
      values[i] = value > high_ ? high_ : value;
    }
  }

  double steps() const override { return curve_.steps(); }
  bool is_constant() const override { return curve_.node()->is_constant(); }

  NodePtr extrapolated() const override {
    return std::make_shared<ClipNode>(Curve{curve_.node()->extrapolated()}, low_, high_);
  }

  Expression describe() const override { return {"clip", {{"low", low_}, {"high", high_}}, {curve_}}; }

 private:
  Curve curve_;
  double low_, high_;
};

}  // namespace

Curve product(const std::vector<Curve>& curves) { return fold<Product>(curves); }

Curve sum(const std::vector<Curve>& curves) { return fold<Sum>(curves); }

Curve clip(const Curve& curve, double low, double high) {
  if (!(low < endless)) check::fail("low", "a number below inf", low);
  if (!(high >= low && high > -endless)) check::fail("high", ">= low and above -inf", high);
  return Curve{std::make_shared<ClipNode>(curve, low, high)};
}

}  // namespace stepcurve

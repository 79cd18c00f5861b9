#include "node.hpp"

#include <algorithm>

#include "check.hpp"

namespace stepcurve {

Node::Node(const std::vector<Curve>& operands) {
  for (const Curve& operand : operands) {
    depth_ = std::max(depth_, operand.node()->depth() + 1);
    may_raise_ = may_raise_ || operand.node()->may_raise();
  }
  if (depth_ > max_depth) throw std::invalid_argument("curve must be nested at most 64 levels deep");
}

double Curve::steps() const { return node_->steps(); }

Expression Curve::describe() const { return node_->describe(); }

}  // namespace stepcurve

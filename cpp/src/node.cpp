#include "node.hpp"

#include <algorithm>

#include "check.hpp"

namespace stepcurve {

Node::Node(const std::vector<Curve>& operands) {
  for (const Curve& operand : operands) {
    depth_ = std::max(depth_, operand.node()->depth() + 1);
    size_ += operand.node()->size_;
    may_raise_ = may_raise_ || operand.node()->may_raise();
    least_stretch_ = std::min(least_stretch_, operand.node()->least_stretch_);
    most_stretch_ = std::max(most_stretch_, operand.node()->most_stretch_);
  }
  if (depth_ > max_depth) throw std::invalid_argument("curve must be nested at most 64 levels deep");
  add_size(0);
}

void Node::add_size(std::size_t more) {
  size_ += static_cast<double>(more);
  if (size_ > max_size) check::fail("shapes, combinators and cycles in a curve", "at most 2**20", size_);
}

void Node::add_stretch(double least, double most) {
  least_stretch_ *= least;
  most_stretch_ *= most;
  // As the longest length is to the shortest.
  if (least_stretch_ < 0x1p-106 || most_stretch_ > 0x1p106) {
    throw std::invalid_argument("curve must be stretched by 2**-106 to 2**106 in all");
  }
}

double Curve::steps() const { return node_->steps(); }

double Curve::size() const { return node_->size(); }

Expression Curve::describe() const { return node_->describe(); }

}  // namespace stepcurve

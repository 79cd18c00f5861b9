// One curve after another: `a >> b`, and joins with boundaries of their own.
#include <algorithm>

#include "check.hpp"
#include "node.hpp"

namespace stepcurve {
namespace {

class SequenceNode : public Node {
 public:
  // begins[i] is where pieces[i + 1] begins.
  SequenceNode(std::vector<Curve> pieces, std::vector<double> begins, Owner owner, Clock clock)
      : Node(pieces), pieces_(std::move(pieces)), begins_(std::move(begins)), owner_(owner), clock_(clock) {}

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    for (int i = 0; i < times.count;) {
      const std::size_t piece = piece_at(times.at(i), stretch);
      const int end = run_end(times, i, [&](double time) { return owns(piece, time, stretch); });
      evaluate_piece(piece, times.part(i, end), stretch, values + i, scratch);
      i = end;
    }
  }

  double steps() const override {
    const double last = pieces_.back().steps();
    if (begins_.empty()) return last;
    return clock_ == Clock::local ? begins_.back() + last : std::max(begins_.back(), last);
  }

  NodePtr extrapolated() const override {
    std::vector<Curve> pieces = pieces_;
    pieces.back() = Curve{pieces.back().node()->extrapolated()};
    return std::make_shared<SequenceNode>(std::move(pieces), begins_, owner_, clock_);
  }

  Expression describe() const override {
    Expression expression{"join", {}, pieces_};
    // Not copied from a list: libstdc++ 12 destroys a variant wrongly where copying its vector finds no
    // memory.
    expression.arguments.emplace_back("boundaries", begins_);
    expression.arguments.emplace_back("owner", owner_ == Owner::later ? "later" : "earlier");
    expression.arguments.emplace_back("clock", clock_ == Clock::local ? "local" : "global");
    return expression;
  }

  const std::vector<Curve>& pieces() const { return pieces_; }

 private:
  bool begun(double time, double begin) const {
    return owner_ == Owner::later ? time >= begin : time > begin;
  }

  std::size_t piece_at(double time, Stretch stretch) const {
    const auto next = std::partition_point(begins_.begin(), begins_.end(),
                                           [&](double begin) { return begun(time, begin * stretch); });
    return static_cast<std::size_t>(next - begins_.begin());
  }

  bool owns(std::size_t piece, double time, Stretch stretch) const {
    return (piece == 0 || begun(time, begins_[piece - 1] * stretch)) &&
           (piece == begins_.size() || !begun(time, begins_[piece] * stretch));
  }

  void evaluate_piece(std::size_t piece, const Times& times, Stretch stretch, double* values,
                      Scratch& scratch) const {
    const double begin = piece == 0 || clock_ == Clock::global ? 0.0 : begins_[piece - 1] * stretch;
    const Scratch::Lease local(scratch);
    pieces_[piece].node()->evaluate(later(times, begin, local), stretch, values, scratch);
  }

  std::vector<Curve> pieces_;
  std::vector<double> begins_;
  Owner owner_;
  Clock clock_;
};

// Made by `>>`: prints as such, and takes other chains in, so that a long one stays one level deep.
class ChainNode final : public SequenceNode {
 public:
  ChainNode(std::vector<Curve> pieces, std::vector<double> begins)
      : SequenceNode(std::move(pieces), std::move(begins), Owner::later, Clock::local) {}
  Expression describe() const override { return {"sequence", {}, pieces()}; }
};

}  // namespace

Curve sequence(const std::vector<Curve>& curves) {
  std::vector<Curve> pieces;
  for (const Curve& curve : curves) {
    if (const auto* chain = dynamic_cast<const ChainNode*>(curve.node().get())) {
      pieces.insert(pieces.end(), chain->pieces().begin(), chain->pieces().end());
    } else {
      pieces.push_back(curve);
    }
  }
  std::vector<double> begins;
  double begin = 0.0;
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    if (pieces[i].steps() == endless) {
      check::fail("steps of a curve that another follows", "finite", endless);
    }
    begins.push_back(begin = check::steps("total steps", begin + pieces[i].steps()));
  }
  check::steps_or_endless("total steps", begin + pieces.back().steps());
  return Curve{std::make_shared<ChainNode>(std::move(pieces), std::move(begins))};
}

Curve join(const std::vector<Curve>& curves, const std::vector<double>& boundaries, Owner owner,
           Clock clock) {
  if (curves.empty()) throw std::invalid_argument("join must have at least one curve");
  if (boundaries.size() + 1 != curves.size()) {
    throw std::invalid_argument("boundaries must be one fewer than curves, got " +
                                std::to_string(boundaries.size()) + " for " + std::to_string(curves.size()) +
                                " curves");
  }
  check::boundaries(boundaries);
  const auto node = std::make_shared<SequenceNode>(curves, boundaries, owner, clock);
  check::steps_or_endless("total steps", node->steps());
  return Curve{node};
}

}  // namespace stepcurve

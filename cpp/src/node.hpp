// The inside of a curve: a node evaluates a block of times. Every value depends on its time alone, never
// on its neighbours, so that a scalar call, an array, a table and any split among threads give the same
// bits.
#pragma once

#include <memory>
#include <vector>

#include "stepcurve/curve.hpp"
#include "stretch.hpp"
#include "times.hpp"

namespace stepcurve {

// Block-sized buffers, lent in stack order. One per thread; a node takes at most two at a time.
class Scratch {
 public:
  Scratch(double* memory, int block) : next_(memory), block_(block) {}

  class Lease {
   public:
    explicit Lease(Scratch& scratch) : scratch_(scratch), data_(scratch.next_) {
      scratch.next_ += scratch.block_;
    }
    ~Lease() { scratch_.next_ -= scratch_.block_; }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    operator double*() const { return data_; }

   private:
    Scratch& scratch_;
    double* data_;
  };

 private:
  double* next_;
  int block_;
};

using NodePtr = std::shared_ptr<const Node>;

class Node {
 public:
  virtual ~Node() = default;

  // values[i] at times.at(i) of the curve made longer by `stretch`. Times before 0 read as 0. The
  // buffers do not overlap.
  virtual void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const = 0;

  virtual double steps() const = 0;
  virtual Expression describe() const = 0;

  // The same curve, going on past its end by its formula. Throws where there is none.
  virtual NodePtr extrapolated() const = 0;

  int depth() const { return depth_; }
  double size() const { return size_; }
  bool may_raise() const { return may_raise_; }

  // An endless constant: as an operand it has no say in how long a product or sum is.
  virtual bool is_constant() const { return false; }

 protected:
  // Scratch memory and the stack grow with the depth.
  static constexpr int max_depth = 64;

  // What a curve and a value of it cost grows with the size, and a curve times itself is twice the size.
  static constexpr double max_size = 0x1p20;

  Node() = default;
  explicit Node(const Curve& operand) : Node(std::vector<Curve>{operand}) {}
  explicit Node(const std::vector<Curve>& operands);

  // Multiplies what the operands may be stretched by; throws where lengths and times would leave the range in
  // which products are exact.
  void add_stretch(double least, double most);

  void add_size(std::size_t more);

  bool may_raise_ = false;

 private:
  int depth_ = 1;
  double size_ = 1.0;  // in nodes and cycles of repeats, those in several places counted in each
  double least_stretch_ = 1.0, most_stretch_ = 1.0;
};

}  // namespace stepcurve

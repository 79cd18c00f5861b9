// Curve: an immutable value over real time, a tree of shapes and combinators shared by reference.
// Everything a curve can be refused for is thrown as std::invalid_argument when it is made; after that
// only a past-end policy of "raise" can throw, as PastEndError.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "stepcurve/shape.hpp"

namespace stepcurve {

// Times and lengths stay where every integer is a double.
inline constexpr double max_steps = 0x1p53;

struct PastEndError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

class Node;
class Curve;

// How a curve was made: the name of the factory or combinator and its arguments, for printing and
// comparing. A plain structure, so that the text language lives elsewhere.
struct Expression {
  using Value = std::variant<double, std::string, std::vector<double>>;
  std::string name;
  std::vector<std::pair<std::string, Value>> arguments;
  std::vector<Curve> operands;
};

class Curve {
 public:
  explicit Curve(std::shared_ptr<const Node> node) : node_(std::move(node)) {}

  double at(double time) const;

  // The length: where the curve has reached its last value, infinite for an endless one.
  double steps() const;

  // How many shapes, combinators and listed cycles it is made of, at most 2^20.
  double size() const;

  Expression describe() const;
  const std::shared_ptr<const Node>& node() const { return node_; }

 private:
  std::shared_ptr<const Node> node_;
};

Curve make(const Constant& shape);
Curve make(const Linear& shape);
Curve make(const Polynomial& shape);
Curve make(const Cosine& shape);
Curve make(const Exponential& shape);
Curve make(const Decay& shape);
Curve make(const Inverse& shape);
Curve make(const Tanh& shape);
Curve make(const Log& shape);
Curve make(const Piecewise& shape);

enum class Owner { later, earlier };  // whose value holds at the boundary itself
enum class Clock { local, global };   // whether a piece's time starts at its own beginning

// Each curve starts where the one before it ends.
Curve sequence(const std::vector<Curve>& curves);
Curve join(const std::vector<Curve>& curves, const std::vector<double>& boundaries, Owner owner, Clock clock);

// A product or sum is as long as its longest operand; an endless constant has no say.
Curve product(const std::vector<Curve>& curves);
Curve sum(const std::vector<Curve>& curves);

// Cycle i (from 0) is growth^i times as long as the curve, cut to a whole number of steps if `whole`
// (each from the one before it), and its values are multiplied by decay^i (1 + i)^-harmonic.
struct Repeat {
  double times = endless, growth = 1.0, decay = 1.0, harmonic = 0.0;
  bool whole = false;
  Owner owner = Owner::later;
};
Curve repeat(const Curve& curve, const Repeat& law);

Curve clip(const Curve& curve, double low, double high);
Curve stairs(const Curve& curve, double every);    // time floored to multiples of `every`
Curve shift(const Curve& curve, double steps);     // later by so many steps
Curve stretch(const Curve& curve, double factor);  // longer by the factor
Curve hold(const Curve& curve, double steps);      // the last value for so many steps more

enum class PastEnd { hold, extrapolate, repeat, raise };
Curve past_end(const Curve& curve, PastEnd policy);
Curve past_end(const Curve& curve, double value);

// The times start + stride * i, first <= i < first + count.
struct Grid {
  double start = 0.0, stride = 1.0;
  std::int64_t first = 0, count = 0;
};

// Throws what evaluating the curve over the grid would throw: a grid beyond 2^53, a time past the end of a
// curve that raises there. After it, fill never throws.
void check_grid(const Grid& grid);
void check_grid(const Curve& curve, const Grid& grid);
void check_times(const Curve& curve, const double* times, std::int64_t count);

// Writes the values at the grid's times with up to `threads` threads; 0 chooses. Extra memory does not
// depend on the count.
void fill(const Curve& curve, const Grid& grid, int threads, double* values);
void fill(const Curve& curve, const Grid& grid, int threads, float* values);
void fill(const Curve& curve, const double* times, std::int64_t count, int threads, double* values);

}  // namespace stepcurve

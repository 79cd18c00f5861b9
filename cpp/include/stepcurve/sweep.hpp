// Sweep: many curves over one grid of steps. Tables with a row a member, and every member's value at one
// step.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "stepcurve/curve.hpp"

namespace stepcurve {

// What is refused of one member.
struct MemberError : std::invalid_argument {
  MemberError(const std::string& what, std::int64_t which) : std::invalid_argument(what), member(which) {}
  std::int64_t member;
};

class Sweep {
 public:
  explicit Sweep(std::vector<Curve> members);

  const std::vector<Curve>& members() const { return members_; }

  // Throws what filling would throw, a MemberError if it is a member's own. After it, fill never throws.
  void check_grid(const Grid& grid) const;
  // The same in parts: check_grid of the grid alone, and then all places of the members that may throw.
  std::int64_t places_to_check(const Grid& grid) const;
  void check(const Grid& grid, std::int64_t begin, std::int64_t places) const;

  // In a table whose row i has member i's values at the grid's times, writes `count` values from place
  // `begin` of the whole on.
  void fill(const Grid& grid, std::int64_t begin, std::int64_t count, int threads, double* table) const;
  void fill(const Grid& grid, std::int64_t begin, std::int64_t count, int threads, float* table) const;

  // values[i] becomes member i's value at the time; at a MemberError none is written.
  void at(double time, int threads, double* values) const;

 private:
  std::vector<Curve> members_;
  std::vector<std::int64_t> may_raise_;
  int depth_ = 1;
};

}  // namespace stepcurve

// How many times longer than written a curve is, in two doubles, so that a stretched length is rounded but
// once: a cycle of 30 whole steps made from one of 22 is 30 steps long.
#pragma once

#include <cmath>

#include "math/twofold.hpp"

namespace stepcurve {

struct Stretch {
  Pair factor{1.0};

  bool none() const { return factor.hi == 1.0 && factor.lo == 0.0; }
  Stretch times(double by) const { return {factor * by}; }
  Stretch from_to(double length, double longer) const { return {factor * (Pair{longer} / Pair{length})}; }
};

inline double operator*(double length, Stretch stretch) {
  return std::isinf(length) ? length : (stretch.factor * length).hi;
}

}  // namespace stepcurve

// Curves that a table fills by blocks: the value at block + offset is made of something that depends on the
// block alone and something that depends on the offset alone. A run of consecutive steps works the first
// out once a block and tabulates the second, which leaves a few operations a value; single times work out
// both, with the same operations and so the same bits.
#pragma once

#include <algorithm>
#include <cmath>

#include "kernels/frame.hpp"
#include "math/bits.hpp"

namespace stepcurve {

inline constexpr int max_block = 512;

// Below so many times the tables of offsets cost more than they save.
inline constexpr int min_run = 128;

// The largest power of two, at most max_block, that is at most `steps`.
inline double block_within(double steps) {
  return std::min<double>(max_block, std::ldexp(1.0, std::ilogb(steps)));
}

// Whether the times are consecutive, within [0, limit], and enough to work by blocks.
inline bool runs_inside(const Times& times, double limit) {
  return !times.list && times.count >= min_run && times.first >= 0.0 && times.last() <= limit;
}

// The two ends, which a run leaves out.
inline void set_ends(const Frame& frame, const Times& times, double* values) {
  if (times.first == 0.0) values[0] = frame.scale * frame.start;
  if (times.last() == frame.steps) values[times.count - 1] = frame.scale * frame.last;
}

// The beginning of the block that a time >= 0 is in. A floor made of what every target vectorises.
STEPCURVE_INLINE double block_of(double time, double block) {
  const double blocks = time / block, near = round_to_integer(blocks);
  return (near > blocks ? near - 1.0 : near) * block;
}

}  // namespace stepcurve

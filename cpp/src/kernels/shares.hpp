// Unit decays between passes over a chunk of times. An exp and a log in twofold are long: a shape of many
// kinds whose loops each held them would be compiled to hundreds of kilobytes, so they are passes of their
// own, once for every shape. Between the passes stands what would have been in registers, and the bits are
// the same.
#pragma once

#include <algorithm>

#include "kernels/frame.hpp"

namespace stepcurve {

struct Shares {
  static constexpr int size = 256;  // 8 kB and the values, well within the nearest cache
  const double* times;
  double part_hi[size], part_lo[size], rest_hi[size], rest_lo[size];

  template <bool Fma>
  STEPCURVE_INLINE void set(int i, Share<Fma> share) {
    part_hi[i] = share.part.hi;
    part_lo[i] = share.part.lo;
    rest_hi[i] = share.rest.hi;
    rest_lo[i] = share.rest.lo;
  }
  template <bool Fma>
  STEPCURVE_INLINE Share<Fma> at(int i) const {
    return {{part_hi[i], part_lo[i]}, {rest_hi[i], rest_lo[i]}};
  }
};

// share^power of each.
void raise(double power, Shares& shares, int count);

// 1 - (part / rest)^power of each, for positive ones.
void left_of_ratio(double power, Shares& shares, int count);

// 1 - (time / steps)^power of each time up to the frame's limit.
void left_of_time(const Frame& frame, double power, Shares& shares, int count);

// The value of each decay.
void set_values(const Frame& frame, const Shares& decays, double* values, int count);

// Calls work(shares, values, count) for chunks of the times.
template <class Work>
void in_chunks(const Times& times, double* values, Work work) {
  double buffer[Shares::size];
  Shares shares;
  for (int done = 0; done < times.count; done += Shares::size) {
    const Times part = times.part(done, std::min(done + Shares::size, times.count));
    shares.times = as_list(part, buffer);
    work(shares, values + done, part.count);
  }
}

}  // namespace stepcurve

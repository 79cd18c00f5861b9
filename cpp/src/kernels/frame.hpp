// The two ends of a fall: how a time is clamped between them and a unit decay D (1 at the start, 0 at the
// end) becomes a value.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/plan.hpp"
#include "math/elementary.hpp"

namespace stepcurve {

// The power of two that brings the larger magnitude into [1, 2); 1 for zeros.
inline double scale_of(double a, double b = 0.0) {
  const double larger = std::max(std::abs(a), std::abs(b));
  return larger == 0.0 ? 1.0 : std::ldexp(1.0, std::max(std::ilogb(larger), -1022));
}

inline Frame make_frame(double start, double end, double steps, bool extrapolate) {
  const double scale = scale_of(start, end);
  const double top = start / scale, bottom = end / scale;
  const bool falling = std::abs(top) > std::abs(bottom);
  const Pair drop = exact_sum<false>(top, -bottom);
  return {.start = top,
          .end = bottom,
          .scale = scale,
          .steps = steps,
          .limit = extrapolate ? endless : steps,
          .last = bottom,
          .drop = drop,
          .per_step = Pair{1.0} / Pair{steps},
          .one_sign = top * bottom >= 0.0 && !extrapolate,
          .small = falling ? bottom : top,
          .origin = falling ? steps : 0.0,
          .direction = falling ? -1.0 : 1.0,
          .rise = falling ? drop : -drop};
}

// The two ends to the bit, whatever the formula gives there, and the scale put back.
STEPCURVE_INLINE double with_ends(const Frame& frame, double time, double value) {
  value = time <= 0.0 ? frame.start : value;
  value = time == frame.steps ? frame.last : value;
  return frame.scale * value;
}

// Times below 2^-110 read as 0: their fourth powers would leave the range in which products are exact, and
// the bits would depend on the target.
STEPCURVE_INLINE double clamp(double time, double limit) {
  const double late = time < 0x1p-110 ? 0.0 : time;
  return late > limit ? limit : late;
}

// near + (start - end) * share, to the last digit where the two cancel; without the scale.
template <bool Fma>
STEPCURVE_INLINE double exact_value(const Frame& frame, double near, Twofold<Fma> share) {
  const auto product = exact_product<Fma>(frame.drop.hi, share.hi);
  const double rest = product.lo + (frame.drop.hi * share.lo + frame.drop.lo * share.hi);
  const auto sum = exact_sum<Fma>(near, product.hi);
  return sum.hi + (sum.lo + rest);
}

template <bool Fma>
STEPCURVE_INLINE double value_of(const Frame& frame, double time, Twofold<Fma> decay) {
  return with_ends(frame, time, exact_value(frame, frame.end, decay));
}

// From the start or the end, whichever the share of the way is counted from.
template <bool Fma>
STEPCURVE_INLINE double value_of(const Frame& frame, double time, bool from_end, Twofold<Fma> share) {
  const double near = from_end ? frame.end : frame.start;
  return with_ends(frame, time, exact_value(frame, near, select(from_end, share, -share)));
}

// From the nearer end, for decays that come closer to 1 than twofold tells apart from it.
template <bool Fma>
STEPCURVE_INLINE double value_of(const Frame& frame, double time, Share<Fma> decay) {
  const bool late = decay.part.hi < 0.5;
  return value_of(frame, time, late, select(late, decay.part, decay.rest));
}

// Runs a kernel of listed times, consecutive ones written down a chunk at a time.
template <class ListKernel, class Plan>
void run_listed(const ListKernel& kernel, const Plan& plan, const Times& times, double* values) {
  constexpr int chunk = 512;
  double buffer[chunk];
  if (times.list) {
    kernel(plan, times.list, values, times.count);
    return;
  }
  for (int done = 0; done < times.count; done += chunk) {
    const Times part = times.part(done, std::min(done + chunk, times.count));
    kernel(plan, as_list(part, buffer), values + done, part.count);
  }
}

}  // namespace stepcurve

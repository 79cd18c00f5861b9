// Half a cosine wave by blocks in plain double, and its relatives with other cycles and powers in twofold.
#include "kernels/block.hpp"
#include "kernels/shares.hpp"
#include "math/elementary.hpp"

namespace stepcurve {

// Up to here half waves are counted exactly; an extrapolated wave holds from there on.
static constexpr double most_waves = 0x1p50;

// The unit decay, cos^2(pi turns), at a distance in turns, at most 1/4, from so many half turns: from the
// nearest zero or top, where half (1 + cos) would lose its digits.
template <bool Fma>
STEPCURVE_INLINE Share<Fma> wave(double half_turns, Twofold<Fma> distance) {
  const double turns = 0.5 * half_turns;
  const bool low = turns != round_to_integer(turns);
  const auto magnitude = select(distance.hi < 0.0, -distance, distance);
  const bool far = magnitude.hi > 0x1p-482;  // or its square would be below the least share
  const auto s = sine_squared(select(far, magnitude, Twofold<Fma>{}) * constant<Fma>(coefficients::pi));
  const auto other = -s + 1.0;
  return {select(low, s, other), select(low, other, s)};
}

template <bool Fma>
STEPCURVE_INLINE Share<Fma> wave(Twofold<Fma> turns) {
  const double half_turns = round_to_integer(2.0 * turns.hi);
  return wave(half_turns, turns + -0.5 * half_turns);
}

// The same at time * cycles / steps turns, whose distance from a zero keeps its digits however small it is.
template <bool Fma>
STEPCURVE_INLINE Share<Fma> wave(const Frame& frame, double cycles, double time) {
  const auto passed = exact_product<Fma>(time, cycles);
  const double half_turns = round_to_integer(2.0 * passed.hi * frame.per_step.hi);
  const auto distance = passed - exact_product<Fma>(0.5 * half_turns, frame.steps);
  return wave(half_turns, distance * Twofold<Fma>{frame.per_step});
}

static double value_at_end(const Cosine& shape, const Frame& frame) {
  const double half_waves = 2.0 * shape.cycles;
  if (half_waves == std::floor(half_waves))
    return std::fmod(half_waves, 2.0) == 0.0 ? frame.start : frame.end;
  return (frame.drop * raised(wave(Pair{shape.cycles}), shape.power).part + frame.end).hi;
}

CosinePlan plan(const Cosine& shape, Stretch stretch, bool extrapolate) {
  const double steps = shape.steps * stretch;
  Frame frame = make_frame(shape.start, shape.end, steps, extrapolate);
  frame.last = value_at_end(shape, frame);
  if (extrapolate) frame.limit = steps * (most_waves / std::max(1.0, shape.cycles));
  // Between values of opposite sign the sum cancels near the zero, and needs the digits of twofold.
  const bool plain = shape.cycles == 0.5 && shape.power == 1.0 && shape.inner_power == 1.0 && frame.one_sign;
  return {.frame = frame,
          .angle = constant<false>(coefficients::half_pi) / Pair{steps},
          .cycles = shape.cycles,
          .power = shape.power,
          .inner_power = shape.inner_power,
          .plain = plain,
          .block = block_within(0.5 * steps)};
}

// sin^2 x and sin 2x for a twofold 0 <= x <= pi / 4; the square is the sum of two doubles that overlap.
template <bool Fma>
struct Arc {
  Twofold<Fma> squared;
  double doubled;
};

template <bool Fma>
STEPCURVE_INLINE Arc<Fma> arc_of(Twofold<Fma> x) {
  const auto z = exact_product<Fma>(x.hi, x.hi);
  const double tail =
      z.lo + (x.hi + x.hi) * x.lo + z.hi * z.hi * estrin(coefficients::sine_squared_fast, z.hi);
  const double cubed = x.hi * z.hi * estrin(coefficients::sine_double_fast, z.hi);
  return {{z.hi, tail}, 2.0 * x.hi + (2.0 * x.lo + cubed)};
}

// small + rise sin^2(a + b), with the angle a of the block and b of the offset, counted from the end where
// the value is smaller, so that nothing cancels:
//   sin^2(a + b) = sin^2 a + sin 2a (sin 2b) / 2 + cos 2a sin^2 b.
struct CosineBlock {
  double value, rest, by_doubled, by_squared;

  STEPCURVE_INLINE double at(double doubled, double squared) const {
    return value + (rest + (by_doubled * doubled + by_squared * squared));
  }
};

template <bool Fma>
STEPCURVE_INLINE CosineBlock cosine_block(const CosinePlan& plan, double block) {
  const double small = plan.frame.small, rise = plan.frame.rise.hi;
  const auto angle = Twofold<Fma>{plan.angle} * block;
  const bool upper = angle.hi > 0.5 * coefficients::half_pi[0];
  const auto arc = arc_of(select(upper, constant<Fma>(coefficients::half_pi) - angle, angle));
  const auto squared = select(upper, exact_sum<Fma>(1.0, -arc.squared.hi), Twofold<Fma>{arc.squared.hi});
  const double tail = squared.lo + (upper ? -arc.squared.lo : arc.squared.lo);
  const double cosine = 1.0 - 2.0 * (arc.squared.hi + arc.squared.lo);
  const auto product = exact_product<Fma>(rise, squared.hi);
  const auto sum = exact_sum<Fma>(small, product.hi);
  return {sum.hi, sum.lo + (product.lo + rise * tail), 0.5 * rise * arc.doubled,
          rise * (upper ? -cosine : cosine)};
}

template <bool Fma>
STEPCURVE_INLINE void plain_cosine(const CosinePlan& plan, const double* STEPCURVE_RESTRICT times,
                                   double* STEPCURVE_RESTRICT values, int count) {
  const CosinePlan p = plan;
  const Frame& f = p.frame;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], f.steps);
    const double away = (time - f.origin) * f.direction;
    const double block = block_of(away, p.block);
    const auto base = cosine_block<Fma>(p, block);
    const auto arc = arc_of(Twofold<Fma>{p.angle} * (away - block));
    const double squared = arc.squared.hi + arc.squared.lo;
    values[i] = with_ends(f, time, base.at(arc.doubled, squared));
  }
}

// Consecutive steps inside the curve, its ends left to the caller.
template <bool Fma>
STEPCURVE_INLINE void cosine_run(const CosinePlan& plan, double first, double* STEPCURVE_RESTRICT values,
                                 int count) {
  const CosinePlan p = plan;
  const Frame& f = p.frame;
  const int size = static_cast<int>(p.block);
  const double earliest = f.direction > 0.0 ? 0.0 : size - 1;
  double doubled[max_block], squared[max_block];  // in the order of time
  for (int i = 0; i < size; ++i) {
    const auto arc = arc_of(Twofold<Fma>{p.angle} * (earliest + f.direction * i));
    doubled[i] = arc.doubled;
    squared[i] = arc.squared.hi + arc.squared.lo;
  }
  for (int done = 0; done < count;) {
    const double away = (first + done - f.origin) * f.direction;
    const double block = block_of(away, p.block);
    const int offset = static_cast<int>(earliest + f.direction * (away - block));
    const int width = std::min(size - offset, count - done);
    const auto base = cosine_block<Fma>(p, block);
    const double *STEPCURVE_RESTRICT d = doubled + offset, *STEPCURVE_RESTRICT s = squared + offset;
    double* STEPCURVE_RESTRICT out = values + done;
    for (int i = 0; i < width; ++i) out[i] = f.scale * base.at(d[i], s[i]);
    done += width;
  }
}

template <bool Fma>
STEPCURVE_INLINE void waves(const CosinePlan& plan, const double* STEPCURVE_RESTRICT times,
                            double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const double cycles = plan.cycles;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    values[i] = value_of(frame, time, wave<Fma>(frame, cycles, time));
  }
}

template <bool Fma>
STEPCURVE_INLINE void wave_decays(const CosinePlan& plan, Shares* shares, double*, int count) {
  const double* times = shares->times;
  const Frame frame = plan.frame;
  const double cycles = plan.cycles;
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    shares->set(i, wave<Fma>(frame, cycles, clamp(times[i], frame.limit)));
  }
}

// From 1 - p^inner_power to the decay there.
template <bool Fma>
STEPCURVE_INLINE void inner_waves(const double& given, Shares* shares, double*, int count) {
  const double cycles = given;
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    const auto turns = shares->at<Fma>(i).rest * cycles;
    shares->set(i, wave(select(turns.hi < most_waves, turns, Twofold<Fma>{most_waves})));
  }
}

STEPCURVE_KERNEL(plain_kernel, CosinePlan, const double*, plain_cosine);
STEPCURVE_KERNEL(run_kernel, CosinePlan, double, cosine_run);
STEPCURVE_KERNEL(wave_kernel, CosinePlan, const double*, waves);
STEPCURVE_KERNEL(decay_kernel, CosinePlan, Shares*, wave_decays);
STEPCURVE_KERNEL(inner_kernel, double, Shares*, inner_waves);

static void run_general(const CosinePlan& plan, const Times& times, double* values) {
  const bool inner = plan.inner_power != 1.0, outer = plan.power != 1.0;
  if (!inner && !outer) return run_listed(wave_kernel, plan, times, values);
  in_chunks(times, values, [&](Shares& shares, double* chunk, int count) {
    if (inner) {
      left_of_time(plan.frame, plan.inner_power, shares, count);
      inner_kernel(plan.cycles, &shares, nullptr, count);
    } else {
      decay_kernel(plan, &shares, nullptr, count);
    }
    if (outer) raise(plan.power, shares, count);
    set_values(plan.frame, shares, chunk, count);
  });
}

void run(const CosinePlan& plan, const Times& times, double* values) {
  if (!plan.plain) return run_general(plan, times, values);
  const Frame& frame = plan.frame;
  const bool whole = frame.origin == std::floor(frame.origin) && plan.block >= 1.0;
  if (!whole || !runs_inside(times, frame.steps)) return run_listed(plain_kernel, plan, times, values);
  run_kernel(plan, times.first, values, times.count);
  set_ends(frame, times, values);
}

}  // namespace stepcurve

// Geometric curves by blocks: from start to end, and an endless decay. In plain double but for the
// exponent, which is held in two: over a long run its rounding alone would cost the value its last digits.
#include "kernels/block.hpp"
#include "math/elementary.hpp"

namespace stepcurve {
namespace {

// Times beyond which every double has long become 0 or infinite, in binary orders of magnitude.
constexpr double max_orders = 4400.0;

// What a block may span of them, so that its table of factors stays inside the range.
constexpr double max_block_orders = 500.0;

ExponentialPlan make_plan(double start, double end, Pair rate, double steps, bool extrapolate) {
  const double scale = scale_of(start), steepness = std::abs(rate.hi);
  return {.start = start / scale,
          .exponent = std::log2(scale),
          .steps = steps,
          .end = end,
          .limit = extrapolate || steps == endless ? max_orders / steepness : steps,
          .rate = rate,
          .block = block_within(std::min<double>(max_block, max_block_orders / steepness))};
}

// log2(a / b), each scaled first: neither they nor their quotient need be where products are exact.
Pair log2_ratio(double a, double b) {
  const double a_scale = scale_of(a), b_scale = scale_of(b);
  const Pair scaled = log_ratio(Pair{a / a_scale}, Pair{b / b_scale});
  return scaled * constant<false>(coefficients::log2_e) + (std::log2(a_scale) - std::log2(b_scale));
}

}  // namespace

ExponentialPlan plan(const Exponential& shape, Stretch stretch, bool extrapolate) {
  const double steps = shape.steps * stretch;
  const Pair rate = log2_ratio(shape.end, shape.start) / Pair{steps};
  return make_plan(shape.start, shape.end, rate, steps, extrapolate);
}

ExponentialPlan plan(const Decay& shape, Stretch stretch, bool) {
  const Pair rate = log2_ratio(shape.rate, 1.0) / Pair{shape.every * stretch};
  return make_plan(shape.start, shape.start, rate, endless, true);
}

// 2^(rate time) = (factor + rest) * 2^exponent, the factor near 1.
struct Growth {
  double factor, rest, exponent;
};

template <bool Fma>
STEPCURVE_INLINE Growth growth(const ExponentialPlan& plan, double time) {
  const auto orders = exact_product<Fma>(time, plan.rate.hi);
  const double whole = round_to_integer(orders.hi);
  const double part = (orders.hi - whole) + (orders.lo + time * plan.rate.lo);
  const auto factor = exact_sum_ordered<Fma>(1.0, part * estrin(coefficients::exp2_fast, part));
  return {factor.hi, factor.lo, whole};
}

// The start of a block, in two doubles: its rounding would add to that of each offset.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> block_start(double start, const Growth& base) {
  const auto product = exact_product<Fma>(start, base.factor);
  return {product.hi, product.lo + start * base.rest};
}

template <bool Fma>
STEPCURVE_INLINE void exponential_curve(const ExponentialPlan& plan, const double* STEPCURVE_RESTRICT times,
                                        double* STEPCURVE_RESTRICT values, int count) {
  const ExponentialPlan p = plan;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], p.limit);
    const double block = block_of(time, p.block);
    const auto base = growth<Fma>(p, block), inside = growth<Fma>(p, time - block);
    const double factor = inside.factor * power_of_two(inside.exponent);
    const double exponent = clamp_exponent(base.exponent + p.exponent);
    const auto start = block_start<Fma>(p.start, base);
    const double value = scale_by_power_of_two(factor * start.hi + factor * start.lo, exponent);
    values[i] = time == p.steps ? p.end : value;
  }
}

// Consecutive steps inside the curve, its end left to the caller.
template <bool Fma>
STEPCURVE_INLINE void exponential_run(const ExponentialPlan& plan, double first,
                                      double* STEPCURVE_RESTRICT values, int count) {
  const ExponentialPlan p = plan;
  const int size = static_cast<int>(p.block);
  double factors[max_block];
  for (int i = 0; i < size; ++i) {
    const auto inside = growth<Fma>(p, static_cast<double>(i));
    factors[i] = inside.factor * power_of_two(inside.exponent);
  }
  for (int done = 0; done < count;) {
    const double time = first + done, block = block_of(time, p.block);
    const int offset = static_cast<int>(time - block);
    const int width = std::min(size - offset, count - done);
    const auto base = growth<Fma>(p, block);
    const auto start = block_start<Fma>(p.start, base);
    const double exponent = clamp_exponent(base.exponent + p.exponent);
    const double* STEPCURVE_RESTRICT f = factors + offset;
    double* STEPCURVE_RESTRICT out = values + done;
    for (int i = 0; i < width; ++i) {
      out[i] = scale_by_power_of_two(f[i] * start.hi + f[i] * start.lo, exponent);
    }
    done += width;
  }
}

STEPCURVE_KERNEL(list_kernel, ExponentialPlan, const double*, exponential_curve);
STEPCURVE_KERNEL(run_kernel, ExponentialPlan, double, exponential_run);

void run(const ExponentialPlan& plan, const Times& times, double* values) {
  const bool whole = plan.block >= 1.0;
  if (!whole || !runs_inside(times, plan.limit)) return run_listed(list_kernel, plan, times, values);
  run_kernel(plan, times.first, values, times.count);
  if (times.last() == plan.steps) values[times.count - 1] = plan.end;
}

}  // namespace stepcurve

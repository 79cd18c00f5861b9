// (1 - p)^power and (1 - p^inner_power)^power. Powers that are integers or half-integers up to 4 are
// products and a square root; the others an exp and a log.
#include "kernels/block.hpp"
#include "kernels/shares.hpp"
#include "math/power.hpp"

namespace stepcurve {

PolynomialPlan plan(const Polynomial& shape, Stretch stretch, bool extrapolate) {
  const Frame frame = make_frame(shape.start, shape.end, shape.steps * stretch, extrapolate);
  return {.frame = frame,
          .power = shape.power,
          .inner_power = shape.inner_power,
          .halves = halves_of(shape.power),
          .inner_halves = halves_of(shape.inner_power),
          .sign_below_zero = std::fmod(shape.power, 2.0) == 1.0 ? -1.0 : 1.0,
          .growing = frame.one_sign && frame.direction < 0.0};
}

// Past the end a power may leave the range in which products are exact: there it is a plain product.
STEPCURVE_INLINE double unless_far(const Frame& frame, double time, double decay, double value) {
  const double far = frame.drop.hi == 0.0 ? frame.end : frame.drop.hi * decay;
  return decay > 0x1p900 || decay < -0x1p900 ? with_ends(frame, time, far) : value;
}

// end + (start - end) (left / steps)^(Halves / 2), without the scale. Between values of one sign that end at
// the smaller (Growing) the sum cannot cancel, and needs fewer digits.
template <int Halves, bool Growing, bool Fma>
STEPCURVE_INLINE double product_value(const Frame& frame, Twofold<Fma> left) {
  const auto base = multiply<!Growing>(left, Twofold<Fma>{frame.per_step});
  const auto decay = product_power<Halves, !Growing>(base);
  if constexpr (!Growing) return exact_value(frame, frame.end, decay);
  const auto value = multiply<false>(Twofold<Fma>{frame.drop}, decay);
  return frame.end + (value.hi + value.lo);
}

template <bool Fma, int Halves, bool Growing>
STEPCURVE_INLINE void by_products(const PolynomialPlan& plan, const double* STEPCURVE_RESTRICT times,
                                  double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    values[i] =
        with_ends(frame, time, product_value<Halves, Growing>(frame, exact_sum<Fma>(frame.steps, -time)));
  }
}

// Consecutive steps inside a curve of whole length, its ends left to the caller.
template <bool Fma, int Halves, bool Growing>
STEPCURVE_INLINE void by_products(const PolynomialPlan& plan, double first, double* STEPCURVE_RESTRICT values,
                                  int count) {
  const Frame frame = plan.frame;
  for (int i = 0; i < count; ++i) {
    const Twofold<Fma> left{frame.steps - (first + i)};
    values[i] = frame.scale * product_value<Halves, Growing>(frame, left);
  }
}

template <bool Fma, class Source>
STEPCURVE_INLINE void any_products(const PolynomialPlan& plan, Source times, double* values, int count) {
  with_halves(plan.halves, [&](auto halves) STEPCURVE_INLINE_LAMBDA {
    if constexpr (halves > 0) {
      if (plan.growing) return by_products<Fma, halves, true>(plan, times, values, count);
      by_products<Fma, halves, false>(plan, times, values, count);
    }
  });
}

// 1 - p, its sign apart: below 0 past the end.
template <bool Fma>
STEPCURVE_INLINE void bases(const PolynomialPlan& plan, Shares* shares, double*, int count) {
  const double* times = shares->times;
  const double steps = plan.frame.steps, limit = plan.frame.limit;
  const Twofold<Fma> per_step{plan.frame.per_step};
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    const auto base = exact_sum<Fma>(steps, -clamp(times[i], limit)) * per_step;
    shares->set(i, Share<Fma>{select(base.hi < 0.0, -base, base), Twofold<Fma>{1.0}});
  }
}

// The values of their powers, of which left_of_ratio makes `rest`, with the sign of an integer power past the
// end.
template <bool Fma>
STEPCURVE_INLINE void signed_values(const PolynomialPlan& plan, const Shares* powers, double* values,
                                    int count) {
  const double* times = powers->times;
  const Frame frame = plan.frame;
  const double sign = plan.sign_below_zero;
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    const auto power = powers->at<Fma>(i).rest;
    const auto decay = select(time > frame.steps && sign < 0.0, -power, power);
    values[i] = unless_far(frame, time, decay.hi, value_of(frame, time, decay));
  }
}

// 1 - p^(Halves / 2), with all digits near p = 1 and of the difference to 1 near 0.
template <int Halves, bool Fma>
STEPCURVE_INLINE Share<Fma> inner_decay(Twofold<Fma> per_step, double time) {
  const auto rest = product_power<Halves, true>(per_step * time);
  return {-rest + 1.0, rest};
}

template <bool Fma, int Halves>
STEPCURVE_INLINE void set_inner(const PolynomialPlan& plan, const double* STEPCURVE_RESTRICT times,
                                double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const Twofold<Fma> per_step{frame.per_step};
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    values[i] = value_of(frame, time, inner_decay<Halves>(per_step, time));
  }
}

template <bool Fma, int Halves>
STEPCURVE_INLINE void set_inner(const PolynomialPlan& plan, Shares* shares, double*, int count) {
  const double* times = shares->times;
  const double limit = plan.frame.limit;
  const Twofold<Fma> per_step{plan.frame.per_step};
  STEPCURVE_NO_ALIAS
  for (int i = 0; i < count; ++i) {
    shares->set(i, inner_decay<Halves>(per_step, clamp(times[i], limit)));
  }
}

template <bool Fma, class Source>
STEPCURVE_INLINE void any_inner(const PolynomialPlan& plan, Source source, double* values, int count) {
  with_halves(plan.inner_halves, [&](auto halves) STEPCURVE_INLINE_LAMBDA {
    if constexpr (halves > 0) set_inner<Fma, halves>(plan, source, values, count);
  });
}

STEPCURVE_KERNEL(list_kernel, PolynomialPlan, const double*, any_products);
STEPCURVE_KERNEL(run_kernel, PolynomialPlan, double, any_products);
STEPCURVE_KERNEL(base_kernel, PolynomialPlan, Shares*, bases);
STEPCURVE_KERNEL(signed_kernel, PolynomialPlan, const Shares*, signed_values);
STEPCURVE_KERNEL(inner_list_kernel, PolynomialPlan, const double*, any_inner);
STEPCURVE_KERNEL(inner_kernel, PolynomialPlan, Shares*, any_inner);

// (1 - p)^power by an exp and a log.
static void run_general(const PolynomialPlan& plan, const Times& times, double* values) {
  in_chunks(times, values, [&](Shares& shares, double* chunk, int count) {
    base_kernel(plan, &shares, nullptr, count);
    left_of_ratio(plan.power, shares, count);
    signed_kernel(plan, &shares, chunk, count);
  });
}

// (1 - p^inner_power)^power
static void run_inner(const PolynomialPlan& plan, const Times& times, double* values) {
  if (plan.inner_halves > 0 && plan.power == 1.0) return run_listed(inner_list_kernel, plan, times, values);
  in_chunks(times, values, [&](Shares& shares, double* chunk, int count) {
    if (plan.inner_halves > 0)
      inner_kernel(plan, &shares, nullptr, count);
    else
      left_of_time(plan.frame, plan.inner_power, shares, count);
    const bool beyond = plan.inner_halves == 0 && plan.frame.limit > plan.frame.steps;
    double passed[Shares::size];
    if (beyond) std::copy_n(shares.rest_hi, count, passed);
    if (plan.power != 1.0) raise(plan.power, shares, count);
    set_values(plan.frame, shares, chunk, count);
    for (int i = 0; beyond && i < count; ++i) {
      const double time = clamp(shares.times[i], plan.frame.limit);
      chunk[i] = unless_far(plan.frame, time, -passed[i], chunk[i]);
    }
  });
}

void run(const PolynomialPlan& plan, const Times& times, double* values) {
  if (plan.inner_power != 1.0) return run_inner(plan, times, values);
  if (plan.halves == 0) return run_general(plan, times, values);
  const Frame& frame = plan.frame;
  const bool whole = frame.steps == std::floor(frame.steps);
  if (!whole || !runs_inside(times, frame.steps)) return run_listed(list_kernel, plan, times, values);
  run_kernel(plan, times.first, values, times.count);
  set_ends(frame, times, values);
}

}  // namespace stepcurve

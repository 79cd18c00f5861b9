// (1 - p)^power and (1 - p^inner_power)^power. Powers that are integers or half-integers up to 4 are
// products and a square root; the others an exp and a log.
#include "kernels/block.hpp"
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

// x^power, where x < 0 (past the end) times the sign that an integer power has there.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> signed_power(Twofold<Fma> x, double power, double sign) {
  const double way = x.hi < 0.0 ? -1.0 : 1.0;
  const auto raised = general_power(Twofold<Fma>{way * x.hi, way * x.lo}, power);
  return select(x.hi < 0.0 && sign < 0.0, -raised, raised);
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

// (1 - p)^power by an exp and a log.
template <bool Fma>
STEPCURVE_INLINE void general(const PolynomialPlan& plan, const double* STEPCURVE_RESTRICT times,
                              double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const Twofold<Fma> per_step{frame.per_step};
  const double power = plan.power, sign = plan.sign_below_zero;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    const auto base = exact_sum<Fma>(frame.steps, -time) * per_step;
    const auto decay = signed_power(base, power, sign);
    values[i] = unless_far(frame, time, decay.hi, value_of(frame, time, decay));
  }
}

// (1 - p^inner_power)^power, with all digits of 1 - p^inner_power near p = 1 and of the difference to 1 near
// 0. p^inner_power is p^(Halves / 2), or any power for Halves = 0.
template <bool Fma, int Halves, bool Outer>
STEPCURVE_INLINE void inner(const PolynomialPlan& plan, const double* STEPCURVE_RESTRICT times,
                            double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const Twofold<Fma> steps{frame.steps}, per_step{frame.per_step};
  const double power = plan.power, inner_power = plan.inner_power;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    Share<Fma> decay;
    double passed_by = 0.0;
    if constexpr (Halves > 0) {
      decay.rest = product_power<Halves, true>(per_step * time);
      decay.part = -decay.rest + 1.0;
    } else {
      const auto passed = exp_share(log_ratio(Twofold<Fma>{time}, steps) * inner_power);
      decay = {passed.rest, without_least(passed.part)};
      passed_by = passed.part.hi;
    }
    if constexpr (Outer) decay = raised(decay, power);
    values[i] = unless_far(frame, time, -passed_by, value_of(frame, time, decay));
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

template <bool Fma>
STEPCURVE_INLINE void polynomial(const PolynomialPlan& plan, const double* times, double* values, int count) {
  if (plan.inner_power != 1.0) {
    return with_halves(plan.inner_halves, [&](auto halves) STEPCURVE_INLINE_LAMBDA {
      if (plan.power == 1.0) return inner<Fma, halves, false>(plan, times, values, count);
      inner<Fma, halves, true>(plan, times, values, count);
    });
  }
  return plan.halves > 0 ? any_products<Fma>(plan, times, values, count)
                         : general<Fma>(plan, times, values, count);
}

template <bool Fma>
STEPCURVE_INLINE void polynomial_run(const PolynomialPlan& plan, double first, double* values, int count) {
  any_products<Fma>(plan, first, values, count);
}

STEPCURVE_KERNEL(list_kernel, PolynomialPlan, const double*, polynomial);
STEPCURVE_KERNEL(run_kernel, PolynomialPlan, double, polynomial_run);

void run(const PolynomialPlan& plan, const Times& times, double* values) {
  const Frame& frame = plan.frame;
  const bool products = plan.halves > 0 && plan.inner_power == 1.0;
  const bool whole = frame.steps == std::floor(frame.steps);
  if (!products || !whole || !runs_inside(times, frame.steps)) {
    return run_listed(list_kernel, plan, times, values);
  }
  run_kernel(plan, times.first, values, times.count);
  set_ends(frame, times, values);
}

}  // namespace stepcurve

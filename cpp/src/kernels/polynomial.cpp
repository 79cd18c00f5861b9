// (1 - p)^power and (1 - p^inner_power)^power. Powers that are integers or half-integers up to 4 are
// products and a square root; the others an exp and a log.
#include "kernels/block.hpp"
#include "math/power.hpp"

namespace stepcurve {
PolynomialPlan plan(const Polynomial& shape, double stretch, bool extrapolate) {
  const Frame frame = make_frame(shape.start, shape.end, shape.steps * stretch, extrapolate);
  return {.frame = frame,
          .power = shape.power,
          .inner_power = shape.inner_power,
          .halves = halves_of(shape.power),
          .inner_halves = halves_of(shape.inner_power),
          .odd = std::fmod(shape.power, 2.0) == 1.0,
          .growing = frame.one_sign && frame.direction < 0.0};
}

// For an odd power, x^power for x < 0 too.
template <bool Fma>
STEPCURVE_INLINE Twofold<Fma> signed_power(const Twofold<Fma>& x, double power, bool odd) {
  const bool negative = x.hi < 0.0;
  const auto y = general_power(select(negative, -x, x), power);
  return select(negative && odd, -y, y);
}

// (1 - p)^(Halves / 2), or any power for Halves = 0.
template <bool Fma, int Halves>
STEPCURVE_INLINE void outer(const PolynomialPlan& plan, const double* STEPCURVE_RESTRICT times,
                            double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  const Twofold<Fma> per_step{frame.per_step};
  const double power = plan.power;
  const bool odd = plan.odd;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.limit);
    const auto base = exact_sum<Fma>(frame.steps, -time) * per_step;
    if constexpr (Halves > 0) {
      values[i] = value_of(frame, time, product_power<Halves, true>(base));
    } else {
      values[i] = value_of(frame, time, signed_power(base, power, odd));
    }
  }
}

// end + (start - end) (left / steps)^(Halves / 2), two terms of one sign.
template <int Halves, bool Fma>
STEPCURVE_INLINE double growing_value(const Frame& frame, const Twofold<Fma>& left) {
  const auto base = multiply<false>(left, Twofold<Fma>{frame.per_step});
  const auto value = multiply<false>(Twofold<Fma>{frame.drop}, product_power<Halves, false>(base));
  return frame.end + (value.hi + value.lo);
}

template <bool Fma, int Halves>
STEPCURVE_INLINE void growing(const PolynomialPlan& plan, const double* STEPCURVE_RESTRICT times,
                              double* STEPCURVE_RESTRICT values, int count) {
  const Frame frame = plan.frame;
  for (int i = 0; i < count; ++i) {
    const double time = clamp(times[i], frame.steps);
    values[i] = with_ends(frame, time, growing_value<Halves>(frame, exact_sum<Fma>(frame.steps, -time)));
  }
}

// Consecutive steps inside a curve of whole length, its ends left to the caller.
template <bool Fma, int Halves>
STEPCURVE_INLINE void growing(const PolynomialPlan& plan, double first, double* STEPCURVE_RESTRICT values,
                              int count) {
  const Frame frame = plan.frame;
  for (int i = 0; i < count; ++i) {
    values[i] = frame.scale * growing_value<Halves>(frame, Twofold<Fma>{frame.steps - (first + i)});
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
    if constexpr (Halves > 0) {
      decay.rest = product_power<Halves, true>(per_step * time);
      decay.part = -decay.rest + 1.0;
    } else {
      const auto passed = exp_share(log_ratio(Twofold<Fma>{time}, steps) * inner_power);
      decay = {passed.rest, passed.part};
    }
    if constexpr (Outer) decay = raised(decay, power);
    values[i] = value_of(frame, time, decay);
  }
}

template <bool Fma>
STEPCURVE_INLINE void polynomial(const PolynomialPlan& plan, const double* times, double* values, int count) {
  if (plan.inner_power != 1.0) {
    return with_halves(plan.inner_halves, [&](auto halves) STEPCURVE_INLINE_LAMBDA {
      if (plan.power == 1.0) return inner<Fma, halves, false>(plan, times, values, count);
      inner<Fma, halves, true>(plan, times, values, count);
    });
  }
  with_halves(plan.halves, [&](auto halves) STEPCURVE_INLINE_LAMBDA {
    if constexpr (halves > 0) {
      if (plan.growing) return growing<Fma, halves>(plan, times, values, count);
    }
    outer<Fma, halves>(plan, times, values, count);
  });
}

template <bool Fma>
STEPCURVE_INLINE void growing_run(const PolynomialPlan& plan, double first, double* values, int count) {
  with_halves(plan.halves, [&](auto halves) STEPCURVE_INLINE_LAMBDA {
    if constexpr (halves > 0) growing<Fma, halves>(plan, first, values, count);
  });
}

STEPCURVE_KERNEL(list_kernel, PolynomialPlan, const double*, polynomial);
STEPCURVE_KERNEL(run_kernel, PolynomialPlan, double, growing_run);

void run(const PolynomialPlan& plan, const Times& times, double* values) {
  const Frame& frame = plan.frame;
  const bool by_products = plan.growing && plan.halves > 0 && plan.inner_power == 1.0;
  const bool whole = frame.steps == std::floor(frame.steps);
  if (!by_products || !whole || !runs_inside(times, frame.steps)) {
    return run_listed(list_kernel, plan, times, values);
  }
  run_kernel(plan, times.first, values, times.count);
  set_ends(frame, times, values);
}

}  // namespace stepcurve

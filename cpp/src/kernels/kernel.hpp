// How a kernel is compiled for several CPU targets from one body, and which one runs.
// The only file that asks which compiler or CPU this is.
#pragma once

#include "stepcurve/target.hpp"

#if defined(__GNUC__)
#define STEPCURVE_INLINE inline __attribute__((always_inline))
#define STEPCURVE_INLINE_LAMBDA __attribute__((always_inline))
#define STEPCURVE_RESTRICT __restrict__
#else
#define STEPCURVE_INLINE __forceinline
#define STEPCURVE_INLINE_LAMBDA
#define STEPCURVE_RESTRICT __restrict
#endif

// No two of the columns that the loop after this reads and writes overlap.
#if defined(__clang__)
#define STEPCURVE_NO_ALIAS _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define STEPCURVE_NO_ALIAS _Pragma("GCC ivdep")
#else
#define STEPCURVE_NO_ALIAS __pragma(loop(ivdep))
#endif

// A sanitizer sees the same loads and stores in every clone, and takes minutes to compile three of each.
#if defined(__GNUC__) && defined(__x86_64__) && !defined(STEPCURVE_BASELINE_ONLY)
#define STEPCURVE_HAS_TARGETS 1
#define STEPCURVE_AVX2 __attribute__((target("avx2,fma")))
// Clang takes the full width by itself, and of a target string with a word it does not know it ignores the
// whole.
#if defined(__clang__)
#define STEPCURVE_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#else
#define STEPCURVE_AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,fma,prefer-vector-width=512")))
#endif
#else
#define STEPCURVE_HAS_TARGETS 0
#endif

namespace stepcurve {

// Whether the baseline of this architecture has a fused multiply-add. It is used for nothing but the
// exact error of a product, which Dekker's splitting gives with the same bits where there is none.
#if defined(__ARM_FEATURE_FMA)
inline constexpr bool baseline_fma = true;
#else
inline constexpr bool baseline_fma = false;
#endif

// One kernel, compiled once a target.
template <class... Arguments>
struct Kernel {
  using Clone = void (*)(Arguments...);
  Clone clones[target_count];
  void operator()(Arguments... arguments) const { clones[static_cast<int>(active_target())](arguments...); }
};

}  // namespace stepcurve

// Defines the kernel `name` of the plan, times, values and count from the always-inlined template
// body<bool Fma>. Helpers are inlined into each clone, so that no function compiled for a newer CPU can be
// linked in place of a baseline one. Times and values never overlap.
#if STEPCURVE_HAS_TARGETS
#define STEPCURVE_KERNEL(name, Plan, Source, body)                                                        \
  static void name##_baseline(const Plan& plan, Source times, double* values, int count) {                \
    body<baseline_fma>(plan, times, values, count);                                                       \
  }                                                                                                       \
  STEPCURVE_AVX2 static void name##_avx2(const Plan& plan, Source times, double* values, int count) {     \
    body<true>(plan, times, values, count);                                                               \
  }                                                                                                       \
  STEPCURVE_AVX512 static void name##_avx512(const Plan& plan, Source times, double* values, int count) { \
    body<true>(plan, times, values, count);                                                               \
  }                                                                                                       \
  static constexpr Kernel<const Plan&, Source, double*, int> name {                                       \
    {                                                                                                     \
      name##_baseline, name##_avx2, name##_avx512                                                         \
    }                                                                                                     \
  }
#else
#define STEPCURVE_KERNEL(name, Plan, Source, body)                                         \
  static void name##_baseline(const Plan& plan, Source times, double* values, int count) { \
    body<baseline_fma>(plan, times, values, count);                                        \
  }                                                                                        \
  static constexpr Kernel<const Plan&, Source, double*, int> name {                        \
    {                                                                                      \
      name##_baseline, name##_baseline, name##_baseline                                    \
    }                                                                                      \
  }
#endif

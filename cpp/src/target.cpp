#include "stepcurve/target.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "kernels/kernel.hpp"

namespace stepcurve {
namespace {

constexpr std::string_view names[target_count] = {"baseline", "avx2", "avx512"};

Target named_target(std::string_view wanted) {
  std::string runnable;
  for (const Target target : runnable_targets()) {
    if (name(target) == wanted) return target;
    runnable += (runnable.empty() ? "" : ", ") + std::string(name(target));
  }
  throw std::invalid_argument("target must be one of " + runnable + ", got '" + std::string(wanted) + "'");
}

// Set on first use, not by a static initialiser: a wrong STEPCURVE_TARGET must reach the caller as an
// exception that it can catch.
std::atomic<int> active{-1};

}  // namespace

std::string_view name(Target target) { return names[static_cast<int>(target)]; }

std::vector<Target> built_targets() {
#if STEPCURVE_HAS_TARGETS
  return {Target::baseline, Target::avx2, Target::avx512};
#else
  return {Target::baseline};
#endif
}

std::vector<Target> runnable_targets() {
  std::vector<Target> targets{Target::baseline};
#if STEPCURVE_HAS_TARGETS
  // These ask the operating system too whether it saves the wide registers.
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  if (avx2) targets.push_back(Target::avx2);
  if (avx2 && avx512) targets.push_back(Target::avx512);
#endif
  return targets;
}

Target active_target() {
  const int known = active.load(std::memory_order_relaxed);
  if (known >= 0) return static_cast<Target>(known);
  const char* wanted = std::getenv("STEPCURVE_TARGET");
  const Target target = wanted ? named_target(wanted) : runnable_targets().back();
  active.store(static_cast<int>(target), std::memory_order_relaxed);
  return target;
}

void force_target(std::string_view wanted) {
  active.store(static_cast<int>(named_target(wanted)), std::memory_order_relaxed);
}

}  // namespace stepcurve

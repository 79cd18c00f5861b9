// The CPU targets that every kernel is compiled for, which of them this machine runs, and which is in use.
// All of them give the same bits; a test holds that by forcing each in turn.
#pragma once

#include <string_view>
#include <vector>

namespace stepcurve {

enum class Target { baseline, avx2, avx512 };
inline constexpr int target_count = 3;

std::string_view name(Target target);

// Those that the kernels were compiled for, slowest first; baseline is always among them.
std::vector<Target> built_targets();

// Those of them that this machine runs.
std::vector<Target> runnable_targets();

// The fastest runnable target unless STEPCURVE_TARGET (read once) or force_target says otherwise.
Target active_target();

// Throws std::invalid_argument for a name that is no target or one that this machine cannot run.
void force_target(std::string_view name);

}  // namespace stepcurve

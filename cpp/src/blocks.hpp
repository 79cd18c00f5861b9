// Blocks of times, and the buffers they are evaluated in: what fills are made of.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <type_traits>

#include "node.hpp"

namespace stepcurve {

// Long enough to hide what a kernel works out once a block; all buffers of all threads together take at
// most 3/4 MiB, whatever is filled.
inline constexpr int longest_block = 8192;
inline constexpr std::int64_t scratch_doubles = 98'304;

// Below so many values a second thread costs more than it saves.
inline constexpr std::int64_t values_per_thread = 131'072;

// A thread's buffers: two for times and values here, two for each level of the curves.
class Workspace {
 public:
  Workspace(int depth, std::int64_t threads)
      : block_(block_size(depth, threads)),
        memory_(std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(block_ * buffers(depth)))),
        scratch_(memory_.get() + 2 * block_, block_) {}

  int block() const { return block_; }
  double* times() { return memory_.get(); }
  double* values() { return memory_.get() + block_; }
  Scratch& scratch() { return scratch_; }

 private:
  static int buffers(int depth) { return 2 * depth + 2; }
  static int block_size(int depth, std::int64_t threads) {
    return static_cast<int>(
        std::clamp<std::int64_t>(scratch_doubles / (buffers(depth) * threads), 16, longest_block));
  }

  int block_;
  std::unique_ptr<double[]> memory_;
  Scratch scratch_;
};

// Where the times of a block come from.
struct GridSource {
  Grid grid;
  Times times(std::int64_t begin, int count, double* buffer) const {
    const double first = static_cast<double>(grid.first + begin);
    if (grid.stride == 1.0 && grid.start == std::floor(grid.start)) {
      return Times::consecutive(grid.start + first, count);
    }
    write_grid(grid.start, grid.stride, first, count, buffer);
    return Times::listed(buffer, count, true);
  }
};

struct ListSource {
  const double* list;
  Times times(std::int64_t begin, int count, double*) const {
    const double* at = list + begin;
    return Times::listed(at, count, std::is_sorted(at, at + count));
  }
};

// Calls write(begin, times) for each block of [begin, end).
template <class Source, class Write>
void each_block(const Source& source, std::int64_t begin, std::int64_t end, Workspace& workspace,
                Write write) {
  while (begin < end) {
    const int count = static_cast<int>(std::min<std::int64_t>(workspace.block(), end - begin));
    write(begin, source.times(begin, count, workspace.times()));
    begin += count;
  }
}

template <class Source, class Value>
void fill_range(const Curve& curve, const Source& source, std::int64_t begin, std::int64_t end,
                Workspace& workspace, Value* values) {
  each_block(source, begin, end, workspace, [&](std::int64_t at, const Times& times) {
    if constexpr (std::is_same_v<Value, double>) {
      curve.node()->evaluate(times, Stretch{}, values + at, workspace.scratch());
    } else {
      curve.node()->evaluate(times, Stretch{}, workspace.values(), workspace.scratch());
      std::transform(workspace.values(), workspace.values() + times.count, values + at,
                     [](double value) { return static_cast<Value>(value); });
    }
  });
}

}  // namespace stepcurve

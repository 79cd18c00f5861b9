// From a curve to numbers: one step, a grid of steps in blocks and threads, a list of times.
#include <algorithm>
#include <cmath>
#include <memory>
#include <type_traits>

#include "check.hpp"
#include "node.hpp"
#include "threads.hpp"

namespace stepcurve {
namespace {

// Long enough to hide what a kernel works out once a block; all buffers of all threads together take at
// most 3/4 MiB, whatever is filled.
constexpr int max_block = 8192;
constexpr std::int64_t scratch_doubles = 98'304;

// Below so many values a second thread costs more than it saves.
constexpr std::int64_t values_per_thread = 131'072;

// A thread's buffers: two for times and values here, two for each level of the curve.
class Workspace {
 public:
  Workspace(const Curve& curve, std::int64_t threads)
      : block_(block_size(curve, threads)),
        memory_(std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(block_ * buffers(curve)))),
        scratch_(memory_.get() + 2 * block_, block_) {}

  int block() const { return block_; }
  double* times() { return memory_.get(); }
  double* values() { return memory_.get() + block_; }
  Scratch& scratch() { return scratch_; }

 private:
  static int buffers(const Curve& curve) { return 2 * curve.node()->depth() + 2; }
  static int block_size(const Curve& curve, std::int64_t threads) {
    return static_cast<int>(
        std::clamp<std::int64_t>(scratch_doubles / (buffers(curve) * threads), 16, max_block));
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
                std::int64_t threads, Value* values) {
  Workspace workspace(curve, threads);
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

template <class Source, class Value>
void fill_threaded(const Curve& curve, const Source& source, std::int64_t count, int most, Value* values) {
  const std::int64_t threads = useful_threads(count, values_per_thread, most);
  in_parallel(count, threads, [&](std::int64_t begin, std::int64_t end) {
    fill_range(curve, source, begin, end, threads, values);
  });
}

template <class Source>
void check_range(const Curve& curve, const Source& source, std::int64_t count) {
  if (!curve.node()->may_raise()) return;
  Workspace workspace(curve, 1);
  each_block(source, 0, count, workspace, [&](std::int64_t, const Times& times) {
    curve.node()->evaluate(times, Stretch{}, workspace.values(), workspace.scratch());
  });
}

}  // namespace

double Curve::at(double time) const {
  check::time("time", time);
  constexpr int deepest = 64;
  double memory[2 * deepest], value;
  Scratch scratch(memory, 1);
  node_->evaluate(Times::listed(&time, 1, true), Stretch{}, &value, scratch);
  return value;
}

void check_grid(const Curve& curve, const Grid& grid) {
  check::time("start", grid.start);
  check::steps("stride", grid.stride);
  check::time("last step", grid.start + grid.stride * static_cast<double>(grid.first + grid.count - 1));
  check_range(curve, GridSource{grid}, grid.count);
}

void check_times(const Curve& curve, const double* times, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) check::time("time", times[i]);
  check_range(curve, ListSource{times}, count);
}

void fill(const Curve& curve, const Grid& grid, int threads, double* values) {
  fill_threaded(curve, GridSource{grid}, grid.count, threads, values);
}

void fill(const Curve& curve, const Grid& grid, int threads, float* values) {
  fill_threaded(curve, GridSource{grid}, grid.count, threads, values);
}

void fill(const Curve& curve, const double* times, std::int64_t count, int threads, double* values) {
  fill_threaded(curve, ListSource{times}, count, threads, values);
}

}  // namespace stepcurve

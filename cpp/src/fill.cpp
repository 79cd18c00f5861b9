// From a curve to numbers: one step, a grid of steps in blocks and threads, a list of times.
#include "blocks.hpp"
#include "check.hpp"
#include "threads.hpp"

namespace stepcurve {
namespace {

template <class Source, class Value>
void fill_threaded(const Curve& curve, const Source& source, std::int64_t count, int most, Value* values) {
  const std::int64_t threads = useful_threads(count, values_per_thread, most);
  in_parallel(count, threads, [&](std::int64_t begin, std::int64_t end) {
    Workspace workspace(curve.node()->depth(), threads);
    fill_range(curve, source, begin, end, workspace, values);
  });
}

template <class Source>
void check_range(const Curve& curve, const Source& source, std::int64_t count) {
  if (!curve.node()->may_raise()) return;
  Workspace workspace(curve.node()->depth(), 1);
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

void check_grid(const Grid& grid) {
  check::time("start", grid.start);
  check::steps("stride", grid.stride);
  check::time("last step", grid.start + grid.stride * static_cast<double>(grid.first + grid.count - 1));
}

void check_grid(const Curve& curve, const Grid& grid) {
  check_grid(grid);
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

#include "times.hpp"

#include <cmath>

#include "math/twofold.hpp"
#include "stepcurve/curve.hpp"

namespace stepcurve {
namespace {

struct GridPlan {
  double start, stride;
};

}  // namespace

template <bool>
STEPCURVE_INLINE void grid(const GridPlan& plan, double first, double* STEPCURVE_RESTRICT times, int count) {
  const double start = plan.start, stride = plan.stride;
  for (int i = 0; i < count; ++i) times[i] = start + stride * (first + i);
}

STEPCURVE_KERNEL(grid_kernel, GridPlan, double, grid);

void write_grid(double start, double stride, double first, int count, double* times) {
  grid_kernel({start, stride}, first, times, count);
}

double beyond(double time, double multiple, double length) {
  const auto product = exact_product<false>(multiple, length);
  return (time - product.hi) - product.lo;
}

double whole_multiples(double time, double length) {
  const double multiple = std::floor(time / length);
  return beyond(time, multiple, length) < 0.0 ? multiple - 1.0 : multiple;
}

const double* as_list(const Times& times, double* buffer) {
  if (times.list) return times.list;
  write_grid(0.0, 1.0, times.first, times.count, buffer);
  return buffer;
}

Times later(const Times& times, double begin, double* buffer) {
  if (begin == 0.0) return times;
  const double first = times.first - begin;
  const bool exact = begin == std::floor(begin) && std::abs(first) + times.count <= max_steps;
  if (!times.list && exact) return Times::consecutive(first, times.count);
  const double* list = as_list(times, buffer);
  for (int i = 0; i < times.count; ++i) buffer[i] = list[i] - begin;
  return Times::listed(buffer, times.count, times.sorted);
}

}  // namespace stepcurve

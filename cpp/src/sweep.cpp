// Tables and single steps of many curves, cut among threads wherever a part ends.
#include "stepcurve/sweep.hpp"

#include "blocks.hpp"
#include "check.hpp"
#include "threads.hpp"

namespace stepcurve {
namespace {

// Below so many members a second thread costs more than it saves.
constexpr std::int64_t members_per_thread = 2'048;

template <class Value>
void fill_table(const std::vector<Curve>& members, int depth, const Grid& grid, std::int64_t begin,
                std::int64_t count, int most, Value* table) {
  const std::int64_t threads = useful_threads(count, values_per_thread, most);
  in_parallel(count, threads, [&](std::int64_t from, std::int64_t to) {
    Workspace workspace(depth, threads);
    for (std::int64_t place = begin + from; place < begin + to;) {
      const std::int64_t row = place / grid.count, first = row * grid.count;
      const std::int64_t next = std::min(begin + to, first + grid.count);
      fill_range(members[static_cast<std::size_t>(row)], GridSource{grid}, place - first, next - first,
                 workspace, table + first);
      place = next;
    }
  });
}

}  // namespace

Sweep::Sweep(std::vector<Curve> members) : members_(std::move(members)) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const Node& node = *members_[i].node();
    depth_ = std::max(depth_, node.depth());
    if (node.may_raise()) may_raise_.push_back(static_cast<std::int64_t>(i));
  }
}

void Sweep::check_grid(const Grid& grid) const {
  stepcurve::check_grid(grid);
  check(grid, 0, places_to_check(grid));
}

std::int64_t Sweep::places_to_check(const Grid& grid) const {
  return static_cast<std::int64_t>(may_raise_.size()) * grid.count;
}

void Sweep::check(const Grid& grid, std::int64_t begin, std::int64_t places) const {
  for (const std::int64_t end = begin + places; begin < end;) {
    const std::int64_t row = begin / grid.count, from = begin % grid.count;
    const std::int64_t count = std::min(end - begin, grid.count - from);
    const std::int64_t member = may_raise_[static_cast<std::size_t>(row)];
    try {
      stepcurve::check_grid(members_[static_cast<std::size_t>(member)],
                            {grid.start, grid.stride, grid.first + from, count});
    } catch (const std::invalid_argument& refusal) {
      throw MemberError(refusal.what(), member);
    }
    begin += count;
  }
}

void Sweep::fill(const Grid& grid, std::int64_t begin, std::int64_t count, int threads, double* table) const {
  fill_table(members_, depth_, grid, begin, count, threads, table);
}

void Sweep::fill(const Grid& grid, std::int64_t begin, std::int64_t count, int threads, float* table) const {
  fill_table(members_, depth_, grid, begin, count, threads, table);
}

void Sweep::at(double time, int most, double* values) const {
  check_grid({.start = time, .count = 1});
  const auto count = static_cast<std::int64_t>(members_.size());
  in_parallel(count, useful_threads(count, members_per_thread, most),
              [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i)
                  values[i] = members_[static_cast<std::size_t>(i)].at(time);
              });
}

}  // namespace stepcurve

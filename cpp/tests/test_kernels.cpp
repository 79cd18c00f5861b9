// Block edges, targets and threads: what Python reaches only by chance.
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "check.hpp"
#include "curves.hpp"
#include "stepcurve/target.hpp"

using namespace stepcurve;

namespace {

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

std::vector<double> one_by_one(const Curve& curve, const Grid& grid) {
  std::vector<double> values;
  for (std::int64_t i = grid.first; i < grid.first + grid.count; ++i) {
    values.push_back(curve.at(grid.start + grid.stride * static_cast<double>(i)));
  }
  return values;
}

std::vector<double> filled(const Curve& curve, const Grid& grid, int threads) {
  std::vector<double> values(static_cast<std::size_t>(grid.count) + 1, 7.0);
  fill(curve, grid, threads, values.data());
  CHECK(values.back() == 7.0);
  values.pop_back();
  return values;
}

// FNV-1a over the bits of the values.
std::uint64_t digest(const std::vector<std::vector<double>>& tables) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const auto& table : tables) {
    for (const double value : table) hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3;
  }
  return hash;
}

void check_edges(const Curve& curve) {
  for (const double start : {0.0, 1.0, 255.0, 511.0, 512.0, 513.0, 1999.0, -3.0, 0.5}) {
    for (const std::int64_t count : {1, 2, 7, 8, 9, 17, 127, 128, 129, 511, 512, 513, 1030}) {
      const Grid grid{.start = start, .count = count};
      CHECK(same(filled(curve, grid, 1), one_by_one(curve, grid)));
    }
  }
  for (const std::int64_t count : {8191, 8192, 8193}) {
    const Grid grid{.count = count};
    CHECK(same(filled(curve, grid, 1), one_by_one(curve, grid)));
  }
}

void check_threads(const Curve& curve) {
  const Grid grid{.count = 270'001};  // enough for three threads
  const auto alone = filled(curve, grid, 1);
  CHECK(same(filled(curve, grid, 2), alone));
  CHECK(same(filled(curve, grid, 5), alone));
}

}  // namespace

int main() {
  std::vector<std::vector<double>> first;
  for (const Target target : runnable_targets()) {
    force_target(name(target));
    CHECK(active_target() == target);
    std::vector<std::vector<double>> tables;
    for (const Curve& curve : every_kind()) {
      check_edges(curve);
      tables.push_back(filled(curve, {.count = 10'000}, 1));
    }
    check_threads(every_kind()[19]);  // a sequence
    check_threads(every_kind()[24]);  // a repeat
    if (first.empty()) first = tables;
    for (std::size_t i = 0; i < first.size(); ++i) CHECK(same(first[i], tables[i]));
  }
  // As GCC on x86-64 gave it: every compiler and processor gives these bits. What changes a value on purpose,
  // or adds a kind, prints what to write here.
  const std::uint64_t known = 0xa6c56fe57233d632, found = digest(first);
  if (found != known) std::printf("digest of the tables: %#llx\n", static_cast<unsigned long long>(found));
  CHECK(found == known);
  CHECK(throws<std::invalid_argument>([] { force_target("mmx"); }));
  return failures;
}

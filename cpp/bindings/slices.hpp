// Long work in slices, between which Ctrl-C is looked for.
#pragma once

#include <algorithm>
#include <chrono>

#include "bind.hpp"

namespace stepcurve {

// Calls work(begin, count) for slices of [0, count) without the interpreter's lock: whatever a value costs,
// all but the first few slices take about as long as a person does not notice.
template <class Work>
void in_slices(std::int64_t count, Work work, std::int64_t first = 1 << 15) {
  using namespace std::chrono;
  constexpr double wanted = 0.02;  // seconds
  for (std::int64_t done = 0, slice = first; done < count;) {
    const std::int64_t now = std::min(slice, count - done);
    const auto begin = steady_clock::now();
    {
      const py::gil_scoped_release release;
      work(done, now);
    }
    done += now;
    const double took = std::max(duration<double>(steady_clock::now() - begin).count(), 1e-9);
    const double factor = std::clamp(wanted / took, 0.125, 8.0);
    slice = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(slice) * factor));
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
}

}  // namespace stepcurve

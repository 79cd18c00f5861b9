// Long work in slices, between which Ctrl-C is looked for.
#pragma once

#include <algorithm>

#include "bind.hpp"

namespace stepcurve {

// Calls work(begin, count) for slices of [0, count) without the interpreter's lock. A slice of this many
// values takes at most some tens of milliseconds.
template <class Work>
void in_slices(std::int64_t count, Work work, std::int64_t slice = 1 << 22) {
  for (std::int64_t done = 0; done < count; done += slice) {
    {
      const py::gil_scoped_release release;
      work(done, std::min(slice, count - done));
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
}

}  // namespace stepcurve

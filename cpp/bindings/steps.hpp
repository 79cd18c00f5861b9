// What the files of steps share.
#pragma once

#include "attributes.hpp"

namespace stepcurve {

inline py::object python(recurrence::Epoch number) {
  // CPython makes small ints faster from a long.
  constexpr bool fits = sizeof(long) == sizeof number;
  return made(fits ? PyLong_FromLong(static_cast<long>(number)) : PyLong_FromLongLong(number));
}

// How often torch's own code had to step, so that a test can tell.
inline std::size_t steps_by_torch = 0;

Outcome step_sequential(Attributes&, Recipe&, PyObject* const* arguments, Py_ssize_t count);
Outcome step_chained(Attributes&, Recipe&, PyObject* const* arguments, Py_ssize_t count);

}  // namespace stepcurve

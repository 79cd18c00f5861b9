#include "fields.hpp"

namespace stepcurve {

PyObject* Fields<recurrence::MultiStepLR>::milestones(const Attributes& from) {
  static const py::handle counter = forever(py::module_::import("collections").attr("Counter"));
  PyObject* found = from[own];
  const bool known = found && (PyDict_CheckExact(found) ||
                               Py_IS_TYPE(found, reinterpret_cast<PyTypeObject*>(counter.ptr())));
  return known ? found : nullptr;
}

bool Fields<recurrence::CyclicLR>::fill(const Attributes& from, recurrence::CyclicLR& to) {
  using Mode = recurrence::CyclicLR::Mode;
  static const py::handle partial = forever(py::module_::import("functools").attr("partial"));
  PyObject *function = from[own + 3], *custom = from[own + 4], *scale_mode = from[own + 5];
  if (!function || custom != Py_None || !scale_mode || !PyUnicode_CheckExact(scale_mode)) return false;
  if (!real(from[own + 1], to.total_size, most_count) || !real(from[own + 2], to.step_ratio)) return false;
  static const Text cycle("cycle");
  to.by_cycle = cycle.is(scale_mode);
  to.gamma = 1;
  if (function == from.method(4)) {
    to.mode = Mode::triangular;
    return true;
  }
  if (function == from.method(5)) {
    to.mode = Mode::triangular2;
    return to.by_cycle;
  }
  // partial(_exp_range_scale_fn, gamma), which is what it was made with whatever self.gamma is now.
  if (!Py_IS_TYPE(function, reinterpret_cast<PyTypeObject*>(partial.ptr()))) return false;
  to.mode = Mode::exp_range;
  const py::handle bound(function);
  const py::object arguments = bound.attr("args");
  return bound.attr("func").ptr() == from.method(2) && py::len(bound.attr("keywords")) == 0 &&
         PyTuple_GET_SIZE(arguments.ptr()) == 1 && PyFloat_CheckExact(PyTuple_GET_ITEM(arguments.ptr(), 0)) &&
         real(PyTuple_GET_ITEM(arguments.ptr(), 0), to.gamma);
}

PyObject* OneCycle::value(std::size_t phase, PyObject* name) const {
  const auto index = static_cast<Py_ssize_t>(phase);
  if (index >= PyList_GET_SIZE(phases.ptr())) return nullptr;
  const auto entry = py::reinterpret_borrow<py::object>(PyList_GET_ITEM(phases.ptr(), index));
  return PyDict_CheckExact(entry.ptr()) ? under(entry.ptr(), name) : nullptr;
}

Source OneCycle::source(std::size_t phase, PyObject* name) const {
  PyObject* key = value(phase, name);
  return Source::key(key && PyUnicode_CheckExact(key) ? key : nullptr);
}

bool Fields<OneCycle>::fill(const Attributes& from, OneCycle& to) {
  static PyObject* const end_step = interned("end_step");
  auto& [total_steps, linear, phase_ends] = to.scheduler;
  static const Text line("linear"), cosine("cos");
  linear = line.is(from[own + 2]);
  to.phases = py::reinterpret_borrow<py::object>(from[own + 1]);
  if (!linear && !cosine.is(from[own + 2])) return false;
  if (!count(from[own], total_steps) || !to.phases || !PyList_CheckExact(to.phases.ptr())) return false;
  const auto phases = static_cast<std::size_t>(PyList_GET_SIZE(to.phases.ptr()));
  if (phases > to.phase_ends.size()) return false;
  for (std::size_t i = 0; i < phases; ++i) {
    if (!count(to.value(i, end_step), to.phase_ends[i])) return false;
  }
  phase_ends = {to.phase_ends.data(), phases};
  return true;
}

bool Fields<recurrence::ReduceLROnPlateau>::fill(const Attributes& from, recurrence::ReduceLROnPlateau& to) {
  static const Text min_("min"), max_("max"), rel_("rel"), abs_("abs");
  const bool min = min_.is(from[own]), rel = rel_.is(from[own + 1]);
  double threshold;
  if ((!min && !max_.is(from[own])) || (!rel && !abs_.is(from[own + 1])) || !real(from[own + 2], threshold))
    return false;
  to.bar = plateau::bar(min ? plateau::Mode::min : plateau::Mode::max,
                        rel ? plateau::Threshold::rel : plateau::Threshold::abs, threshold, 0);
  return real(from[own + 3], to.patience, most_count) && from[cooldown] && real(from[best], to.state.best) &&
         integer(from[num_bad_epochs], to.state.bad_steps) &&
         integer(from[cooldown_counter], to.state.cooldown_left) && real(from[own + 8], to.factor) &&
         real(from[own + 10], to.eps);
}

}  // namespace stepcurve

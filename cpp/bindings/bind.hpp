// The only header that includes pybind11: the core knows no Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

namespace py = pybind11;

namespace stepcurve {

void bind_curve(py::module_& module);
void bind_descent(py::module_& module);
void bind_drive(py::module_& module);
void bind_early_stop(py::module_& module);
void bind_plateau(py::module_& module);
void bind_preview(py::module_& module);
void bind_scheduler(py::module_& module);
void bind_sweep(py::module_& module);
void bind_target(py::module_& module);

}  // namespace stepcurve

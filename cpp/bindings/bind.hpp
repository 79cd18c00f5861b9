// The only header that includes pybind11: the core knows no Python.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

namespace stepcurve {

void bind_curve(pybind11::module_& module);
void bind_preview(pybind11::module_& module);
void bind_scheduler(pybind11::module_& module);
void bind_target(pybind11::module_& module);

}  // namespace stepcurve

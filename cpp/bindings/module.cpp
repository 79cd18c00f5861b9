#include "bind.hpp"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The C++ core of stepcurve; use it through the package.";
  stepcurve::bind_target(module);
  stepcurve::bind_curve(module);
  stepcurve::bind_drive(module);
  stepcurve::bind_plateau(module);
  stepcurve::bind_early_stop(module);
  stepcurve::bind_scheduler(module);
  stepcurve::bind_preview(module);
  stepcurve::bind_sweep(module);
  stepcurve::bind_descent(module);
}

// Descents for python/stepcurve/descent.py, which makes the noise and the arrays.
#include "bind.hpp"
#include "stepcurve/descent.hpp"

using namespace py::literals;

namespace stepcurve {
namespace {

using Reals = py::array_t<double>;
using Wholes = py::array_t<std::int64_t>;

Surface named(int surface) {
  if (surface < 0 || surface > 2) throw std::invalid_argument("surface must be from 0 to 2");
  return static_cast<Surface>(surface);
}

void advance(Descent& descent, const Reals& lrs, bool held, const Reals& noise, const Wholes& at,
             Reals& positions, Reals& losses) {
  const std::int64_t seeds = descent.seeds(), count = noise.size() / (2 * seeds), places = at.size();
  if (lrs.size() != (held ? seeds : count) || noise.size() != 2 * seeds * count ||
      positions.size() != 2 * seeds * places || losses.size() != seeds * places) {
    throw std::invalid_argument("arrays of a descent must agree about its steps, seeds and places");
  }
  descent.check(count, at.data(), places);
  double *to = positions.mutable_data(), *loss = losses.mutable_data();
  const double *rates = lrs.data(), *row = noise.data();
  const std::int64_t* stops = at.data();
  const py::gil_scoped_release release;
  descent.advance(rates, held, row, count, stops, places, to, loss);
}

Reals losses(const Descent& descent) {
  Reals out(static_cast<py::ssize_t>(descent.seeds()));
  descent.losses(out.mutable_data());
  return out;
}

Wholes verdicts(const Descent& descent, double settled) {
  const std::vector<std::int64_t> all = descent.verdicts(settled);
  return Wholes(static_cast<py::ssize_t>(all.size()), all.data());
}

}  // namespace

void bind_descent(py::module_& module) {
  py::class_<Descent>(module, "Descent")
      .def(py::init(
               [](int surface, double x, double y, std::int64_t seeds, std::int64_t steps, double momentum,
                  double sigma) { return Descent(named(surface), x, y, seeds, steps, momentum, sigma); }),
           "surface"_a, "x"_a, "y"_a, "seeds"_a, "steps"_a, "momentum"_a, "sigma"_a)
      .def_property_readonly("done", &Descent::done)
      .def("advance", &advance, "lrs"_a.noconvert(), "held"_a, "noise"_a.noconvert(), "at"_a.noconvert(),
           "positions"_a.noconvert(), "losses"_a.noconvert())
      .def("losses", &losses)
      .def("verdicts", &verdicts, "settled"_a);
  module.def(
      "surface_losses",
      [](int surface, const Reals& x_and_y, Reals& out) {
        if (x_and_y.size() != 2 * out.size() || out.size() > 1 << 30) {
          throw std::invalid_argument("places and losses must agree");
        }
        surface_losses(named(surface), x_and_y.data(), out.mutable_data(), out.size());
      },
      "surface"_a, "x_and_y"_a.noconvert(), "out"_a.noconvert());
}

}  // namespace stepcurve

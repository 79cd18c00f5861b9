// Curves for python/stepcurve/curve.py, which turns Python's arguments into plain numbers and arrays.
#include "bind.hpp"
#include "slices.hpp"
#include "stepcurve/curve.hpp"

using namespace py::literals;

namespace stepcurve {
namespace {

template <class Value>
void fill_table(const Curve& curve, double start, double stride, int threads, py::array_t<Value>& out) {
  const std::int64_t size = out.size();
  Value* values = out.mutable_data();
  check_grid({.start = start, .stride = stride, .count = size});
  in_slices(size, [&](std::int64_t first, std::int64_t count) {
    check_grid(curve, {start, stride, first, count});
  });
  in_slices(size, [&](std::int64_t first, std::int64_t count) {
    fill(curve, {start, stride, first, count}, threads, values + first);
  });
}

void fill_times(const Curve& curve, const py::array_t<double>& times, py::array_t<double>& out) {
  const double* at = times.data();
  double* values = out.mutable_data();
  in_slices(times.size(),
            [&](std::int64_t first, std::int64_t count) { check_times(curve, at + first, count); });
  in_slices(times.size(), [&](std::int64_t first, std::int64_t count) {
    fill(curve, at + first, count, 0, values + first);
  });
}

using Description =
    py::typing::Tuple<py::str, py::typing::Dict<py::str, py::object>, py::typing::List<Curve>>;

Description describe(const Curve& curve) {
  const Expression expression = curve.describe();
  py::dict arguments;
  for (const auto& [name, value] : expression.arguments) arguments[py::str(name)] = py::cast(value);
  return py::make_tuple(expression.name, arguments, expression.operands);
}

Owner owner_named(const std::string& name) {
  if (name == "later") return Owner::later;
  if (name == "earlier") return Owner::earlier;
  throw std::invalid_argument("owner must be 'later' or 'earlier', got '" + name + "'");
}

Clock clock_named(const std::string& name) {
  if (name == "local") return Clock::local;
  if (name == "global") return Clock::global;
  throw std::invalid_argument("clock must be 'local' or 'global', got '" + name + "'");
}

Curve past_end_named(const Curve& curve, const std::string& policy) {
  if (policy == "hold") return past_end(curve, PastEnd::hold);
  if (policy == "extrapolate") return past_end(curve, PastEnd::extrapolate);
  if (policy == "repeat") return past_end(curve, PastEnd::repeat);
  if (policy == "raise") return past_end(curve, PastEnd::raise);
  throw std::invalid_argument("policy must be 'hold', 'extrapolate', 'repeat', 'raise' or a value, got '" +
                              policy + "'");
}

// A factory of Shape, whose members are all doubles, in their order.
template <class Shape, class... Arguments>
auto factory(Arguments...) {
  return [](Arguments... arguments) { return make(Shape{arguments...}); };
}

void bind_shapes(py::module_& module) {
  constexpr double d = 0.0;
  module.def("constant", factory<Constant>(d, d), "value"_a, "steps"_a);
  module.def("linear", factory<Linear>(d, d, d), "start"_a, "end"_a, "steps"_a);
  module.def("polynomial", factory<Polynomial>(d, d, d, d, d), "start"_a, "end"_a, "steps"_a, "power"_a,
             "inner_power"_a);
  module.def("cosine", factory<Cosine>(d, d, d, d, d, d), "start"_a, "end"_a, "steps"_a, "cycles"_a,
             "power"_a, "inner_power"_a);
  module.def("exponential", factory<Exponential>(d, d, d), "start"_a, "end"_a, "steps"_a);
  module.def("decay", factory<Decay>(d, d, d), "start"_a, "rate"_a, "every"_a);
  module.def("inverse", factory<Inverse>(d, d, d), "start"_a, "timescale"_a, "power"_a);
  module.def("tanh", factory<Tanh>(d, d, d, d, d), "start"_a, "end"_a, "steps"_a, "lower"_a, "upper"_a);
  module.def("log", factory<Log>(d, d, d), "start"_a, "end"_a, "steps"_a);
  module.def(
      "piecewise",
      [](std::vector<double> begins, std::vector<double> values) {
        return make(Piecewise{std::move(begins), std::move(values)});
      },
      "begins"_a, "values"_a);
}

void bind_combinators(py::module_& module) {
  module.def("sequence", &sequence, "curves"_a);
  module.def("product", &product, "curves"_a);
  module.def("sum", &sum, "curves"_a);
  module.def(
      "join",
      [](const std::vector<Curve>& curves, const std::vector<double>& boundaries, const std::string& owner,
         const std::string& clock) {
        return join(curves, boundaries, owner_named(owner), clock_named(clock));
      },
      "curves"_a, "boundaries"_a, "owner"_a, "clock"_a);
  module.def(
      "repeat",
      [](const Curve& curve, double times, double growth, double decay, double harmonic, bool whole,
         const std::string& owner) {
        return repeat(curve, {times, growth, decay, harmonic, whole, owner_named(owner)});
      },
      "curve"_a, "times"_a, "growth"_a, "decay"_a, "harmonic"_a, "whole"_a, "owner"_a);
  module.def("clip", &clip, "curve"_a, "low"_a, "high"_a);
  module.def("stairs", &stairs, "curve"_a, "every"_a);
  module.def("shift", &shift, "curve"_a, "steps"_a);
  module.def("stretch", &stretch, "curve"_a, "factor"_a);
  module.def("hold", &hold, "curve"_a, "steps"_a);
  module.def("past_end", &past_end_named, "curve"_a, "policy"_a);
  module.def("past_end", py::overload_cast<const Curve&, double>(&past_end), "curve"_a, "value"_a);
}

}  // namespace

void bind_curve(py::module_& module) {
  py::class_<Curve>(module, "Curve")
      .def("at", &Curve::at, "time"_a, py::pos_only())
      .def("steps", &Curve::steps)
      .def("size", &Curve::size)
      .def("describe", &describe, "Name, arguments and operands of what made the curve.");
  bind_shapes(module);
  bind_combinators(module);
  // noconvert: a copy would be filled and thrown away.
  module.def("fill_table", &fill_table<double>, "curve"_a, "start"_a, "stride"_a, "threads"_a,
             "out"_a.noconvert());
  module.def("fill_table", &fill_table<float>, "curve"_a, "start"_a, "stride"_a, "threads"_a,
             "out"_a.noconvert());
  module.def("fill_times", &fill_times, "curve"_a, "times"_a.noconvert(), "out"_a.noconvert());
}

}  // namespace stepcurve

// Sweeps for python/stepcurve/sweep.py, which knows their axes.
#include "bind.hpp"
#include "slices.hpp"
#include "stepcurve/sweep.hpp"

using namespace py::literals;

namespace stepcurve {
namespace {

// A ValueError with the number of the member, which Python turns into its parameters.
template <class Work>
auto naming_member(Work work) {
  try {
    return work();
  } catch (const MemberError& refusal) {
    PyErr_SetObject(PyExc_ValueError, py::make_tuple(refusal.what(), refusal.member).ptr());
    throw py::error_already_set();
  }
}

void check(const Sweep& sweep, double start, double stride, std::int64_t first, std::int64_t count) {
  const Grid grid{start, stride, first, count};
  naming_member([&] {
    check_grid(grid);
    in_slices(sweep.places_to_check(grid),
              [&](std::int64_t begin, std::int64_t places) { sweep.check(grid, begin, places); });
  });
}

template <class Value>
void fill_rows(const Sweep& sweep, double start, double stride, std::int64_t first, int threads,
               py::array_t<Value>& out) {
  const auto members = static_cast<std::int64_t>(sweep.members().size());
  const Grid grid{start, stride, first, out.size() / members};
  Value* table = out.mutable_data();
  check(sweep, start, stride, first, grid.count);
  in_slices(out.size(),
            [&](std::int64_t begin, std::int64_t count) { sweep.fill(grid, begin, count, threads, table); });
}

void at(const Sweep& sweep, double time, int threads, py::array_t<double>& out) {
  double* values = out.mutable_data();
  naming_member([&] {
    const py::gil_scoped_release release;
    sweep.at(time, threads, values);
  });
}

Sweep part(const Sweep& sweep, const py::array_t<std::int64_t>& which) {
  std::vector<Curve> members;
  members.reserve(static_cast<std::size_t>(which.size()));
  for (py::ssize_t i = 0; i < which.size(); ++i) {
    members.push_back(sweep.members().at(static_cast<std::size_t>(which.data()[i])));
  }
  return Sweep(std::move(members));
}

}  // namespace

void bind_sweep(py::module_& module) {
  py::class_<Sweep>(module, "Sweep")
      .def(py::init<std::vector<Curve>>(), "members"_a)
      .def(
          "member", [](const Sweep& sweep, std::size_t i) { return sweep.members().at(i); }, "i"_a)
      .def("check", &check, "start"_a, "stride"_a, "first"_a, "count"_a)
      .def("part", &part, "which"_a.noconvert())
      .def("at", &at, "time"_a, "threads"_a, "out"_a.noconvert())
      .def("fill", &fill_rows<double>, "start"_a, "stride"_a, "first"_a, "threads"_a, "out"_a.noconvert())
      .def("fill", &fill_rows<float>, "start"_a, "stride"_a, "first"_a, "threads"_a, "out"_a.noconvert());
}

}  // namespace stepcurve

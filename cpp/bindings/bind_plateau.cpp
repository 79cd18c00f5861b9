// Plateau for python/stepcurve/plateau.py, which turns Python's arguments into arrays.
#include "bind.hpp"
#include "slices.hpp"
#include "stepcurve/plateau.hpp"

using namespace py::literals;

namespace stepcurve {
namespace {

using Arrays = py::typing::Dict<py::str, py::array>;

template <class Value, class Given>
std::vector<Value> values(const Arrays& options, const char* name) {
  const auto array = options[name].cast<py::array_t<Given>>();
  std::vector<Value> all;
  all.reserve(static_cast<std::size_t>(array.size()));
  for (py::ssize_t i = 0; i < array.size(); ++i) all.push_back(static_cast<Value>(array.data()[i]));
  return all;
}

Plateau make(const Arrays& options, std::int64_t runs) {
  const auto real = [&](const char* name) { return values<double, double>(options, name); };
  const auto whole = [&](const char* name) { return values<std::int64_t, std::int64_t>(options, name); };
  plateau::Options all;
  all.lr = real("lr");
  all.factor = real("factor");
  all.threshold = real("threshold");
  all.atol = real("atol");
  all.min_lr = real("min_lr");
  all.max_lr = real("max_lr");
  all.eps = real("eps");
  all.patience = whole("patience");
  all.cooldown = whole("cooldown");
  all.warmup = whole("warmup");
  all.window = whole("window");
  all.accumulate = whole("accumulate");
  all.grow_cooldown = whole("grow_cooldown");
  all.reset_after = whole("reset_after");
  all.grow = whole("grow");
  all.cooldown_ignores = whole("cooldown_ignores");
  all.mode = values<plateau::Mode, std::int64_t>(options, "mode");
  all.threshold_mode = values<plateau::Threshold, std::int64_t>(options, "threshold_mode");
  all.trigger = values<plateau::Trigger, std::int64_t>(options, "trigger");
  all.nan = values<plateau::Nan, std::int64_t>(options, "nan");
  return Plateau(all, runs);
}

double update(Plateau& tracker, double metric) {
  double lr;
  tracker.check(&metric, false, 1);
  tracker.replay(&metric, false, 1, 1, &lr);
  return lr;
}

// So few values are done before anybody could wait for the interpreter's lock, and so few rows before the
// state could be kept for a Ctrl-C on the way.
constexpr std::int64_t few_values = 4096, few_rows = 8;

void replay(Plateau& tracker, const py::array_t<double>& metrics, bool shared, int threads,
            py::array_t<double>& out) {
  const std::int64_t runs = tracker.runs(), rows = out.size() / runs, columns = shared ? 1 : runs;
  const double* from = metrics.data();
  double* lrs = out.mutable_data();
  tracker.check(from, shared, rows);
  if (out.size() <= few_values) return tracker.replay(from, shared, rows, threads, lrs);
  if (rows <= few_rows) {
    const py::gil_scoped_release release;
    return tracker.replay(from, shared, rows, threads, lrs);
  }
  const Plateau before = tracker;
  try {
    in_slices(
        rows,
        [&](std::int64_t first, std::int64_t count) {
          tracker.replay(from + first * columns, shared, count, threads, lrs + first * runs);
        },
        std::max<std::int64_t>(1, (1 << 22) / runs));
  } catch (...) {
    tracker = before;
    throw;
  }
}

// An array over the memory of the tracker, which lives as long as it.
template <class Values>
auto view(Values Plateau::* member) {
  return [member](const py::object& self) {
    auto& all = self.cast<Plateau&>().*member;
    return py::array_t<typename Values::value_type>(static_cast<py::ssize_t>(all.size()), all.data(), self);
  };
}

template <class Values>
auto view(Values plateau::Averages::* member) {
  return [member](const py::object& self) {
    auto& all = self.cast<Plateau&>().averages.*member;
    return py::array_t<typename Values::value_type>(static_cast<py::ssize_t>(all.size()), all.data(), self);
  };
}

}  // namespace

void bind_plateau(py::module_& module) {
  py::class_<Plateau>(module, "Plateau")
      .def(py::init(&make), "options"_a, "runs"_a)
      .def_readwrite("steps", &Plateau::steps)
      .def_property_readonly("lr", view(&Plateau::lr))
      .def_property_readonly("best", view(&Plateau::best))
      .def_property_readonly("bad_steps", view(&Plateau::bad_steps))
      .def_property_readonly("cooldown_left", view(&Plateau::cooldown_left))
      .def_property_readonly("good_steps", view(&Plateau::good_steps))
      .def_property_readonly("resets_left", view(&Plateau::resets_left))
      .def_property_readonly("recent", view(&plateau::Averages::recent))
      .def_property_readonly("sum", view(&plateau::Averages::sum))
      .def_property_readonly("averaged", view(&plateau::Averages::averaged))
      .def("update", &update, "metric"_a, py::pos_only())
      .def("replay", &replay, "metrics"_a.noconvert(), "shared"_a, "threads"_a, "out"_a.noconvert());
}

}  // namespace stepcurve

// Plateau for python/stepcurve/plateau.py, which turns Python's arguments into arrays.
#include "stepcurve/plateau.hpp"
#include "tracker.hpp"

using namespace py::literals;

namespace stepcurve {
namespace {

std::unique_ptr<Owned<Plateau>> make(const Arrays& options, std::int64_t runs) {
  const auto real = [&](const char* name) { return values<double>(options, name); };
  const auto whole = [&](const char* name) { return values<std::int64_t>(options, name); };
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
  return std::make_unique<Owned<Plateau>>(Plateau(all, runs));
}

template <class Values>
auto view_of_averages(Values plateau::Averages::* member) {
  return [member](const py::object& self) {
    auto& all = self.cast<Owned<Plateau>&>().averages.*member;
    return py::array_t<typename Values::value_type>(static_cast<py::ssize_t>(all.size()), all.data(), self);
  };
}

}  // namespace

void bind_plateau(py::module_& module) {
  py::class_<Owned<Plateau>>(module, "Plateau")
      .def(py::init(&make), "options"_a, "runs"_a)
      .def_readonly("steps", &Plateau::steps)
      .def_property_readonly("lr", view(&Plateau::lr))
      .def_property_readonly("best", view(&Plateau::best))
      .def_property_readonly("bad_steps", view(&Plateau::bad_steps))
      .def_property_readonly("cooldown_left", view(&Plateau::cooldown_left))
      .def_property_readonly("good_steps", view(&Plateau::good_steps))
      .def_property_readonly("resets_left", view(&Plateau::resets_left))
      .def_property_readonly("recent", view_of_averages(&plateau::Averages::recent))
      .def_property_readonly("sum", view_of_averages(&plateau::Averages::sum))
      .def_property_readonly("averaged", view_of_averages(&plateau::Averages::averaged))
      .def("update", &update<double, Plateau>, "metric"_a, py::pos_only())
      .def("replay", &replay<double, Plateau>, "metrics"_a.noconvert(), "shared"_a, "threads"_a,
           "out"_a.noconvert())
      .def("load", &load<Plateau>, "steps"_a, "state"_a);
}

}  // namespace stepcurve

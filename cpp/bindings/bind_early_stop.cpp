// EarlyStop for python/stepcurve/early_stop.py, which turns Python's arguments into arrays.
#include "stepcurve/early_stop.hpp"
#include "tracker.hpp"

using namespace py::literals;

namespace stepcurve {
namespace {

std::unique_ptr<Owned<EarlyStop>> make(const Arrays& options, std::int64_t runs) {
  early_stop::Options all;
  all.threshold = values<double>(options, "threshold");
  all.atol = values<double>(options, "atol");
  all.baseline = values<double>(options, "baseline");
  all.target = values<double>(options, "target");
  all.limit = values<double>(options, "limit");
  all.patience = values<std::int64_t>(options, "patience");
  all.warmup = values<std::int64_t>(options, "warmup");
  all.cumulative = values<std::int64_t>(options, "cumulative");
  all.mode = values<plateau::Mode, std::int64_t>(options, "mode");
  all.threshold_mode = values<plateau::Threshold, std::int64_t>(options, "threshold_mode");
  all.nan = values<early_stop::Nan, std::int64_t>(options, "nan");
  return std::make_unique<Owned<EarlyStop>>(EarlyStop(all, runs));
}

}  // namespace

void bind_early_stop(py::module_& module) {
  py::class_<Owned<EarlyStop>>(module, "EarlyStop")
      .def(py::init(&make), "options"_a, "runs"_a)
      .def_readonly("steps", &EarlyStop::steps)
      .def_property_readonly("best", view(&EarlyStop::best))
      .def_property_readonly("best_step", view(&EarlyStop::best_step))
      .def_property_readonly("bad_steps", view(&EarlyStop::bad_steps))
      .def_property_readonly("stopped_at", view(&EarlyStop::stopped_at))
      .def("update", &update<bool, EarlyStop>, "metric"_a, py::pos_only())
      .def("replay", &replay<bool, EarlyStop>, "metrics"_a.noconvert(), "shared"_a, "threads"_a,
           "out"_a.noconvert())
      .def("load", &load<EarlyStop>, "steps"_a, "state"_a);
}

}  // namespace stepcurve

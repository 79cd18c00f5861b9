#include <string>

#include "bind.hpp"
#include "stepcurve/target.hpp"

namespace stepcurve {

void bind_target(py::module_& module) {
  module.def("runnable_targets", [] {
    std::vector<std::string> names;
    for (const Target target : runnable_targets()) names.emplace_back(name(target));
    return names;
  });
  module.def("active_target", [] { return std::string(name(active_target())); });
  module.def("force_target", [](const std::string& target) { force_target(target); }, py::arg("target"));
}

}  // namespace stepcurve

#include <map>
#include <string>

#include "bind.hpp"
#include "stepcurve/target.hpp"

namespace stepcurve {

static std::vector<std::string> names_of(const std::vector<Target>& targets) {
  std::vector<std::string> names;
  for (const Target target : targets) names.emplace_back(name(target));
  return names;
}

void bind_target(py::module_& module) {
  // As CMake defines them for this file alone.
  module.def("build_facts", [] {
    return std::map<std::string, std::string>{{"compiler", STEPCURVE_COMPILER},
                                              {"flags", STEPCURVE_FLAGS},
                                              {"build_type", STEPCURVE_BUILD_TYPE},
                                              {"cxx_standard", STEPCURVE_CXX_STANDARD}};
  });
  module.def("built_targets", [] { return names_of(built_targets()); });
  module.def("runnable_targets", [] { return names_of(runnable_targets()); });
  module.def("active_target", [] { return std::string(name(active_target())); });
  module.def("force_target", [](const std::string& target) { force_target(target); }, py::arg("target"));
}

}  // namespace stepcurve

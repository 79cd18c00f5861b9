// preview(): a scheduler with all that it is made of, detached from its optimizer.
#include <algorithm>
#include <set>
#include <string_view>

#include "fields.hpp"
#include "stepcurve/preview.hpp"

namespace stepcurve {
namespace {

using recurrence::Column;
using recurrence::Epoch;

// Null wherever torch's own code has to be asked.
using Node = std::unique_ptr<recurrence::Detached>;

class Detacher {
 public:
  Detacher(const Groups& groups, PyObject* optimizer) : groups_(groups), optimizer_(optimizer) {}

  Node detach(PyObject* scheduler);

  bool column(const Source& source, Column& values) const {
    values.resize(static_cast<std::size_t>(groups_.size()));
    return groups_.column(source, values.data());
  }

  // Whether steps would set the momentum, or need not: all that they need for it is there.
  bool has_momentum(PyObject* cycles, PyObject* use_beta1, const Source& low, const Source& high) const {
    Column values;
    Cycling cycling;
    if (!cycling.fill(cycles, use_beta1)) return false;
    return !cycling.momentum ||
           (groups_.has_momentum(cycling.beta1) && column(low, values) && column(high, values));
  }

 private:
  const Groups& groups_;
  PyObject* optimizer_;
  std::set<PyObject*> met_;
};

// The epoch of a scheduler whose next step is an ordinary one. Its first counts as such: torch only warns
// then.
template <class Scheduler>
bool ready(const Attributes& from, Epoch& epoch) {
  Epoch steps;
  if (!integer(from[last_epoch], epoch) || (from[is_initial] && from[is_initial] != Py_False)) return false;
  if (std::is_same_v<Scheduler, recurrence::CosineAnnealingWarmRestarts>)
    return epoch >= 0;  // counts no steps
  return integer(from[step_count], steps) && steps >= 1;
}

template <class Scheduler>
Node detach_plain(Detacher& detacher, const Attributes& from) {
  Epoch epoch;
  Column x, y;
  Scheduler scheduler;
  const Source x_from = Fields<Scheduler>::x(from);
  const bool given = x_from.from != Source::From::lr;
  if (!ready<Scheduler>(from, epoch) || !Fields<Scheduler>::fill(from, scheduler)) return nullptr;
  if ((given && !detacher.column(x_from, x)) || !detacher.column(Fields<Scheduler>::y(from), y))
    return nullptr;
  return std::make_unique<recurrence::DetachedScheduler<Scheduler>>(scheduler, epoch, std::move(x),
                                                                    std::move(y));
}

template <class Scheduler>
Node detach(Detacher& detacher, const Attributes& from) {
  return detach_plain<Scheduler>(detacher, from);
}

template <>
Node detach<recurrence::MultiStepLR>(Detacher& detacher, const Attributes& from) {
  using Fields = Fields<recurrence::MultiStepLR>;
  Epoch epoch;
  Column base;
  recurrence::Milestones scheduler;
  PyObject* milestones = Fields::milestones(from);
  if (!milestones || !ready<recurrence::MultiStepLR>(from, epoch) ||
      !Fields::fill(from, scheduler.scheduler) || !Fields::has_powers(from))
    return nullptr;
  if (!detacher.column(Fields::y(from), base)) return nullptr;
  Py_ssize_t position = 0;
  PyObject *key, *value;
  while (PyDict_Next(milestones, &position, &key, &value)) {
    double milestone;
    Epoch count;
    if (!stepcurve::count(key, milestone) || !integer(value, count) || count < 1) return nullptr;
    scheduler.counts[milestone] = count;
  }
  return std::make_unique<recurrence::DetachedScheduler<recurrence::Milestones>>(std::move(scheduler), epoch,
                                                                                 Column{}, std::move(base));
}

template <>
Node detach<recurrence::CyclicLR>(Detacher& detacher, const Attributes& from) {
  using Cyclic = Fields<recurrence::CyclicLR>;
  const bool complete = detacher.has_momentum(from[Cyclic::cycle_momentum], from[Cyclic::use_beta1],
                                              Cyclic::base_momentums(from), Cyclic::max_momentums(from));
  return complete ? detach_plain<recurrence::CyclicLR>(detacher, from) : nullptr;
}

template <>
Node detach<OneCycle>(Detacher& detacher, const Attributes& from) {
  static PyObject *const start_lr = interned("start_lr"), *const end_lr = interned("end_lr");
  static PyObject *const start_momentum = interned("start_momentum"), *const end_momentum =
                                                                          interned("end_momentum");
  Epoch epoch;
  OneCycle cycle;
  if (!ready<OneCycle>(from, epoch) || !Fields<OneCycle>::fill(from, cycle)) return nullptr;
  std::vector<recurrence::DetachedOneCycleLR::Phase> phases;
  for (std::size_t i = 0; i < cycle.scheduler.phase_ends.size(); ++i) {
    auto& phase = phases.emplace_back(cycle.phase_ends[i], Column{}, Column{});
    const Source start = cycle.source(i, start_lr), end = cycle.source(i, end_lr);
    if (!start.object || !end.object || !detacher.column(start, phase.start_lrs) ||
        !detacher.column(end, phase.end_lrs))
      return nullptr;
    if (!detacher.has_momentum(from[Fields<OneCycle>::cycle_momentum], from[Fields<OneCycle>::use_beta1],
                               cycle.source(i, start_momentum), cycle.source(i, end_momentum)))
      return nullptr;
    // A phase between rates that the steps themselves change cannot be known before.
    static const Text lr("lr");
    if (lr.is(start.object) || lr.is(end.object)) return nullptr;
  }
  const auto& [total_steps, linear, ends] = cycle.scheduler;
  return std::make_unique<recurrence::DetachedOneCycleLR>(total_steps, linear, std::move(phases), epoch);
}

bool detach_all(Detacher& detacher, PyObject* schedulers, std::vector<Node>& nodes) {
  const auto all = py::reinterpret_steal<py::tuple>(PySequence_Tuple(schedulers));
  for (const py::handle scheduler : all)
    if (!nodes.emplace_back(detacher.detach(scheduler.ptr()))) return false;
  return !nodes.empty();
}

template <>
Node detach<SequentialLR>(Detacher& detacher, const Attributes& from) {
  SequentialLR sequence;
  std::vector<Epoch> milestones;
  std::vector<Node> nodes;
  if (!Fields<SequentialLR>::fill(from, sequence)) return nullptr;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(sequence.milestones); ++i)
    if (!integer(PyList_GET_ITEM(sequence.milestones, i), milestones.emplace_back())) return nullptr;
  static PyObject* const update_lr = interned("_update_lr");
  if (!PyObject_HasAttr(from.scheduler(), update_lr))
    return nullptr;  // before torch 2.9 another rule at milestones
  // Of unsorted milestones Python's bisect finds others than C++'s.
  if (!std::is_sorted(milestones.begin(), milestones.end())) return nullptr;
  if (!detach_all(detacher, sequence.schedulers, nodes)) return nullptr;
  return std::make_unique<recurrence::DetachedSequentialLR>(std::move(nodes), std::move(milestones),
                                                            sequence.last_epoch);
}

template <>
Node detach<ChainedScheduler>(Detacher& detacher, const Attributes& from) {
  ChainedScheduler chain;
  std::vector<Node> nodes;
  if (!Fields<ChainedScheduler>::fill(from, chain) || !detach_all(detacher, chain.schedulers, nodes))
    return nullptr;
  return std::make_unique<recurrence::DetachedChainedScheduler>(std::move(nodes));
}

template <class Scheduler>
std::pair<const std::string_view, Node (*)(Detacher&, const Attributes&)> entry() {
  return {Fields<Scheduler>::name, detach<Scheduler>};
}

// Not among them: those whose lr user code or a metric decides.
const std::map<std::string_view, Node (*)(Detacher&, const Attributes&)> makers{
    entry<recurrence::StepLR>(),
    entry<recurrence::MultiStepLR>(),
    entry<recurrence::ConstantLR>(),
    entry<recurrence::LinearLR>(),
    entry<recurrence::ExponentialLR>(),
    entry<recurrence::PolynomialLR>(),
    entry<recurrence::CosineAnnealingLR>(),
    entry<recurrence::CosineAnnealingWarmRestarts>(),
    entry<recurrence::CyclicLR>(),
    entry<OneCycle>(),
    entry<recurrence::SWALR>(),
    entry<SequentialLR>(),
    entry<ChainedScheduler>(),
};

Node Detacher::detach(PyObject* scheduler) {
  static PyObject* const step = interned("step");
  constexpr std::size_t most = 500;  // as deep as nests are followed here
  // One that is stepped twice a step has one state, which two copies would not share.
  if (met_.size() >= most || !met_.insert(scheduler).second) return nullptr;
  const Verdict verdict = verdict_of(Py_TYPE(scheduler));
  const auto maker = verdict.recipe ? makers.find(verdict.recipe->class_name) : makers.end();
  if (maker == makers.end() || !verdict.own_methods) return nullptr;
  Attributes attributes(scheduler);
  if (attributes.under(step) || PyErr_Occurred()) return PyErr_Clear(), nullptr;
  if (!attributes.read(*verdict.recipe) || attributes[optimizer] != optimizer_) return nullptr;
  return maker->second(*this, attributes);
}

// In pieces, between which Ctrl-C is heard.
bool fill(recurrence::Detached& detached, Column& lrs, std::size_t steps, double* rows) {
  const std::size_t piece = 1'000'000 / std::max<std::size_t>(lrs.size(), 1) + 1;
  std::copy(lrs.begin(), lrs.end(), rows);
  for (std::size_t done = 0; done < steps; done += piece) {
    bool known;
    {
      const py::gil_scoped_release release;
      known =
          recurrence::preview(detached, lrs, std::min(piece, steps - done), rows + (done + 1) * lrs.size());
    }
    if (!known) return false;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
  return true;
}

}  // namespace

void bind_preview(py::module_& module) {
  module.def(
      "preview",
      [](const py::object& scheduler, std::size_t steps) -> py::object {
        Groups groups;
        Column lrs;
        const py::object optimizer = scheduler.attr("optimizer");
        if (!groups.open(optimizer.ptr()) || groups.any_twice()) return py::none();
        Detacher detacher(groups, optimizer.ptr());
        const Node detached = detacher.detach(scheduler.ptr());
        if (!detached || !detacher.column({}, lrs)) return py::none();
        py::array_t<double> rates({steps + 1, lrs.size()});
        return fill(*detached, lrs, steps, rates.mutable_data()) ? py::object(rates) : py::none();
      },
      py::arg("scheduler"), py::arg("steps"), "None where torch's own code has to be asked.");
}

}  // namespace stepcurve

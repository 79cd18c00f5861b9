// The steps that the core knows, one function a class.
#include "steps.hpp"

#include "fields.hpp"

namespace stepcurve {
namespace {

using recurrence::Epoch;
using recurrence::Update;
using enum Outcome;

// Reads the attributes, which are borrowed, and again where opening the groups may have run Python code.
bool start(Attributes& attributes, Recipe& recipe, Groups& groups) {
  if (!attributes.read(recipe) || !attributes[optimizer]) return false;
  return groups.open_plain(attributes[optimizer]) ||
         (groups.open(attributes[optimizer]) && attributes.read(recipe));
}

// What LRScheduler.step counts before it asks get_lr.
struct Counts {
  Epoch step_count, last_epoch;
  py::object next_count, next_epoch;  // made before anything is written: an error then leaves all as it was

  // Not at the first step after construction, where torch has warnings to give, nor during it; not to epoch
  // 0, for which torch's versions have different rules.
  bool read(const Attributes& from) {
    if (!integer(from[Slot::step_count], step_count) || step_count < 2 ||
        !integer(from[Slot::last_epoch], last_epoch) || last_epoch < 0 ||
        (from[is_initial] && from[is_initial] != Py_False) || from[in_get_lr] != Py_False)
      return false;
    next_count = python(step_count + 1);
    next_epoch = python(last_epoch + 1);
    return true;
  }
  void write(const Attributes& to) const {
    to.set(Slot::step_count, next_count);
    to.set(Slot::last_epoch, next_epoch);
  }
};

template <class Scheduler>
bool next(Scheduler& scheduler, Attributes&, Epoch epoch, Update& update) {
  update = scheduler.next(epoch);
  return true;
}

bool next(recurrence::MultiStepLR& scheduler, Attributes& from, Epoch epoch, Update& update) {
  const auto milestones =
      py::reinterpret_borrow<py::object>(Fields<recurrence::MultiStepLR>::milestones(from));
  if (!milestones) return false;
  const bool powers = Fields<recurrence::MultiStepLR>::has_powers(from);
  // Milestones may be objects that compare themselves, by whatever code; torch's code meets their errors too.
  const auto listed = py::reinterpret_steal<py::object>(
      Py_XNewRef(PyDict_GetItemWithError(milestones.ptr(), python(epoch).ptr())));
  if (PyErr_Occurred()) {
    PyErr_Clear();
    return false;
  }
  from.forget(last_lr);
  Epoch count = 0;
  if (listed && (!integer(listed.ptr(), count) || count < 1 || (count > 1 && !powers))) return false;
  update = scheduler.next(count);
  return true;
}

template <class Scheduler>
Outcome step(Attributes& attributes, Recipe& recipe, PyObject* const*, Py_ssize_t arguments) {
  Groups groups;
  Counts counts;
  Scheduler scheduler;
  Update update;
  if (arguments != 0 || !start(attributes, recipe, groups) || !counts.read(attributes)) return torchs;
  if (!Fields<Scheduler>::fill(attributes, scheduler)) return torchs;
  if (!next(scheduler, attributes, counts.last_epoch + 1, update)) return torchs;
  const Change lr{update, Fields<Scheduler>::x(attributes), Fields<Scheduler>::y(attributes)};
  if (groups.step(lr, nullptr, attributes) == torchs) return torchs;
  counts.write(attributes);
  return done;
}

Outcome step_warm_restarts(Attributes& attributes, Recipe& recipe, PyObject* const*, Py_ssize_t arguments) {
  using Restarts = Fields<recurrence::CosineAnnealingWarmRestarts>;
  Groups groups;
  Epoch epoch;
  recurrence::CosineAnnealingWarmRestarts scheduler;
  if (arguments != 0 || !start(attributes, recipe, groups)) return torchs;
  if (attributes[in_get_lr] != Py_False || !integer(attributes[last_epoch], epoch) || epoch < 0)
    return torchs;
  if (!Restarts::fill(attributes, scheduler)) return torchs;
  const bool whole = is_int(attributes[Restarts::T_cur]);
  const double length = scheduler.T_i;
  const Change lr{scheduler.next(epoch + 1), {}, Restarts::y(attributes)};
  if (scheduler.T_i > static_cast<double>(most_count)) return torchs;
  const py::object place =
      whole ? python(static_cast<Epoch>(scheduler.T_cur)) : made(PyFloat_FromDouble(scheduler.T_cur));
  const py::object now = python(epoch + 1), cycle = python(static_cast<Epoch>(scheduler.T_i));
  if (groups.step(lr, nullptr, attributes) == torchs) return torchs;
  attributes.set(Restarts::T_cur, place);
  if (scheduler.T_i != length) attributes.set(Restarts::T_i, cycle);
  attributes.set(last_epoch, now);
  return done;
}

Outcome step_cyclic(Attributes& attributes, Recipe& recipe, PyObject* const*, Py_ssize_t arguments) {
  using Cyclic = Fields<recurrence::CyclicLR>;
  Groups groups;
  Counts counts;
  recurrence::CyclicLR scheduler;
  if (arguments != 0 || !start(attributes, recipe, groups) || !counts.read(attributes)) return torchs;
  if (!Cyclic::fill(attributes, scheduler)) return torchs;
  const Change lr{scheduler.next(counts.last_epoch + 1), Cyclic::x(attributes), Cyclic::y(attributes)};
  Cycling cycling;
  if (!cycling.fill(attributes[Cyclic::cycle_momentum], attributes[Cyclic::use_beta1])) return torchs;
  Momentum momentum{lr, cycling.beta1};
  momentum.change.update.form = recurrence::Form::descend;
  momentum.change.x = Cyclic::base_momentums(attributes);
  momentum.change.y = Cyclic::max_momentums(attributes);
  if (groups.step(lr, cycling.momentum ? &momentum : nullptr, attributes) == torchs) return torchs;
  counts.write(attributes);
  return done;
}

Outcome step_one_cycle(Attributes& attributes, Recipe& recipe, PyObject* const*, Py_ssize_t arguments) {
  static PyObject *const start_lr = interned("start_lr"), *const end_lr = interned("end_lr");
  static PyObject *const start_momentum = interned("start_momentum"), *const end_momentum =
                                                                          interned("end_momentum");
  Groups groups;
  Counts counts;
  OneCycle cycle;
  if (arguments != 0 || !start(attributes, recipe, groups) || !counts.read(attributes)) return torchs;
  if (!Fields<OneCycle>::fill(attributes, cycle)) return torchs;
  const auto [phase, update] = cycle.scheduler.next(counts.last_epoch + 1);
  const auto between = [&](PyObject* first, PyObject* last) {
    return Change{update, cycle.source(phase, first), cycle.source(phase, last)};
  };
  const auto complete = [](const Change& change) { return change.x.object && change.y.object; };
  Cycling cycling;
  if (!cycling.fill(attributes[Fields<OneCycle>::cycle_momentum], attributes[Fields<OneCycle>::use_beta1]))
    return torchs;
  if (update.form == recurrence::Form::unknown) return torchs;
  const Change lr = between(start_lr, end_lr);
  const Momentum momentum{cycling.momentum ? between(start_momentum, end_momentum) : lr, cycling.beta1};
  if (!complete(lr) || !complete(momentum.change)) return torchs;
  if (groups.step(lr, cycling.momentum ? &momentum : nullptr, attributes) == torchs) return torchs;
  counts.write(attributes);
  return done;
}

// base * function(epoch) for every group, where base is its base lr, or without bases its present lr. What
// user code changes meanwhile counts at once, as in torch.
std::vector<Product> products(const py::list& functions, const py::object& bases, const Groups& groups,
                              const Attributes& scheduler) {
  std::vector<Product> all;
  const auto same_length = [&] {
    const Py_ssize_t size = PyList_GET_SIZE(functions.ptr());
    return size == (bases ? PyList_GET_SIZE(bases.ptr()) : groups.size());
  };
  for (Py_ssize_t i = 0; same_length() && i < PyList_GET_SIZE(functions.ptr()); ++i) {
    const auto function = py::reinterpret_borrow<py::object>(PyList_GET_ITEM(functions.ptr(), i));
    auto base = bases ? py::reinterpret_borrow<py::object>(PyList_GET_ITEM(bases.ptr(), i)) : groups.lr(i);
    const auto epoch = py::reinterpret_borrow<py::object>(scheduler.find(last_epoch));
    if (!base || !epoch) throw py::key_error(base ? "last_epoch" : "lr");
    auto factor = py::reinterpret_steal<py::object>(PyObject_CallOneArg(function.ptr(), epoch.ptr()));
    if (!factor) throw py::error_already_set();
    all.emplace_back(std::move(base), std::move(factor));
  }
  if (!same_length()) throw py::value_error("zip() arguments differ in length");
  return all;
}

template <bool from_present>
Outcome step_lambda(Attributes& attributes, Recipe& recipe, PyObject* const*, Py_ssize_t arguments) {
  Groups groups;
  Counts counts;
  if (arguments != 0 || !start(attributes, recipe, groups) || !counts.read(attributes)) return torchs;
  PyObject *functions = attributes[own], *base = attributes[base_lrs];
  const auto fits = [&](PyObject* list) {
    return list && PyList_CheckExact(list) && PyList_GET_SIZE(list) == groups.size();
  };
  if (!fits(functions) || (!from_present && !fits(base)) || !groups.assignable()) return torchs;
  const auto calls = py::reinterpret_borrow<py::list>(functions);
  const auto bases = py::reinterpret_borrow<py::object>(from_present ? nullptr : base);
  // From here on user code runs: what it can see has to be as torch leaves it, and there is no way back.
  counts.write(attributes);
  attributes.set(in_get_lr, Py_True);
  std::vector<Product> values;
  try {
    values = products(calls, bases, groups, attributes);
  } catch (...) {
    attributes.set(in_get_lr, Py_False);
    throw;
  }
  attributes.set(in_get_lr, Py_False);
  const auto now = py::reinterpret_borrow<py::object>(attributes.find(optimizer));
  if (!now || !groups.open(now.ptr())) throw py::type_error("param_groups is no list of dicts any more");
  groups.assign(values);
  if (!groups.record(attributes)) record_lr(now, attributes);
  return done;
}

Outcome step_plateau(Attributes& attributes, Recipe& recipe, PyObject* const* arguments, Py_ssize_t count) {
  using Plateau = Fields<recurrence::ReduceLROnPlateau>;
  static PyObject* const reduce_lr = interned("_reduce_lr");
  if (count != 1) return torchs;
  // float() may be user code, and is to be called once.
  const auto metric = py::reinterpret_steal<py::object>(PyNumber_Float(arguments[0]));
  if (!metric) return raised;
  Groups groups;
  Epoch epoch;
  recurrence::ReduceLROnPlateau tracker;
  if (!start(attributes, recipe, groups) || !integer(attributes[last_epoch], epoch) ||
      !Plateau::fill(attributes, tracker)) {
    ++steps_by_torch;
    py::handle(recipe.torch_step)(py::handle(attributes.scheduler()), metric);
    return done;
  }
  const plateau::State before = tracker.state;
  const bool reduces = tracker.step(PyFloat_AS_DOUBLE(metric.ptr()));
  const py::object now = python(epoch + 1), cooling = python(tracker.state.cooldown_left),
                   bad = python(tracker.state.bad_steps), none = python(0);
  // The rates first: they need memory, and an error then leaves all as it was.
  const Change lr{tracker.update(), {}, Source::list(attributes[Plateau::min_lrs])};
  const bool written = reduces ? groups.step(lr, nullptr, attributes) == done : groups.record(attributes);
  attributes.set(last_epoch, now);
  if (tracker.improved) attributes.set(Plateau::best, metric);
  if (tracker.state.cooldown_left != before.cooldown_left) attributes.set(Plateau::cooldown_counter, cooling);
  if (tracker.state.bad_steps != before.bad_steps) attributes.set(Plateau::num_bad_epochs, bad);
  if (reduces) {
    if (!written) py::handle(attributes.scheduler()).attr(py::handle(reduce_lr))(now);
    attributes.set(Plateau::cooldown_counter, attributes.find(Plateau::cooldown));
    attributes.set(Plateau::num_bad_epochs, none);
  }
  if (written) return done;
  record_lr(py::handle(attributes.scheduler()).attr("optimizer"), attributes);
  return done;
}

template <class Scheduler>
Recipe recipe(Recipe::Step step) {
  return {Fields<Scheduler>::name, Fields<Scheduler>::attributes, Fields<Scheduler>::calls, step};
}

}  // namespace

std::vector<Recipe>& recipes() {
  static std::vector<Recipe> all{
      recipe<recurrence::StepLR>(step<recurrence::StepLR>),
      recipe<recurrence::MultiStepLR>(step<recurrence::MultiStepLR>),
      recipe<recurrence::ConstantLR>(step<recurrence::ConstantLR>),
      recipe<recurrence::LinearLR>(step<recurrence::LinearLR>),
      recipe<recurrence::ExponentialLR>(step<recurrence::ExponentialLR>),
      recipe<recurrence::PolynomialLR>(step<recurrence::PolynomialLR>),
      recipe<recurrence::CosineAnnealingLR>(step<recurrence::CosineAnnealingLR>),
      recipe<recurrence::CosineAnnealingWarmRestarts>(step_warm_restarts),
      recipe<recurrence::CyclicLR>(step_cyclic),
      recipe<OneCycle>(step_one_cycle),
      recipe<recurrence::SWALR>(step<recurrence::SWALR>),
      recipe<SequentialLR>(step_sequential),
      recipe<ChainedScheduler>(step_chained),
      recipe<recurrence::ReduceLROnPlateau>(step_plateau),
      {"LambdaLR", {"lr_lambdas"}, Chainable::calls, step_lambda<false>},
      {"MultiplicativeLR", {"lr_lambdas"}, Chainable::calls, step_lambda<true>},
  };
  return all;
}

}  // namespace stepcurve

// Steps of schedulers that are made of others.
#include <optional>

#include "fields.hpp"
#include "steps.hpp"

namespace stepcurve {
namespace {

using recurrence::Epoch;
using enum Outcome;

// The scheduler that SequentialLR runs at its next epoch: bisect_right, as Python's. False where torch has to
// find it.
bool find(const SequentialLR& sequence, Epoch epoch, Py_ssize_t& index, bool& begins) {
  Py_ssize_t low = 0, high = PyList_GET_SIZE(sequence.milestones);
  Epoch milestone;
  while (low < high) {
    const Py_ssize_t middle = (low + high) / 2;
    if (!integer(PyList_GET_ITEM(sequence.milestones, middle), milestone)) return false;
    (epoch < milestone ? high : low) = epoch < milestone ? middle : middle + 1;
  }
  index = low;
  begins = low > 0 && integer(PyList_GET_ITEM(sequence.milestones, low - 1), milestone) && milestone == epoch;
  return low < PySequence_Fast_GET_SIZE(sequence.schedulers);
}

// scheduler.step() and scheduler.get_last_lr(), without the call where they are what the core does. Null or
// false with a Python error.
class Inner {
 public:
  explicit Inner(PyObject* scheduler) : scheduler_(py::reinterpret_borrow<py::object>(scheduler)) {
    if (verdict_of(Py_TYPE(scheduler)).recipe) attributes_.emplace(scheduler);  // others may have no __dict__
  }

  bool step() {
    static PyObject* const name = interned("step");
    if (Recipe* recipe = undisturbed(name)) {
      if (Py_EnterRecursiveCall(" in the step of a scheduler")) return false;
      const Outcome outcome = recipe->step(*attributes_, *recipe, nullptr, 0);
      Py_LeaveRecursiveCall();
      if (outcome != torchs) return outcome == done;
    }
    const auto none = py::reinterpret_steal<py::object>(PyObject_CallMethodNoArgs(scheduler_.ptr(), name));
    return static_cast<bool>(none);
  }

  py::object last_lr() const {
    static PyObject *const name = interned("get_last_lr"), *const attribute = interned("_last_lr");
    PyObject* list = undisturbed(name) ? attributes_->under(attribute) : nullptr;
    return list ? py::reinterpret_borrow<py::object>(list)
                : py::reinterpret_steal<py::object>(PyObject_CallMethodNoArgs(scheduler_.ptr(), name));
  }

 private:
  // Null where a subclass or the instance has a method of its own under that name.
  Recipe* undisturbed(PyObject* name) const {
    if (!attributes_) return nullptr;
    const Verdict verdict = verdict_of(Py_TYPE(scheduler_.ptr()));
    return verdict.own_methods && !attributes_->under(name) ? verdict.recipe : nullptr;
  }

  py::object scheduler_;
  std::optional<Attributes> attributes_;
};

}  // namespace

Outcome step_sequential(Attributes& attributes, Recipe& recipe, PyObject* const*, Py_ssize_t arguments) {
  static PyObject *const update_lr = interned("_update_lr"), *const zero = PyLong_FromLong(0);
  SequentialLR sequence;
  Py_ssize_t index;
  bool begins;
  if (arguments != 0 || !attributes.read(recipe) || !Fields<SequentialLR>::fill(attributes, sequence))
    return torchs;
  if (!find(sequence, sequence.last_epoch + 1, index, begins)) return torchs;
  const auto scheduler =
      py::reinterpret_borrow<py::object>(PySequence_Fast_GET_ITEM(sequence.schedulers, index));
  if (begins && !PyObject_HasAttr(scheduler.ptr(), update_lr)) return torchs;  // before torch 2.9
  attributes.set(last_epoch, python(sequence.last_epoch + 1));
  const LastLr shared(attributes);
  Inner active(scheduler.ptr());
  if (begins)
    scheduler.attr(py::handle(update_lr))(py::handle(zero));
  else if (!active.step())
    return raised;
  const py::object lrs = active.last_lr();
  if (!lrs) return raised;
  if (lrs.ptr() != attributes.find(last_lr)) attributes.set(last_lr, lrs);
  return done;
}

Outcome step_chained(Attributes& attributes, Recipe& recipe, PyObject* const*, Py_ssize_t arguments) {
  static PyObject* const optimizer = interned("optimizer");
  ChainedScheduler chain;
  if (arguments != 0 || !attributes.read(recipe) || !Fields<ChainedScheduler>::fill(attributes, chain))
    return torchs;
  const auto schedulers = py::reinterpret_borrow<py::object>(chain.schedulers);
  py::object last;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(schedulers.ptr()); ++i) {
    last = py::reinterpret_borrow<py::object>(PySequence_Fast_GET_ITEM(schedulers.ptr(), i));
    if (!Inner(last.ptr()).step()) return raised;
  }
  if (!last) return torchs;
  const auto owner = py::reinterpret_steal<py::object>(PyObject_GetAttr(last.ptr(), optimizer));
  if (!owner) return raised;
  record_lr(owner, attributes);
  return done;
}

}  // namespace stepcurve

// step() of every scheduler: the core's where the recipe of its class holds, else torch's own.
#include "method.hpp"
#include "steps.hpp"
#include "tensor.hpp"

namespace stepcurve {
namespace {

// Null only before the classes are made.
PyObject* base_class = nullptr;

PyObject* call_torch(PyObject* method, PyObject* torch_step, PyObject* const* arguments, std::size_t flags,
                     PyObject* names) {
  ++steps_by_torch;
  // A scheduler that is none of ours has the step that this one stands for.
  auto function = py::reinterpret_borrow<py::object>(torch_step);
  if (!function) function = py::handle(method).attr("__wrapped__");
  if (PyFunction_Check(function.ptr())) return PyObject_Vectorcall(function.ptr(), arguments, flags, names);
  // Whatever stands there is bound as super() binds it.
  const py::handle super(reinterpret_cast<PyObject*>(&PySuper_Type));
  const py::object bound = super(py::handle(base_class), py::handle(arguments[0])).attr("step");
  return PyObject_Vectorcall(bound.ptr(), arguments + 1, PyVectorcall_NARGS(flags) - 1, names);
}

PyObject* step(PyObject* method, PyObject* const* arguments, std::size_t flags, PyObject* names) {
  const Py_ssize_t count = PyVectorcall_NARGS(flags);
  if (count == 0) return PyErr_SetString(PyExc_TypeError, "step() missing 'self'"), nullptr;
  try {
    const Verdict verdict = verdict_of(Py_TYPE(arguments[0]));
    if (verdict.recipe && !names) {
      Attributes attributes(arguments[0]);
      switch (verdict.recipe->step(attributes, *verdict.recipe, arguments + 1, count - 1)) {
        case Outcome::done: Py_RETURN_NONE;
        case Outcome::raised: return nullptr;
        case Outcome::torchs: break;
      }
    }
    return call_torch(method, verdict.torch_step, arguments, flags, names);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::builtin_exception& error) {
    error.set_error();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    // pybind11 says in its own words that there is no memory, and leaves Python's.
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

}  // namespace

bool is_step(PyObject* object) { return is_method(object, step); }

void bind_scheduler(py::module_& module) {
  module.def(
      "bind_torch",
      [](const py::module_& torch, py::type base) {
        bind_tensor(torch);
        base_class = forever(base);
      },
      py::arg("torch"), py::arg("base"),
      "Looks up what the schedulers, which derive from base, need of torch.");
  module.def(
      "step", [] { return make_method(step); }, "A method that stands for the step of any class of torch.");
  module.def("know", &know, py::arg("torch_class"),
             "Steps of this class of torch are computed here, where nothing of it is overridden.");
  module.def(
      "steps_by_torch", [] { return steps_by_torch; }, "How many steps went to torch's own code so far.");
  module.def(
      "is_native",
      [](const py::object& scheduler) { return verdict_of(Py_TYPE(scheduler.ptr())).recipe != nullptr; },
      py::arg("scheduler"), "Whether steps of this scheduler's class are computed here.");
}

}  // namespace stepcurve

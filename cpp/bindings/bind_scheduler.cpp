// step() of every scheduler: the core's where the recipe of its class holds, else torch's own.
#include "steps.hpp"
#include "tensor.hpp"

namespace stepcurve {
namespace {

PyObject* call_torch(PyObject* torch_step, PyObject* self, PyObject* const* arguments, Py_ssize_t count,
                     PyObject* names) {
  ++steps_by_torch;
  const auto all = static_cast<std::size_t>(count + (names ? PyTuple_GET_SIZE(names) : 0));
  std::vector<PyObject*> with_self{self};
  with_self.insert(with_self.end(), arguments, arguments + all);
  auto function = py::reinterpret_borrow<py::object>(torch_step);
  if (!function || !PyFunction_Check(torch_step)) {
    // Whatever stands there is bound as super() binds it.
    const py::object super = py::handle(reinterpret_cast<PyObject*>(&PySuper_Type))(
        py::handle(reinterpret_cast<PyObject*>(PyDescr_TYPE(step_method))), py::handle(self));
    function = super.attr("step");
    return PyObject_Vectorcall(function.ptr(), arguments, static_cast<std::size_t>(count), names);
  }
  return PyObject_Vectorcall(function.ptr(), with_self.data(), static_cast<std::size_t>(count) + 1, names);
}

PyObject* native_step(PyObject* self, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
  try {
    const Verdict verdict = verdict_of(Py_TYPE(self));
    if (verdict.recipe && !names) {
      Attributes attributes(self);
      switch (verdict.recipe->step(attributes, *verdict.recipe, arguments, count)) {
        case Outcome::done: Py_RETURN_NONE;
        case Outcome::raised: return nullptr;
        case Outcome::torchs: break;
      }
    }
    return call_torch(verdict.torch_step, self, arguments, count, names);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::builtin_exception& error) {
    error.set_error();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

PyObject* native_get_last_lr(PyObject* self, PyObject*) {
  static PyObject* const name = interned("_last_lr");
  return PyObject_GetAttr(self, name);
}

PyMethodDef get_last_lr_definition{
    "get_last_lr", native_get_last_lr, METH_NOARGS,
    "get_last_lr($self)\n--\n\nThe learning rate of each group after the last step."};

PyMethodDef step_definition{
    "step", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(native_step)),
    METH_FASTCALL | METH_KEYWORDS,
    "step($self, epoch=None)\n--\n\nMove on by one step, as torch's scheduler of the same name does."};

}  // namespace

void bind_scheduler(py::module_& module) {
  module.def(
      "bind_torch", [](const py::module_& torch) { bind_tensor(torch); }, py::arg("torch"),
      "Looks up what the schedulers need of torch.");
  module.def(
      "give_methods",
      [](py::type base) {
        if (step_method) throw py::value_error("methods were given to a class already");
        const auto give = [&](PyMethodDef& definition) {
          const auto method = py::reinterpret_steal<py::object>(
              PyDescr_NewMethod(reinterpret_cast<PyTypeObject*>(base.ptr()), &definition));
          if (!method) throw py::error_already_set();
          base.attr(definition.ml_name) = method;
          return method;
        };
        get_last_lr_method = forever(give(get_last_lr_definition));
        step_method = forever(give(step_definition));
      },
      py::arg("base"), "Gives this class the step() that stands for all of torch's, and get_last_lr().");
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

#include "method.hpp"

#include <structmember.h>

#include <cstddef>

namespace stepcurve {
namespace {

struct Method {
  PyObject_HEAD;
  PyObject* dict;  // __name__, __doc__, __wrapped__, as functools.update_wrapper sets them
  vectorcallfunc function;
};

PyObject* bind(PyObject* method, PyObject* instance, PyObject*) {
  return instance && instance != Py_None ? PyMethod_New(method, instance) : Py_NewRef(method);
}

void deallocate(PyObject* self) {
  PyTypeObject* type = Py_TYPE(self);
  Py_CLEAR(reinterpret_cast<Method*>(self)->dict);
  PyObject_Free(self);
  Py_DECREF(type);
}

PyTypeObject* method_type() {
  static PyMemberDef members[] = {
      {"__dictoffset__", T_PYSSIZET, offsetof(Method, dict), READONLY, nullptr},
      {"__vectorcalloffset__", T_PYSSIZET, offsetof(Method, function), READONLY, nullptr},
      {nullptr, 0, 0, 0, nullptr}};
  static PyGetSetDef attributes[] = {
      {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, nullptr, nullptr},
      {nullptr, nullptr, nullptr, nullptr, nullptr}};
  static PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
                                {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
                                {Py_tp_descr_get, reinterpret_cast<void*>(bind)},
                                {Py_tp_members, members},
                                {Py_tp_getset, attributes},
                                {0, nullptr}};
  static PyType_Spec spec{"stepcurve._core.method", sizeof(Method), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_METHOD_DESCRIPTOR,
                          slots};
  static auto* const type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!type) throw py::error_already_set();
  return type;
}

}  // namespace

py::object make_method(vectorcallfunc function) {
  auto* method = reinterpret_cast<Method*>(PyType_GenericAlloc(method_type(), 0));
  if (!method) throw py::error_already_set();
  method->dict = nullptr;
  method->function = function;
  return py::reinterpret_steal<py::object>(reinterpret_cast<PyObject*>(method));
}

bool is_method(PyObject* object, vectorcallfunc function) {
  return object && Py_TYPE(object) == method_type() &&
         reinterpret_cast<Method*>(object)->function == function;
}

}  // namespace stepcurve

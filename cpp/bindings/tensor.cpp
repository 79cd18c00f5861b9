#include "tensor.hpp"

#include <cstdint>

#include "attributes.hpp"

namespace stepcurve {
namespace {

// The part of DLPack's C exchange interface that is used here (github.com/dmlc/dlpack, version 1.2): it
// describes a tensor without a call of Python.
struct DlTensor {
  void* data;
  struct {
    std::int32_t type, id;
  } device;
  std::int32_t ndim;
  struct {
    std::uint8_t code, bits;
    std::uint16_t lanes;
  } dtype;
  std::int64_t *shape, *strides;
  std::uint64_t byte_offset;
};

struct DlExchange {
  struct {
    std::uint32_t major, minor;
  } version;
  void* previous;
  void (*allocate)();
  void (*managed_from_object)();
  void (*managed_to_object)();
  int (*from_object)(void* object, DlTensor* out);  // borrows; -1 with a Python error
  void (*stream)();
};

// What is known of torch. Without exchange, no tensor is written to here.
struct Torch {
  PyTypeObject* tensor;
  const DlExchange* exchange;
  PyGetSetDescrObject* requires_grad;
  PyObject *is_neg, *is_view, *is_inference, *inference_mode, *untyped_storage, *use_count, *float32,
      *float64, *empty;
  PyObject *increment_version, *below_autograd, *dispatch_modes, *function_modes, *forward_ad;
};

Torch torch;

// Null with a Python error.
py::object ask(PyObject* function, PyObject* argument) {
  return py::reinterpret_steal<py::object>(PyObject_CallOneArg(function, argument));
}

bool requires_grad(PyObject* tensor) {
  PyObject* found = torch.requires_grad->d_getset->get(tensor, torch.requires_grad->d_getset->closure);
  if (!found) PyErr_Clear();
  Py_XDECREF(found);  // True and False live on
  return found != Py_False;
}

// Whatever its value, and whether autograd follows it or not.
std::optional<Element> locate(PyObject* tensor) {
  constexpr std::int32_t cpu = 1;
  constexpr std::uint8_t floating = 2;
  DlTensor described;
  if (!torch.exchange || Py_TYPE(tensor) != torch.tensor) return {};
  if (torch.exchange->from_object(tensor, &described) != 0) {
    PyErr_Clear();
    return {};
  }
  const auto& [code, bits, lanes] = described.dtype;
  if (described.device.type != cpu || described.ndim != 0 || code != floating || lanes != 1) return {};
  if ((bits != 32 && bits != 64) || !described.data) return {};
  return Element{static_cast<char*>(described.data) + described.byte_offset,
                 bits == 32 ? Number::Type::float32 : Number::Type::float64};
}

std::size_t size_of(Number::Type type) {
  return type == Number::Type::float32 ? sizeof(float) : sizeof(double);
}

// The tensors of the list that was made or seen last, in one piece of memory: to ask each of them again where
// its memory is takes a fifth of a step.
struct Seen {
  std::vector<PyObject*> tensors;  // addresses, to compare with
  std::vector<Element> places;

  bool same(PyObject* list, Number::Type type) const {
    if (static_cast<Py_ssize_t>(tensors.size()) != PyList_GET_SIZE(list)) return false;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      PyObject* tensor = PyList_GET_ITEM(list, static_cast<Py_ssize_t>(i));
      if (tensor != tensors[i] || Py_REFCNT(tensor) != 1) return false;
    }
    // The memory is still there: that of the first, which all others share if it has as many users.
    const auto first = locate(tensors.front());
    return first && first->data == places.front().data && first->type == type && places.front().type == type;
  }

  bool look(PyObject* list, Number::Type type) {
    tensors.clear();
    places.clear();
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
      PyObject* tensor = PyList_GET_ITEM(list, i);
      const auto place = Py_REFCNT(tensor) == 1 ? locate(tensor) : std::nullopt;
      if (!place || place->type != type) return false;
      const auto* begin = static_cast<const char*>(i ? places.front().data : place->data);
      if (place->data != begin + static_cast<std::size_t>(i) * size_of(type)) return false;
      tensors.push_back(tensor);
      places.push_back(*place);
    }
    return true;
  }
};

Seen seen;

// Whether these are the only views of their memory and nobody but the list holds one: then a change is seen
// by none.
bool unseen(PyObject* list, Number::Type type, Py_ssize_t size) {
  if (!LastLr::reusable(list, size) || size == 0) return false;
  if (!seen.same(list, type) && !seen.look(list, type)) {
    seen = {};
    return false;
  }
  PyObject* first = PyList_GET_ITEM(list, 0);
  const auto storage = ask(torch.untyped_storage, first), view = ask(torch.is_view, first);
  if (!storage || Py_REFCNT(storage.ptr()) > 2) return false;  // one reference is the memory's own
  const auto uses = ask(torch.use_count, py::object(storage.attr("_cdata")).ptr());
  const auto inference = ask(torch.is_inference, first);
  const auto mode = py::reinterpret_steal<py::object>(PyObject_CallNoArgs(torch.inference_mode));
  // Memory that came from elsewhere, such as NumPy's, cannot be resized; a view may show a tensor of the
  // user's.
  return uses && PyLong_AsSsize_t(uses.ptr()) == size + 1 && view.ptr() == Py_False &&
         inference.ptr() == mode.ptr() && storage.attr("resizable")().ptr() == Py_True;
}

// Tensors of no dimension in one piece of memory: one allocation for all.
py::list make_list(Number::Type type, std::size_t size) {
  const py::handle dtype(type == Number::Type::float32 ? torch.float32 : torch.float64);
  try {
    const py::object memory =
        py::handle(torch.empty)(size, py::arg("dtype") = dtype, py::arg("device") = "cpu");
    // Below autograd they are tensors of their own, with a version each, and no views of memory.
    const py::object guard = py::handle(torch.below_autograd)();
    guard.attr("__enter__")();
    const py::list list(memory.attr("unbind")(0));
    guard.attr("__exit__")(py::none(), py::none(), py::none());
    return list;
  } catch (const py::error_already_set&) {  // some mode of torch is on
    return py::list();
  }
}

}  // namespace

Number Element::read() const {
  return type == Number::Type::float32 ? Number(*static_cast<float*>(data), type)
                                       : Number(*static_cast<double*>(data), type);
}

void Element::write(double value) const {
  if (type == Number::Type::float32)
    *static_cast<float*>(data) = static_cast<float>(value);
  else
    *static_cast<double*>(data) = value;
}

void bind_tensor(py::handle module) {
  torch.tensor = reinterpret_cast<PyTypeObject*>(forever(module.attr("Tensor")));
  const char* const name = "dlpack_exchange_api";
  const py::object capsule = py::getattr(module.attr("Tensor"), "__dlpack_c_exchange_api__", py::none());
  // Before torch 2.10 there was no such interface, and other rules for tensors.
  if (!PyCapsule_IsValid(capsule.ptr(), name) ||
      !py::hasattr(py::module_::import("torch.optim.lr_scheduler"), "_param_groups_val_list"))
    return;
  const auto* exchange = static_cast<const DlExchange*>(PyCapsule_GetPointer(capsule.ptr(), name));
  const py::object base = module.attr("_C").attr("TensorBase"), flag = base.attr("__dict__")["requires_grad"];
  if (exchange->version.major != 1 || !exchange->from_object || !Py_IS_TYPE(flag.ptr(), &PyGetSetDescr_Type))
    return;
  torch.requires_grad = reinterpret_cast<PyGetSetDescrObject*>(forever(flag));
  torch.is_neg = forever(base.attr("is_neg"));
  torch.is_view = forever(base.attr("_is_view"));
  torch.is_inference = forever(base.attr("is_inference"));
  torch.inference_mode = forever(module.attr("is_inference_mode_enabled"));
  torch.below_autograd = forever(module.attr("_C").attr("_AutoDispatchBelowADInplaceOrView"));
  torch.forward_ad = forever(py::module_::import("torch.autograd.forward_ad"));
  torch.dispatch_modes = forever(module.attr("_C").attr("_len_torch_dispatch_stack"));
  torch.function_modes = forever(module.attr("_C").attr("_len_torch_function_stack"));
  torch.untyped_storage = forever(base.attr("untyped_storage"));
  torch.use_count = forever(module.attr("_C").attr("_storage_Use_Count"));
  torch.increment_version = forever(module.attr("_C").attr("_increment_version"));
  torch.float32 = forever(module.attr("float32"));
  torch.float64 = forever(module.attr("float64"));
  torch.empty = forever(module.attr("empty"));
  torch.exchange = exchange;
}

bool any_mode() {
  const auto on = [](PyObject* count) {
    const auto modes = py::reinterpret_steal<py::object>(PyObject_CallNoArgs(count));
    if (!modes) PyErr_Clear();
    return !modes || PyLong_AsLong(modes.ptr()) != 0;
  };
  if (!torch.exchange) return false;
  const auto level =
      py::reinterpret_steal<py::object>(PyObject_GetAttrString(torch.forward_ad, "_current_level"));
  return !level || PyLong_AsLong(level.ptr()) >= 0 || on(torch.dispatch_modes) || on(torch.function_modes);
}

bool is_tensor(PyObject* value) { return torch.tensor && PyObject_TypeCheck(value, torch.tensor); }

std::optional<Element> element(PyObject* tensor) {
  const auto found = locate(tensor);
  if (!found || requires_grad(tensor)) return {};
  // A tensor may be a view that shows the negative of its memory, which is slow to ask. Learning rates are
  // above 0, so only memory that is not can belong to one.
  if (found->read().value > 0) return found;
  const py::object negative = ask(torch.is_neg, tensor);
  if (!negative) PyErr_Clear();
  return negative.ptr() == Py_False ? found : std::nullopt;
}

bool tell_autograd(PyObject* tensors) {
  const py::object none = ask(torch.increment_version, tensors);
  if (!none) PyErr_Clear();
  return static_cast<bool>(none);
}

py::object copies(PyObject* old, Number::Type type, const std::vector<double>& values) {
  py::object list;
  if (unseen(old, type, static_cast<Py_ssize_t>(values.size()))) {
    list = py::reinterpret_borrow<py::object>(old);
  } else {
    PyErr_Clear();
    list = make_list(type, values.size());
    if (static_cast<std::size_t>(PyList_GET_SIZE(list.ptr())) != values.size() ||
        !seen.look(list.ptr(), type)) {
      seen = {};
      return {};
    }
  }
  for (std::size_t i = 0; i < values.size(); ++i) seen.places[i].write(values[i]);
  return list;
}

}  // namespace stepcurve

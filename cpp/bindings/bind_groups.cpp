#include <cfloat>
#include <cmath>

#include "groups.hpp"

namespace stepcurve {
namespace {

using recurrence::Form;

struct Keys {
  PyObject* param_groups = interned("param_groups");
  PyObject* lr = interned("lr");
  PyObject* betas = interned("betas");
  PyObject* momentum = interned("momentum");
};

const Keys& keys() {
  static const Keys all;
  return all;
}

bool takes_x(Form form) { return form != Form::arc; }

bool takes_y(Form form) { return form != Form::keep && form != Form::scale && form != Form::ratio; }

PyObject* under(PyObject* group, PyObject* key) {
  PyObject* value = PyDict_GetItemWithError(group, key);
  if (!value && PyErr_Occurred()) PyErr_Clear();
  return value;
}

// Without running Python code; null where that cannot be done.
PyObject* plain_attribute(PyObject* object, PyObject* name) {
  PyTypeObject* type = Py_TYPE(object);
  if (type->tp_getattro != PyObject_GenericGetAttr || _PyType_Lookup(type, name)) return nullptr;
  PyObject* dict = PyObject_GenericGetDict(object, nullptr);
  PyObject* value = dict ? Py_XNewRef(PyDict_GetItemWithError(dict, name)) : nullptr;
  Py_XDECREF(dict);
  if (!value) PyErr_Clear();
  return value;
}

PyObject* found(const Source& source, PyObject* group, Py_ssize_t i) {
  return source.list ? PyList_GET_ITEM(source.list, i) : under(group, source.key ? source.key : keys().lr);
}

// A list beside the groups has to have their length, as torch's strict zip demands.
bool fits(const Source& source, Py_ssize_t size) {
  return !source.list || (PyList_CheckExact(source.list) && PyList_GET_SIZE(source.list) == size);
}

std::optional<Number> number(PyObject* value) {
  double scalar;
  if (real(value, scalar)) return Number(scalar);
  const auto cell = value ? element(value) : std::nullopt;
  return cell ? std::optional(cell->read()) : std::nullopt;
}

// torch's fill_ refuses a Python float that float32 cannot hold.
bool holds(const Element& cell, const Number& value) {
  const bool narrows = cell.type == Number::Type::float32 && value.type == Number::Type::scalar;
  return !narrows || !std::isfinite(value.value) || std::abs(value.value) <= FLT_MAX;
}

void put(PyObject* group, PyObject* key, PyObject* value) {
  if (!value || PyDict_SetItem(group, key, value) < 0) throw py::error_already_set();
}

void put(PyObject* group, PyObject* key, double value) {
  put(group, key, py::reinterpret_steal<py::object>(PyFloat_FromDouble(value)).ptr());
}

py::object list_like(PyObject* old, Py_ssize_t size) {
  if (LastLr::reusable(old, size)) return py::reinterpret_borrow<py::object>(old);
  return py::list(static_cast<std::size_t>(size));
}

// A value a group; those of few groups need no memory of their own.
template <class Value>
class Scratch {
 public:
  explicit Scratch(Py_ssize_t size) {
    if (static_cast<std::size_t>(size) > few)
      far_ = std::make_unique_for_overwrite<Value[]>(static_cast<std::size_t>(size));
  }
  Value* data() { return far_ ? far_.get() : near_; }
  Value& operator[](Py_ssize_t i) { return data()[i]; }

 private:
  static constexpr std::size_t few = 64;
  Value near_[few];
  std::unique_ptr<Value[]> far_;
};

// A function of torch's lr_scheduler that came with 2.10; null before.
py::handle torch_helper(const char* name) {
  return forever(py::getattr(py::module_::import("torch.optim.lr_scheduler"), name, py::none()));
}

// torch's own way of setting an lr, for whatever may be in a group.
py::handle torch_assign() {
  static const py::handle helper = torch_helper("_update_param_group_val");
  return helper;
}

}  // namespace

bool Groups::open(PyObject* optimizer, bool* ran_python) {
  PyObject* groups = plain_attribute(optimizer, keys().param_groups);
  if (ran_python) *ran_python = !groups;
  if (!groups) {
    const auto held = py::reinterpret_borrow<py::object>(optimizer);
    groups = PyObject_GetAttr(optimizer, keys().param_groups);
  }
  list_ = py::reinterpret_steal<py::object>(groups);
  if (!list_) PyErr_Clear();
  if (!list_ || !PyList_CheckExact(groups)) return false;
  for (Py_ssize_t i = 0; i < size(); ++i)
    if (!PyDict_CheckExact((*this)[i])) return false;
  return true;
}

bool Groups::column(const Source& source, double* values) const {
  if (!fits(source, size())) return false;
  for (Py_ssize_t i = 0; i < size(); ++i)
    if (!real(found(source, (*this)[i], i), values[i])) return false;
  return true;
}

bool Groups::compute(const Change& change, double* values) const {
  const auto& [update, x_from, y_from] = change;
  const bool x_needed = takes_x(update.form), y_needed = takes_y(update.form);
  if ((x_needed && !fits(x_from, size())) || (y_needed && !fits(y_from, size()))) return false;
  for (Py_ssize_t i = 0; i < size(); ++i) {
    double x = 0, y = 0;
    PyObject* first = x_needed ? found(x_from, (*this)[i], i) : nullptr;
    if (x_needed && !real(first, x)) return false;
    if (y_needed && !real(found(y_from, (*this)[i], i), y)) return false;
    if (update.form == Form::reduce && is_int(first)) return false;  // it stays one where it is not reduced
    values[i] = recurrence::apply(update, x, y);
  }
  return true;
}

bool Groups::any_tensor_lr() const {
  for (Py_ssize_t i = 0; i < size(); ++i) {
    PyObject* lr = under((*this)[i], keys().lr);
    if (!lr || (!PyFloat_CheckExact(lr) && is_tensor(lr))) return true;
  }
  return false;
}

bool Groups::has_momentum(bool beta1) const {
  for (Py_ssize_t i = 0; beta1 && i < size(); ++i) {
    PyObject* betas = under((*this)[i], keys().betas);
    if (!betas || !PyTuple_CheckExact(betas) || PyTuple_GET_SIZE(betas) == 0) return false;
  }
  return true;
}

void Groups::write_momentum(bool beta1, const double* values) const {
  for (Py_ssize_t i = 0; i < size(); ++i) {
    PyObject* group = (*this)[i];
    if (!beta1) {
      put(group, keys().momentum, values[i]);
      continue;
    }
    const auto old = py::reinterpret_borrow<py::tuple>(under(group, keys().betas));
    py::tuple betas(old.size());
    for (std::size_t j = 1; j < old.size(); ++j) betas[j] = old[j];
    betas[0] = py::float_(values[i]);
    put(group, keys().betas, betas.ptr());
  }
}

void Groups::write_lr(const double* values, PyObject* old, const Attributes& scheduler) const {
  const py::object list = list_like(old, size());
  for (Py_ssize_t i = 0; i < size(); ++i) {
    PyObject* lr = PyFloat_FromDouble(values[i]);
    if (!lr || PyDict_SetItem((*this)[i], keys().lr, lr) < 0) {
      Py_XDECREF(lr);
      throw py::error_already_set();
    }
    PyList_SetItem(list.ptr(), i, lr);
  }
  if (list.ptr() != old) scheduler.set(last_lr, list);
}

bool Groups::record_plain(PyObject* old, const Attributes& scheduler) const {
  Scratch<PyObject*> lrs(size());
  for (Py_ssize_t i = 0; i < size(); ++i) {
    lrs[i] = under((*this)[i], keys().lr);
    if (!lrs[i] || (!PyFloat_CheckExact(lrs[i]) && is_tensor(lrs[i]))) return false;
  }
  const py::object list = list_like(old, size());
  for (Py_ssize_t i = 0; i < size(); ++i) PyList_SetItem(list.ptr(), i, Py_NewRef(lrs[i]));
  if (list.ptr() != old) scheduler.set(last_lr, list);
  return true;
}

Outcome Groups::step(const Change& lr, const Momentum* momentum, PyObject* old,
                     const Attributes& scheduler) const {
  using enum Outcome;
  const Form form = lr.update.form;
  if (form == Form::unknown) return torchs;
  if (form == Form::keep && !momentum && record_plain(old, scheduler)) return done;
  Scratch<double> values(size()), momenta(momentum ? size() : 0);
  const bool from_lr = !lr.x.list && !lr.x.key && takes_x(form);  // in which case a tensor is met on the way
  if ((!from_lr && any_tensor_lr()) || !compute(lr, values.data()))
    return step_tensors(lr, momentum, old, scheduler);
  if (momentum) {
    if (!compute(momentum->change, momenta.data()) || !has_momentum(momentum->beta1)) return torchs;
    write_momentum(momentum->beta1, momenta.data());
  }
  write_lr(values.data(), old, scheduler);
  return done;
}

Outcome Groups::step_tensors(const Change& lr, const Momentum* momentum, PyObject* old,
                             const Attributes& scheduler) const {
  using enum Outcome;
  const Form form = lr.update.form;
  const bool x_needed = takes_x(form), y_needed = takes_y(form), from_lr = !lr.x.list && !lr.x.key;
  if ((x_needed && !fits(lr.x, size())) || (y_needed && !fits(lr.y, size()))) return torchs;
  std::vector<Element> cells;
  py::list tensors(static_cast<std::size_t>(size()));
  std::vector<double> values, momenta(momentum ? static_cast<std::size_t>(size()) : 0);
  cells.reserve(static_cast<std::size_t>(size()));
  values.reserve(static_cast<std::size_t>(size()));
  for (Py_ssize_t i = 0; i < size(); ++i) {
    PyObject* tensor = under((*this)[i], keys().lr);
    const auto cell = tensor ? element(tensor) : std::nullopt;
    if (!cell || (i && cell->type != cells.front().type)) return torchs;
    const auto x = !x_needed ? Number(0.0) : from_lr ? cell->read() : number(found(lr.x, (*this)[i], i));
    const auto y = y_needed ? number(found(lr.y, (*this)[i], i)) : Number(0.0);
    if (!x || !y) return torchs;
    const Number value = recurrence::apply(lr.update, *x, *y);
    if (!holds(*cell, value)) return torchs;
    cells.push_back(*cell);
    values.push_back(value.value);
    PyList_SET_ITEM(tensors.ptr(), i, Py_NewRef(tensor));
  }
  if (momentum && (!compute(momentum->change, momenta.data()) || !has_momentum(momentum->beta1)))
    return torchs;
  const py::object list = copies(old, cells.front().type, values);
  if (!list || !tell_autograd(tensors.ptr())) return torchs;
  if (momentum) write_momentum(momentum->beta1, momenta.data());
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i].write(values[i]);
  scheduler.set(last_lr, list);
  return done;
}

Product::Product(py::object base, py::object factor) {
  double scalar;
  if (!PyFloat_CheckExact(base.ptr()) && is_tensor(base.ptr()) && real(factor.ptr(), scalar))
    if (const auto cell = element(base.ptr())) number_ = cell->read() * Number(scalar);
  if (number_) {
    base_ = std::move(base);
    factor_ = std::move(factor);
  } else {
    object_ = py::reinterpret_steal<py::object>(PyNumber_Multiply(base.ptr(), factor.ptr()));
    if (!object_) throw py::error_already_set();
  }
}

bool Groups::assignable() const { return !torch_assign().is_none() || !any_tensor_lr(); }

void Groups::assign(const std::vector<Product>& products) const {
  for (Py_ssize_t i = 0; i < size() && i < static_cast<Py_ssize_t>(products.size()); ++i) {
    const Product& product = products[static_cast<std::size_t>(i)];
    const auto& number = product.number();
    PyObject* group = (*this)[i];
    PyObject* present = under(group, keys().lr);
    const bool plain = present && (PyFloat_CheckExact(present) || !is_tensor(present));
    const auto cell = present && !plain && number ? element(present) : std::nullopt;
    if (plain)
      put(group, keys().lr, product.object().ptr());
    else if (cell && holds(*cell, *number) && tell_autograd(py::make_tuple(py::handle(present)).ptr()))
      cell->write(number->value);
    else
      torch_assign()(py::handle(group), "lr", product.object());
  }
  if (static_cast<std::size_t>(size()) != products.size())
    throw py::value_error("zip() arguments differ in length: " + std::to_string(size()) + " param groups, " +
                          std::to_string(products.size()) + " values");
}

py::list Groups::lrs() const {
  py::list all;
  for (Py_ssize_t i = 0; i < size(); ++i)
    if (PyObject* lr = under((*this)[i], keys().lr)) all.append(py::handle(lr));
  return all;
}

bool Groups::record(PyObject* old, const Attributes& scheduler) const {
  if (record_plain(old, scheduler)) return true;
  std::vector<double> values;
  std::optional<Number::Type> type;
  for (Py_ssize_t i = 0; i < size(); ++i) {
    PyObject* lr = under((*this)[i], keys().lr);
    const auto cell = lr ? element(lr) : std::nullopt;
    if (!cell || (type && *type != cell->type)) return false;
    type = cell->type;
    values.push_back(cell->read().value);
  }
  const py::object list = copies(old, *type, values);
  if (list) scheduler.set(last_lr, list);
  return static_cast<bool>(list);
}

void record_lr(const py::object& optimizer, const Attributes& scheduler) {
  static const py::handle by_torch = torch_helper("_param_groups_val_list");
  Groups groups;
  if (groups.open(optimizer.ptr()) && groups.record(scheduler.find(last_lr), scheduler)) return;
  if (!by_torch.is_none()) return scheduler.set(last_lr, by_torch(optimizer, "lr"));
  py::list lrs;
  for (const py::handle group : optimizer.attr("param_groups")) lrs.append(group["lr"]);
  scheduler.set(last_lr, lrs);
}

}  // namespace stepcurve

#include <algorithm>
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

// The betas of a group, borrowed; null unless they are a tuple with something in it.
PyObject* betas_of(PyObject* group) {
  PyObject* betas = under(group, keys().betas);
  return betas && PyTuple_CheckExact(betas) && PyTuple_GET_SIZE(betas) > 0 ? betas : nullptr;
}

inline PyObject* found(const Source& source, PyObject* group, Py_ssize_t i) {
  if (source.from == Source::From::list) return PyList_GET_ITEM(source.object, i);
  return under(group, source.from == Source::From::lr ? keys().lr : source.object);
}

// The attribute has to be there, and a list beside the groups to have their length, as torch's strict zip
// demands.
bool fits(const Source& source, Py_ssize_t size) {
  if (source.from == Source::From::lr) return true;
  if (source.from == Source::From::key) return source.object;
  return source.object && PyList_CheckExact(source.object) && PyList_GET_SIZE(source.object) == size;
}

bool is_plain(PyObject* lr) { return lr && (PyFloat_CheckExact(lr) || !is_tensor(lr)); }

std::optional<Number> number(PyObject* value) {
  double scalar;
  if (real(value, scalar)) return Number(scalar);
  const auto cell = value ? element(value) : std::nullopt;
  return cell ? std::optional(cell->read()) : std::nullopt;
}

// Whether Python's ints would give an int where doubles give a float.
bool stays_int(const recurrence::Update& update, PyObject* first, PyObject* second, double x, double y) {
  if (update.form == Form::scale) return is_int(first);
  if (update.form == Form::average) return is_int(first) || is_int(second);
  return update.form == Form::reduce && (is_int(first) || (is_int(second) && y > x * update.a));
}

// torch's fill_ refuses a Python float that float32 cannot hold.
bool holds(const Element& cell, const Number& value) {
  const bool narrows = cell.type == Number::Type::float32 && value.type == Number::Type::scalar;
  return !narrows || !std::isfinite(value.value) || std::abs(value.value) <= FLT_MAX;
}

void put(PyObject* group, PyObject* key, PyObject* value) {
  if (!value || PyDict_SetItem(group, key, value) < 0) throw py::error_already_set();
}

// A list for a new _last_lr: the old one where nobody else holds it and dropping its values runs no code.
py::object list_like(PyObject* old, Py_ssize_t size) {
  bool reusable = LastLr::reusable(old, size);
  for (Py_ssize_t i = 0; reusable && i < size; ++i) reusable = PyFloat_CheckExact(PyList_GET_ITEM(old, i));
  if (reusable) return py::reinterpret_borrow<py::object>(old);
  return made(PyList_New(size));
}

// A number a group; those of few groups need no memory of their own.
class Scratch {
 public:
  explicit Scratch(Py_ssize_t size) {
    if (static_cast<std::size_t>(size) > few)
      far_ = std::make_unique_for_overwrite<double[]>(static_cast<std::size_t>(size));
  }
  double* data() { return far_ ? far_.get() : near_; }

 private:
  static constexpr std::size_t few = 64;
  double near_[few];
  std::unique_ptr<double[]> far_;
};

// list: of list_like(old), handed over so that it is only the scheduler's afterwards.
void set_last_lr(const Objects& lrs, PyObject* old, py::object list, const Attributes& scheduler) {
  for (Py_ssize_t i = 0; i < lrs.size(); ++i) {
    PyObject* before = PyList_GET_ITEM(list.ptr(), i);
    PyList_SET_ITEM(list.ptr(), i, Py_NewRef(lrs[i]));
    Py_XDECREF(before);
  }
  if (list.ptr() != old) scheduler.set(last_lr, list);
}

// Groups may share a tensor; they do where an optimizer's default lr is one. That is well as long as all want
// it to have the same value, and do not reduce it one after the other.
bool differ_in_one_place(const std::vector<Element>& cells, const std::vector<double>& values, bool in_turn) {
  std::vector<std::pair<void*, double>> places;
  for (std::size_t i = 0; i < cells.size(); ++i) places.emplace_back(cells[i].data, values[i]);
  std::sort(places.begin(), places.end());
  for (std::size_t i = 1; i < places.size(); ++i)
    if (places[i].first == places[i - 1].first && (in_turn || places[i].second != places[i - 1].second))
      return true;
  return false;
}

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

bool Groups::hold(PyObject* groups) {
  own_.clear();
  if (!groups || !PyList_CheckExact(groups)) return false;
  const Py_ssize_t size = PyList_GET_SIZE(groups);
  for (Py_ssize_t i = 0; i < size; ++i)
    if (!PyDict_CheckExact(PyList_GET_ITEM(groups, i))) return false;
  own_.reserve(size);
  for (Py_ssize_t i = 0; i < size; ++i) own_.push(Py_NewRef(PyList_GET_ITEM(groups, i)));
  return true;
}

bool Groups::open_plain(PyObject* optimizer) {
  PyTypeObject* type = Py_TYPE(optimizer);
  PyObject* const name = keys().param_groups;
  if (type->tp_getattro != PyObject_GenericGetAttr || _PyType_Lookup(type, name)) return false;
  const auto dict = py::reinterpret_steal<py::object>(PyObject_GenericGetDict(optimizer, nullptr));
  if (!dict) PyErr_Clear();
  return dict && hold(under(dict.ptr(), name));
}

bool Groups::open(PyObject* optimizer) {
  if (open_plain(optimizer)) return true;
  const auto owner = py::reinterpret_borrow<py::object>(optimizer);
  const auto groups = py::reinterpret_steal<py::object>(PyObject_GetAttr(optimizer, keys().param_groups));
  if (!groups) PyErr_Clear();
  return hold(groups.ptr());
}

bool Groups::any_twice() const {
  std::vector<PyObject*> groups;
  for (Py_ssize_t i = 0; i < size(); ++i) groups.push_back((*this)[i]);
  std::sort(groups.begin(), groups.end());
  return std::adjacent_find(groups.begin(), groups.end()) != groups.end();
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
    PyObject* second = y_needed ? found(y_from, (*this)[i], i) : nullptr;
    if (y_needed && !real(second, y)) return false;
    if (stays_int(update, first, second, x, y)) return false;
    values[i] = recurrence::apply(update, x, y);
  }
  return true;
}

Groups::Lrs Groups::lrs() const {
  Lrs all = Lrs::numbers;
  for (Py_ssize_t i = 0; i < size(); ++i) {
    PyObject* lr = under((*this)[i], keys().lr);
    if (!is_plain(lr)) return Lrs::tensors;
    if (!PyFloat_CheckExact(lr) && !is_int(lr)) all = Lrs::others;
  }
  return all;
}

bool Groups::has_momentum(bool beta1) const {
  for (Py_ssize_t i = 0; beta1 && i < size(); ++i)
    if (!betas_of((*this)[i])) return false;
  return true;
}

bool Groups::momenta(const Momentum& momentum, Objects& values) const {
  Scratch numbers(size());
  if (!compute(momentum.change, numbers.data())) return false;
  for (Py_ssize_t i = 0; i < size(); ++i) {
    if (!momentum.beta1) {
      values.push(PyFloat_FromDouble(numbers.data()[i]));
      continue;
    }
    const auto old = py::reinterpret_borrow<py::object>(betas_of((*this)[i]));
    if (!old) return false;
    values.push(replaced(old.ptr(), 0, made(PyFloat_FromDouble(numbers.data()[i]))).release().ptr());
  }
  return true;
}

void Groups::write_momenta(const Momentum& momentum, const Objects& values) const {
  PyObject* key = momentum.beta1 ? keys().betas : keys().momentum;
  for (Py_ssize_t i = 0; i < size(); ++i) put((*this)[i], key, values[i]);
}

// quiet: no code runs when the lrs before are dropped, and none has since the attributes were read.
void Groups::write_lr(const double* values, const Momentum* momentum, const Objects& momentum_values,
                      bool read_again, bool quiet, const Attributes& scheduler) const {
  Objects lrs(size());
  for (Py_ssize_t i = 0; i < size(); ++i) lrs.push(PyFloat_FromDouble(values[i]));
  PyObject* old = quiet ? scheduler[last_lr] : scheduler.find(last_lr);
  py::object list = list_like(old, size());
  // From here on nothing needs memory, so that a step is whole or not done.
  if (momentum) write_momenta(*momentum, momentum_values);
  const bool taken_again = list.ptr() == old && !quiet;
  if (taken_again) list = {};  // whether it still can be is seen afterwards
  for (Py_ssize_t i = 0; i < size(); ++i) put((*this)[i], keys().lr, lrs[i]);
  if (taken_again) list = list_like(old = scheduler.find(last_lr), size());
  set_last_lr(lrs, old, std::move(list), scheduler);
  if (read_again) record_plain(scheduler);
}

bool Groups::record_plain(const Attributes& scheduler) const {
  Objects lrs(size());
  for (Py_ssize_t i = 0; i < size(); ++i) {
    PyObject* lr = under((*this)[i], keys().lr);
    if (!is_plain(lr)) return false;
    lrs.push(Py_NewRef(lr));
  }
  PyObject* old = scheduler.find(last_lr);
  set_last_lr(lrs, old, list_like(old, size()), scheduler);
  return true;
}

Outcome Groups::step(const Change& lr, const Momentum* momentum, const Attributes& scheduler) const {
  using enum Outcome;
  const Form form = lr.update.form;
  if (form == Form::unknown) return torchs;
  if (form == Form::keep && !momentum && record_plain(scheduler)) return done;
  Scratch values(size());
  // Where the lrs are the x, compute takes numbers only.
  const Lrs present = lr.x.from == Source::From::lr && takes_x(form) ? Lrs::numbers : lrs();
  if (present == Lrs::tensors || !compute(lr, values.data())) return step_tensors(lr, momentum, scheduler);
  Objects momentum_values(momentum ? size() : 0);
  if (momentum && !momenta(*momentum, momentum_values)) return torchs;
  // With values of their own, groups may still be one dict.
  const bool own_values =
      size() > 1 && (lr.x.from == Source::From::list || (takes_y(form) && lr.y.from == Source::From::list));
  write_lr(values.data(), momentum, momentum_values, own_values, present == Lrs::numbers && !momentum,
           scheduler);
  return done;
}

Outcome Groups::step_tensors(const Change& lr, const Momentum* momentum, const Attributes& scheduler) const {
  using enum Outcome;
  const Form form = lr.update.form;
  const bool x_needed = takes_x(form), y_needed = takes_y(form), from_lr = lr.x.from == Source::From::lr;
  if (size() == 0 || any_mode() || (x_needed && !fits(lr.x, size())) || (y_needed && !fits(lr.y, size())))
    return torchs;
  const auto held_x = py::reinterpret_borrow<py::object>(lr.x.object),
             held_y = py::reinterpret_borrow<py::object>(lr.y.object);
  std::vector<Element> cells;
  std::vector<double> values;
  Objects momentum_values(size());
  py::list tensors(static_cast<std::size_t>(size()));
  cells.reserve(static_cast<std::size_t>(size()));
  values.reserve(static_cast<std::size_t>(size()));
  for (Py_ssize_t i = 0; i < size(); ++i) {
    PyObject* tensor = Py_XNewRef(under((*this)[i], keys().lr));
    PyList_SET_ITEM(tensors.ptr(), i, tensor);
    const auto cell = tensor ? element(tensor) : std::nullopt;
    if (!cell || (i && cell->type != cells.front().type)) return torchs;
    const auto x = !x_needed ? Number(0.0) : from_lr ? cell->read() : number(found(lr.x, (*this)[i], i));
    const auto y = y_needed ? number(found(lr.y, (*this)[i], i)) : Number(0.0);
    if (!x || !y) return torchs;
    const Number value = recurrence::apply(lr.update, *x, *y);
    if (!holds(*cell, value)) return torchs;
    cells.push_back(*cell);
    values.push_back(value.value);
  }
  if (differ_in_one_place(cells, values, form == Form::reduce)) return torchs;
  if (momentum && !momenta(*momentum, momentum_values)) return torchs;
  const py::object list = copies(scheduler.find(last_lr), cells.front().type, values);
  if (!list || !tell_autograd(tensors.ptr())) return torchs;
  if (momentum) write_momenta(*momentum, momentum_values);
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

bool Groups::assignable() const { return !torch_assign().is_none() || lrs() != Lrs::tensors; }

void Groups::assign(const std::vector<Product>& products) const {
  if (assign_tensors(products)) return;
  for (Py_ssize_t i = 0; i < size() && i < static_cast<Py_ssize_t>(products.size()); ++i) {
    const Product& product = products[static_cast<std::size_t>(i)];
    PyObject* group = (*this)[i];
    const py::object present = lr(i);
    if (is_plain(present.ptr()))
      put(group, keys().lr, product.object().ptr());
    else
      torch_assign()(py::handle(group), "lr", product.object());
  }
  if (static_cast<std::size_t>(size()) != products.size())
    throw py::value_error("zip() arguments differ in length");
}

bool Groups::assign_tensors(const std::vector<Product>& products) const {
  if (products.empty() || !products.front().number() || any_mode()) return false;
  if (static_cast<std::size_t>(size()) != products.size()) return false;
  py::list tensors(products.size());
  std::vector<Element> cells;
  for (Py_ssize_t i = 0; i < size(); ++i) {
    const auto& number = products[static_cast<std::size_t>(i)].number();
    PyObject* tensor = number ? under((*this)[i], keys().lr) : nullptr;
    const auto cell = tensor ? element(tensor) : std::nullopt;
    if (!cell || !holds(*cell, *number)) return false;
    PyList_SET_ITEM(tensors.ptr(), i, Py_NewRef(tensor));
    cells.push_back(*cell);
  }
  if (!tell_autograd(tensors.ptr())) return false;
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i].write(products[i].number()->value);
  return true;
}

py::object Groups::lr(Py_ssize_t i) const {
  return py::reinterpret_borrow<py::object>(under((*this)[i], keys().lr));
}

bool Groups::record(const Attributes& scheduler) const {
  if (record_plain(scheduler)) return true;
  if (any_mode()) return false;
  std::vector<double> values;
  std::optional<Number::Type> type;
  for (Py_ssize_t i = 0; i < size(); ++i) {
    const py::object tensor = lr(i);
    const auto cell = tensor ? element(tensor.ptr()) : std::nullopt;
    if (!cell || (type && *type != cell->type)) return false;
    type = cell->type;
    values.push_back(cell->read().value);
  }
  const py::object list = copies(scheduler.find(last_lr), *type, values);
  if (list) scheduler.set(last_lr, list);
  return static_cast<bool>(list);
}

void record_lr(const py::object& optimizer, const Attributes& scheduler) {
  static const py::handle by_torch = torch_helper("_param_groups_val_list");
  Groups groups;
  if (groups.open(optimizer.ptr()) && groups.record(scheduler)) return;
  if (!by_torch.is_none()) return scheduler.set(last_lr, by_torch(optimizer, "lr"));
  py::list lrs;
  for (const py::handle group : optimizer.attr("param_groups")) lrs.append(group["lr"]);
  scheduler.set(last_lr, lrs);
}

}  // namespace stepcurve

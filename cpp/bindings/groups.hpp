// The param groups of an optimizer during one step: read anew every time, computed first, written last.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "attributes.hpp"
#include "tensor.hpp"

namespace stepcurve {

// Where a value of each group is: its lr, in a list beside the groups, or under a key of the group. An object
// of null is an attribute that is missing.
struct Source {
  enum class From : unsigned char { lr, list, key } from = From::lr;
  PyObject* object = nullptr;
  static Source list(PyObject* object) { return {From::list, object}; }
  static Source key(PyObject* object) { return {From::key, object}; }
};

// The update of recurrence.hpp with the sources of its x and y.
struct Change {
  recurrence::Update update;
  Source x = {}, y = {};
};

// Momentum goes under "momentum", or to the front of "betas".
struct Momentum {
  Change change;
  bool beta1;
};

// A base value times what a user's function returned: a number where the base is a tensor that can be written
// to directly, so that no tensor is made for it; else whatever object Python makes of it.
class Product {
 public:
  Product(py::object base, py::object factor);
  const std::optional<Number>& number() const { return number_; }
  py::object object() const { return object_ ? object_ : base_ * factor_; }

 private:
  py::object base_, factor_, object_;
  std::optional<Number> number_;
};

// What a dict has under a key, borrowed; null without an error where there is nothing.
inline PyObject* under(PyObject* dict, PyObject* key) {
  PyObject* value = PyDict_GetItemWithError(dict, key);
  if (!value && PyErr_Occurred()) [[unlikely]]
    PyErr_Clear();
  return value;
}

// A tuple with another value in one place.
inline py::object replaced(PyObject* tuple, Py_ssize_t place, const py::object& value) {
  const Py_ssize_t size = PyTuple_GET_SIZE(tuple);
  py::object fresh = made(PyTuple_New(size));
  for (Py_ssize_t i = 0; i < size; ++i)
    PyTuple_SET_ITEM(fresh.ptr(), i, Py_NewRef(i == place ? value.ptr() : PyTuple_GET_ITEM(tuple, i)));
  return fresh;
}

// References to so many objects; those of few groups need no memory of their own.
class Objects {
 public:
  explicit Objects(Py_ssize_t capacity = 0) { reserve(capacity); }
  Objects(const Objects&) = delete;
  Objects& operator=(const Objects&) = delete;
  ~Objects() { clear(); }

  // Of an empty one.
  void reserve(Py_ssize_t capacity) {
    if (capacity <= few) return;
    far_ = std::make_unique_for_overwrite<PyObject*[]>(static_cast<std::size_t>(capacity));
    all_ = far_.get();
  }
  // Takes a reference over; null is an error of Python's.
  void push(PyObject* object) {
    if (!object) throw py::error_already_set();
    all_[size_++] = object;
  }
  void clear() {
    while (size_ > 0) {
      PyObject* last = all_[--size_];
      Py_DECREF(last);
    }
  }
  Py_ssize_t size() const { return size_; }
  PyObject* operator[](Py_ssize_t i) const { return all_[i]; }

 private:
  static constexpr Py_ssize_t few = 32;
  Py_ssize_t size_ = 0;
  PyObject** all_ = near_;
  PyObject* near_[few];
  std::unique_ptr<PyObject*[]> far_;
};

class Groups {
 public:
  // False unless the optimizer has a plain list of plain dicts. They are held from here on, and stay what
  // they are whatever user code does to the list. May run Python code: what was borrowed before may be gone.
  bool open(PyObject* optimizer);
  // The same where no Python code has to run for it.
  bool open_plain(PyObject* optimizer);

  Py_ssize_t size() const { return own_.size(); }
  PyObject* operator[](Py_ssize_t i) const { return own_[i]; }
  bool any_twice() const;

  // Sets every lr, every momentum if given, and _last_lr. Outcome::torchs before anything is changed, or
  // done.
  Outcome step(const Change& lr, const Momentum* momentum, const Attributes& scheduler) const;

  // Sets every lr to a value that user code decided; assignable says beforehand whether there is a way to do
  // it.
  bool assignable() const;
  void assign(const std::vector<Product>& products) const;

  // Sets _last_lr to what it is after a step: the lrs, tensors copied. False where a group has something
  // else.
  bool record(const Attributes& scheduler) const;

  // The lr of a group; null where it has none.
  py::object lr(Py_ssize_t i) const;

  // The values of a source as doubles; false where torch would compute in another type.
  bool column(const Source& source, double* values) const;
  bool has_momentum(bool beta1) const;

 private:
  bool compute(const Change& change, double* values) const;
  // What the present lrs are; tensors if any is one, or is missing.
  enum class Lrs : unsigned char { numbers, others, tensors };
  Lrs lrs() const;
  // False, and nothing done, unless all are tensors that can be written to.
  bool assign_tensors(const std::vector<Product>& products) const;
  // What goes under "momentum" or "betas"; false where torch would have something else to say.
  bool momenta(const Momentum& momentum, Objects& values) const;
  void write_momenta(const Momentum& momentum, const Objects& values) const;
  void write_lr(const double* values, const Momentum* momentum, const Objects& momentum_values,
                bool read_again, bool quiet, const Attributes& scheduler) const;
  bool record_plain(const Attributes& scheduler) const;
  Outcome step_tensors(const Change& lr, const Momentum* momentum, const Attributes& scheduler) const;
  bool hold(PyObject* groups);

  Objects own_;
};

// The same for whatever optimizer this is, by torch's own code if need be.
void record_lr(const py::object& optimizer, const Attributes& scheduler);

}  // namespace stepcurve

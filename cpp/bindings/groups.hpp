// The param groups of an optimizer during one step: read anew every time, computed first, written last.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "attributes.hpp"
#include "tensor.hpp"

namespace stepcurve {

// Where a value of each group is: in a list beside the groups, under a key of the group, or both null: its
// lr.
struct Source {
  PyObject* list = nullptr;
  PyObject* key = nullptr;
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

class Groups {
 public:
  // False unless the optimizer has a plain list of plain dicts. Where getting it may have run Python code,
  // what was borrowed before may be gone.
  bool open(PyObject* optimizer, bool* ran_python = nullptr);

  Py_ssize_t size() const { return PyList_GET_SIZE(list_.ptr()); }
  PyObject* operator[](Py_ssize_t i) const { return PyList_GET_ITEM(list_.ptr(), i); }

  // Sets every lr, every momentum if given, and _last_lr, which is old. Outcome::torchs before anything is
  // changed, or done.
  Outcome step(const Change& lr, const Momentum* momentum, PyObject* old, const Attributes& scheduler) const;

  // Sets every lr to a value that user code decided; assignable says beforehand whether there is a way to do
  // it.
  bool assignable() const;
  void assign(const std::vector<Product>& products) const;

  // Sets _last_lr, which is old, to what it is after a step: the lrs, tensors copied. False where a group has
  // something else.
  bool record(PyObject* old, const Attributes& scheduler) const;

  // The lr of every group; shorter where a group has none.
  py::list lrs() const;

  // The values of a source as doubles; false where torch would compute in another type.
  bool column(const Source& source, double* values) const;

 private:
  bool compute(const Change& change, double* values) const;
  bool any_tensor_lr() const;
  bool has_momentum(bool beta1) const;
  void write_momentum(bool beta1, const double* values) const;
  void write_lr(const double* values, PyObject* old, const Attributes& scheduler) const;
  bool record_plain(PyObject* old, const Attributes& scheduler) const;
  Outcome step_tensors(const Change& lr, const Momentum* momentum, PyObject* old,
                       const Attributes& scheduler) const;

  py::object list_;
};

// The same for whatever optimizer this is, by torch's own code if need be.
void record_lr(const py::object& optimizer, const Attributes& scheduler);

}  // namespace stepcurve

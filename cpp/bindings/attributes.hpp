// A scheduler's attributes, read at every step where torch keeps them, in the __dict__ of the instance, and
// what is known of its class: whether its steps are torch's own, untouched by a subclass, an instance or a
// patch.
#pragma once

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "bind.hpp"
#include "stepcurve/preview.hpp"

namespace stepcurve {

// torchs: nothing was changed, and torch's own code has to do it.
enum class Outcome { done, raised, torchs };

// Attributes that LRScheduler gives to every scheduler; a class's own follow.
enum Slot : int { optimizer, base_lrs, last_epoch, step_count, is_initial, in_get_lr, last_lr, own };
inline constexpr int max_slots = own + 12;

class Attributes;

// What torch's step of one class reads and calls, and how it is done here.
struct Recipe {
  using Step = Outcome (*)(Attributes&, Recipe&, PyObject* const* arguments, Py_ssize_t count);

  const char* class_name;
  std::vector<const char*> attributes;  // read by name, of no account whether they exist
  std::vector<const char*> calls;
  Step step;

  struct Name {
    PyObject* name;
    PyObject* on_class;  // what torch's class has under that name, null for nothing
  };
  struct Key {
    PyObject* key;
    int slot;  // -1: of no account
  };
  PyObject* torch_class = nullptr;
  PyObject* torch_step = nullptr;
  PyObject* torch_get_last_lr = nullptr;
  std::vector<Name> names = {};   // of the slots
  std::vector<Name> called = {};  // these an instance must not have
  std::vector<Key> keys = {};     // of the instance last read, in its order
};

// The attributes of one instance, borrowed from its __dict__ until Python code runs; null where absent.
class Attributes {
 public:
  explicit Attributes(PyObject* scheduler);
  // False where an instance has something under the name of a method that torch's step calls.
  bool read(Recipe& recipe);

  // As it is now, whatever has run since read.
  PyObject* find(int slot) const { return under(recipe_->names[static_cast<std::size_t>(slot)].name); }
  PyObject* under(PyObject* name) const { return PyDict_GetItemWithError(dict_.ptr(), name); }
  // Where code has run since read and may have changed it.
  void forget(int slot) { values_[static_cast<std::size_t>(slot)] = nullptr; }
  PyObject* operator[](int slot) const { return values_[static_cast<std::size_t>(slot)]; }
  // What torch's class has under the i-th name of recipe.calls.
  PyObject* method(std::size_t i) const { return recipe_->called[i].on_class; }
  PyObject* scheduler() const { return scheduler_; }
  void set(int slot, PyObject* value) const;
  void set(int slot, const py::object& value) const { set(slot, value.ptr()); }

 private:
  PyObject* scheduler_;
  py::object dict_;
  const Recipe* recipe_ = nullptr;
  std::array<PyObject*, max_slots> values_;
};

// What a call of step() on an instance of a class comes to.
struct Verdict {
  bool own_methods;      // step is the core's and get_last_lr torch's, not a subclass's
  Recipe* recipe;        // null: torch's own code
  PyObject* torch_step;  // what super().step is, borrowed
};

// Cached by the version of the type, which changes with any change to it or to its bases.
Verdict verdict_of(PyTypeObject* type);

// Whether a method is the core's step, which stands for all of torch's.
bool is_step(PyObject* method);

// Steps of this class may be done here: its torch class was checked to compute what recurrence.hpp does.
void know(py::type torch_class);

// Every recipe, one a class of torch.
std::vector<Recipe>& recipes();

// Never freed: for what lives as long as the interpreter.
inline PyObject* forever(py::object object) { return object.release().ptr(); }
PyObject* interned(const char* text);

// A new object; null is an error of Python's, where pybind11's own types would say that they cannot be made.
inline py::object made(PyObject* object) {
  if (!object) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(object);
}

// Python's exact int and float as torch's formulas take them, false for any other type or a larger int: the
// bounds keep products and sums of two ints as exact in doubles as they are in Python.
inline constexpr recurrence::Epoch most_real = 1 << 19, most_count = recurrence::Epoch{1} << 32;

inline bool is_int(PyObject* value) { return value && PyLong_CheckExact(value); }

inline bool integer(PyObject* value, recurrence::Epoch& number, recurrence::Epoch most = most_count) {
  if (!is_int(value)) return false;
  int overflow = 0;
  number = PyLong_AsLongLongAndOverflow(value, &overflow);
  return overflow == 0 && -most <= number && number <= most;
}

inline bool real(PyObject* value, double& number, recurrence::Epoch most = most_real) {
  if (value && PyFloat_CheckExact(value)) {
    number = PyFloat_AS_DOUBLE(value);
    return true;
  }
  recurrence::Epoch whole;
  if (!integer(value, whole, most)) return false;
  number = static_cast<double>(whole);
  return true;
}

inline bool count(PyObject* value, double& number) { return real(value, number, most_count); }

// A _last_lr that only its scheduler holds can take the next values itself: nobody sees that it is no new
// list, as torch's would be. SequentialLR holds the list of the scheduler that it steps, and sets it anew
// after that.
class LastLr {
 public:
  static bool reusable(PyObject* list, Py_ssize_t size) {
    if (!list || !PyList_CheckExact(list) || PyList_GET_SIZE(list) != size) return false;
    const bool shared = sequence && sequence->find(last_lr) == list;
    return Py_REFCNT(list) == (shared ? 2 : 1);
  }
  // While this sequence steps one of its schedulers.
  explicit LastLr(const Attributes& of) : before_(std::exchange(sequence, &of)) {}
  ~LastLr() { sequence = before_; }
  LastLr(const LastLr&) = delete;
  LastLr& operator=(const LastLr&) = delete;

 private:
  static inline thread_local const Attributes* sequence = nullptr;
  const Attributes* before_;
};

// A string that is compared with again and again; most are the same object.
class Text {
 public:
  explicit Text(const char* text) : interned_(interned(text)) {}
  bool is(PyObject* value) const {
    return value == interned_ || (value && PyUnicode_CheckExact(value) && !PyUnicode_CHECK_INTERNED(value) &&
                                  PyUnicode_Compare(value, interned_) == 0);
  }

 private:
  PyObject* interned_;
};

}  // namespace stepcurve

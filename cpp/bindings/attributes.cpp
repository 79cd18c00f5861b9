#include "attributes.hpp"

#include <algorithm>
#include <string>

namespace stepcurve {
namespace {

// The slot of a key that was not met at this place before; false for the name of a method.
bool slot_of(const Recipe& recipe, PyObject* key, int& slot) {
  if (!PyUnicode_CheckExact(key)) return false;
  for (const auto& [name, on_class] : recipe.called)
    if (PyUnicode_Compare(key, name) == 0) return false;
  slot = -1;
  for (std::size_t i = 0; i < recipe.names.size(); ++i)
    if (PyUnicode_Compare(key, recipe.names[i].name) == 0) slot = static_cast<int>(i);
  return true;
}

bool learn(Recipe& recipe, std::size_t place, PyObject* key) {
  int slot;
  if (!slot_of(recipe, key, slot)) return false;
  Py_INCREF(key);
  if (place == recipe.keys.size()) {
    recipe.keys.push_back({key, slot});
  } else {
    PyObject* old = std::exchange(recipe.keys[place], {key, slot}).key;
    Py_DECREF(old);
  }
  return true;
}

unsigned version(PyTypeObject* type) {
#if PY_VERSION_HEX < 0x030C0000
  if (!PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG)) return 0;
#endif
  return type->tp_version_tag;
}

py::object on_class(py::handle type, PyObject* name) {
  PyObject* found = PyObject_GetAttr(type.ptr(), name);
  if (!found) PyErr_Clear();
  return py::reinterpret_steal<py::object>(found);
}

bool as_in_torch(py::handle type, const std::vector<Recipe::Name>& names) {
  for (const auto& each : names)
    if (on_class(type, each.name).ptr() != each.on_class) return false;
  return true;
}

Verdict examine(PyTypeObject* type) {
  Verdict verdict{false, nullptr, nullptr};
  Recipe* recipe = nullptr;
  bool passed = false;
  for (const py::handle base : py::reinterpret_borrow<py::tuple>(type->tp_mro)) {
    const py::object found = base.attr("__dict__").attr("get")("step");
    if (is_step(found.ptr()))
      passed = true;
    else if (passed && !found.is_none() && !verdict.torch_step)
      verdict.torch_step = found.ptr();
    for (Recipe& each : recipes())
      if (!recipe && each.torch_class == base.ptr()) recipe = &each;
  }
  // A class with rules of its own for attributes decides itself what they are.
  const bool plain =
      type->tp_getattro == PyObject_GenericGetAttr && type->tp_setattro == PyObject_GenericSetAttr;
  const py::handle self(reinterpret_cast<PyObject*>(type));
  if (recipe && plain && verdict.torch_step == recipe->torch_step && as_in_torch(self, recipe->names) &&
      as_in_torch(self, recipe->called))
    verdict.recipe = recipe;
  static PyObject *const step = interned("step"), *const get_last_lr = interned("get_last_lr");
  verdict.own_methods = recipe && is_step(on_class(self, step).ptr()) &&
                        on_class(self, get_last_lr).ptr() == recipe->torch_get_last_lr;
  return verdict;
}

}  // namespace

PyObject* interned(const char* text) {
  PyObject* string = PyUnicode_InternFromString(text);
  if (!string) throw py::error_already_set();
  return string;
}

Attributes::Attributes(PyObject* scheduler)
    : scheduler_(scheduler),
      dict_(py::reinterpret_steal<py::object>(PyObject_GenericGetDict(scheduler, nullptr))) {
  if (!dict_) throw py::error_already_set();
}

bool Attributes::read(Recipe& recipe) {
  recipe_ = &recipe;
  std::fill_n(values_.begin(), recipe.names.size(), nullptr);
  // One walk instead of a lookup a name: it is faster, and it also meets the names that should not be there.
  Py_ssize_t position = 0;
  PyObject *key, *value;
  for (std::size_t place = 0; PyDict_Next(dict_.ptr(), &position, &key, &value); ++place) {
    if (place >= recipe.keys.size() || recipe.keys[place].key != key) [[unlikely]]
      if (!learn(recipe, place, key)) return false;
    const int slot = recipe.keys[place].slot;
    if (slot >= 0) values_[static_cast<std::size_t>(slot)] = value;
  }
  return true;
}

void Attributes::set(int slot, PyObject* value) const {
  if (!value || PyDict_SetItem(dict_.ptr(), recipe_->names[static_cast<std::size_t>(slot)].name, value) < 0)
    throw py::error_already_set();
}

Verdict verdict_of(PyTypeObject* type) {
  struct Entry {
    unsigned version = 0;
    Verdict verdict{};
  };
  static std::array<Entry, 256> cache;
  const unsigned present = version(type);
  Entry& entry = cache[present % cache.size()];
  if (present != 0 && entry.version == present) return entry.verdict;
  const Verdict verdict = examine(type);  // which gives the type a version
  if (const unsigned given = version(type); given != 0) cache[given % cache.size()] = {given, verdict};
  return verdict;
}

void know(py::type torch_class) {
  const std::string name = py::str(torch_class.attr("__name__"));
  for (Recipe& recipe : recipes()) {
    if (recipe.class_name != name) continue;
    const auto find = [&](const char* text) {
      PyObject* string = interned(text);
      return Recipe::Name{string, on_class(torch_class, string).release().ptr()};
    };
    for (const char* text : {"optimizer", "base_lrs", "last_epoch", "_step_count", "_is_initial",
                             "_get_lr_called_within_step", "_last_lr"})
      recipe.names.push_back(find(text));
    for (const char* text : recipe.attributes) recipe.names.push_back(find(text));
    recipe.torch_step = find("step").on_class;
    recipe.torch_get_last_lr = find("get_last_lr").on_class;
    for (const char* text : recipe.calls) recipe.called.push_back(find(text));
    recipe.torch_class = torch_class.release().ptr();  // last: an incomplete recipe is never found
    return;
  }
  throw py::value_error("no recurrence for " + name);
}

}  // namespace stepcurve

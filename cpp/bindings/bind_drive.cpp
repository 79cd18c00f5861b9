// The step of python/stepcurve/lr_scheduler/curve_scheduler.py in the ordinary case: plain groups that are
// the same as at the last step. Anything else its Python code does.
#include <bit>
#include <cstdint>
#include <optional>

#include "groups.hpp"
#include "method.hpp"
#include "stepcurve/curve.hpp"
#include "steps.hpp"

using namespace py::literals;

namespace stepcurve {
namespace {

struct Names {
  PyObject* drive = interned("_drive");
  PyObject* optimizer = interned("optimizer");
  PyObject* follow = interned("follow");
  PyObject* last_epoch = interned("last_epoch");
  PyObject* step_count = interned("_step_count");
  PyObject* last_lr = interned("_last_lr");
  PyObject* params = interned("params");
  PyObject* lr = interned("lr");
  PyObject* fill = interned("fill_");
};

const Names& names() {
  static const Names all;
  return all;
}

bool same_bits(double one, double other) {
  return std::bit_cast<std::uint64_t>(one) == std::bit_cast<std::uint64_t>(other);
}

// One key of all groups: a curve for each, or none, and the initial value that it multiplies, or none.
struct Track {
  py::object name, scale;
  Py_ssize_t place;  // in a tuple; -1 for the value itself
  std::vector<std::optional<Curve>> curves;
  std::vector<std::optional<double>> bases;
};

class Drive {
 public:
  struct Made {
    explicit Made(Py_ssize_t groups) : lrs(groups) {}
    std::vector<py::object> objects;
    std::optional<double> whole;  // what to write to it
    Objects lrs;
  };

  // members: the address of the first param of each group.
  Drive(std::vector<Track> tracks, std::vector<std::uintptr_t> members, py::object whole,
        py::typing::List<py::object> views)
      : tracks_(std::move(tracks)),
        members_(std::move(members)),
        whole_(std::move(whole)),
        views_(std::move(views)) {
    for (const Track& track : tracks_) has_lr_ |= track.name.ptr() == names().lr;
  }

  // False, and nothing made, where it is not so plain. Makes all objects that a step writes, those of every
  // group of the first track first, null for none, and the learning rates after it.
  bool make(const Groups& groups, double step, Made& made) const {
    if (!met(groups)) return false;
    const auto count = static_cast<std::size_t>(groups.size());
    std::vector<Value> values(tracks_.size() * count);
    Py_ssize_t views = 0;
    for (std::size_t i = 0; i < tracks_.size(); ++i)
      if (!evaluate(tracks_[i], groups, step, values.data() + i * count, views)) return false;
    if (views > 0 && (views != PyList_GET_SIZE(views_.ptr()) || !one_value(values))) return false;
    if (views > 0 && whole_.attr("requires_grad").ptr() != Py_False) return false;
    made.objects.resize(values.size());
    for (std::size_t i = 0; i < tracks_.size(); ++i) fill(i, groups, values.data() + i * count, made);
    for (Py_ssize_t i = made.lrs.size(); i < groups.size(); ++i)
      made.lrs.push(Py_NewRef(held(under(groups[i], names().lr))));
    for (const Value& value : values)
      if (value.kind == Kind::view) made.whole = value.number;
    return true;
  }

  void write(const Groups& groups, const Made& made) const {
    // One write for all views, and first: it is torch's, and may fail.
    if (made.whole) whole_.attr(py::handle(names().fill))(*made.whole);
    const auto count = static_cast<std::size_t>(groups.size());
    for (std::size_t i = 0; i < made.objects.size(); ++i) {
      PyObject* const object = made.objects[i].ptr();
      PyObject* const group = groups[static_cast<Py_ssize_t>(i % count)];
      if (object && PyDict_SetItem(group, tracks_[i / count].name.ptr(), object) < 0)
        throw py::error_already_set();
    }
  }

 private:
  enum class Kind : unsigned char { none, number, element, view };
  struct Value {
    double number = 0;
    Kind kind = Kind::none;  // of what it is written to
  };

  static bool one_value(const std::vector<Value>& values) {
    const Value* first = nullptr;
    for (const Value& value : values) {
      if (value.kind != Kind::view) continue;
      if (!first) first = &value;
      if (value.number != first->number) return false;
    }
    return true;
  }

  bool met(const Groups& groups) const {
    if (static_cast<std::size_t>(groups.size()) != members_.size()) return false;
    for (Py_ssize_t i = 0; i < groups.size(); ++i) {
      PyObject* params = under(groups[i], names().params);
      if (!has_lr_ && !under(groups[i], names().lr)) return false;
      if (!params || !PyList_CheckExact(params) || PyList_GET_SIZE(params) == 0) return false;
      if (reinterpret_cast<std::uintptr_t>(PyList_GET_ITEM(params, 0)) !=
          members_[static_cast<std::size_t>(i)])
        return false;
    }
    return true;
  }

  bool evaluate(const Track& track, const Groups& groups, double step, Value* values,
                Py_ssize_t& views) const {
    const void* last = nullptr;
    double at = 0;
    for (Py_ssize_t i = 0; i < groups.size(); ++i) {
      const auto index = static_cast<std::size_t>(i);
      const auto& curve = track.curves[index];
      PyObject* present = under(groups[i], track.name.ptr());
      if (!present) return false;
      if (!curve) continue;
      const Kind kind = kind_of(present, track, views);  // present may be gone after the next lookup
      if (kind == Kind::none) return false;
      if (curve->node().get() != last) at = curve->at(step);
      last = curve->node().get();
      double value = track.bases[index] ? at * *track.bases[index] : at;
      PyObject* scale = track.scale.is_none() ? nullptr : under(groups[i], track.scale.ptr());
      double factor = 1;
      if (scale && !real(scale, factor)) return false;
      if (scale) value *= factor;
      values[i] = {value, kind};
    }
    return true;
  }

  // A number, a tuple with such a place, the next view of the whole, or none of these.
  Kind kind_of(PyObject* present, const Track& track, Py_ssize_t& views) const {
    if (track.place >= 0) {
      const bool fits = PyTuple_CheckExact(present) && PyTuple_GET_SIZE(present) > track.place;
      return fits ? Kind::element : Kind::none;
    }
    if (PyFloat_CheckExact(present) || is_int(present)) return Kind::number;
    const bool next =
        views < PyList_GET_SIZE(views_.ptr()) && PyList_GET_ITEM(views_.ptr(), views) == present;
    views += next;
    return next ? Kind::view : Kind::none;
  }

  void fill(std::size_t place, const Groups& groups, const Value* values, Made& made) const {
    const Track& track = tracks_[place];
    const auto count = static_cast<std::size_t>(groups.size());
    const bool is_lr = track.name.ptr() == names().lr && track.place < 0;
    py::object number;
    for (Py_ssize_t i = 0; i < groups.size(); ++i) {
      const Kind kind = values[i].kind;
      const bool reads = kind == Kind::none || kind == Kind::element;
      PyObject* present = reads ? under(groups[i], track.name.ptr()) : nullptr;
      for (std::size_t j = 0; j < place; ++j)  // another element of the same tuple
        if (tracks_[j].name.ptr() == track.name.ptr())
          if (PyObject* before = made.objects[j * count + static_cast<std::size_t>(i)].ptr())
            present = before;
      if (kind == Kind::none) {
        if (is_lr) made.lrs.push(Py_NewRef(held(present)));
        continue;
      }
      // Groups that share a value share the float.
      if (!number || !same_bits(PyFloat_AS_DOUBLE(number.ptr()), values[i].number))
        number = stepcurve::made(PyFloat_FromDouble(values[i].number));
      py::object value = number;
      if (is_lr) made.lrs.push(Py_NewRef(value.ptr()));
      if (kind == Kind::view) continue;
      if (kind == Kind::element) {
        const auto tuple = py::reinterpret_borrow<py::object>(held_tuple(present, track.place));
        value = replaced(tuple.ptr(), track.place, value);
      }
      made.objects[place * count + static_cast<std::size_t>(i)] = std::move(value);
    }
  }

  // User code may run whenever a value is dropped, and take from a group what was there before.
  static PyObject* held(PyObject* present) {
    if (!present) throw py::key_error("a param group has lost a value in the middle of a step");
    return present;
  }

  static PyObject* held_tuple(PyObject* present, Py_ssize_t place) {
    const bool fits = PyTuple_CheckExact(held(present)) && PyTuple_GET_SIZE(present) > place;
    return held(fits ? present : nullptr);
  }

  std::vector<Track> tracks_;
  std::vector<std::uintptr_t> members_;
  py::object whole_;  // a tensor, or None
  py::list views_;    // of it, the values of groups
  bool has_lr_ = false;
};

// False, with nothing changed, where Python has to do it.
bool advance(PyObject* scheduler, bool by_hand) {
  const auto dict = py::reinterpret_steal<py::object>(PyObject_GenericGetDict(scheduler, nullptr));
  if (!dict) return PyErr_Clear(), false;
  if (by_hand && under(dict.ptr(), names().follow) != Py_False) return false;
  const auto owner = py::reinterpret_borrow<py::object>(under(dict.ptr(), names().optimizer));
  const auto holder = py::reinterpret_borrow<py::object>(under(dict.ptr(), names().drive));
  recurrence::Epoch epoch, count;
  Groups groups;
  if (!owner || !holder || !py::isinstance<Drive>(holder)) return false;
  if (!integer(under(dict.ptr(), names().last_epoch), epoch) || epoch < 0) return false;
  if (!integer(under(dict.ptr(), names().step_count), count) || !groups.open_plain(owner.ptr())) return false;
  const auto& drive = holder.cast<const Drive&>();
  Drive::Made made(groups.size());
  if (!drive.make(groups, static_cast<double>(epoch + 1), made)) return false;
  const py::object now = python(epoch + 1), steps = python(count + 1);
  const py::object list = stepcurve::made(PyList_New(made.lrs.size()));
  for (Py_ssize_t i = 0; i < made.lrs.size(); ++i) PyList_SET_ITEM(list.ptr(), i, Py_NewRef(made.lrs[i]));
  drive.write(groups, made);
  const auto set = [&](PyObject* name, const py::object& value) {
    if (!value || PyDict_SetItem(dict.ptr(), name, value.ptr()) < 0) throw py::error_already_set();
  };
  set(names().last_epoch, now);
  set(names().step_count, steps);
  set(names().last_lr, list);
  return true;
}

PyObject* step(PyObject* method, PyObject* const* arguments, std::size_t flags, PyObject* keywords) {
  try {
    if (PyVectorcall_NARGS(flags) == 1 && !keywords && advance(arguments[0], true)) Py_RETURN_NONE;
  } catch (py::error_already_set& error) {
    return error.restore(), nullptr;
  } catch (const std::exception&) {  // of a curve, or no memory: Python's code meets it again
    PyErr_Clear();
  }
  const auto by_python = py::reinterpret_steal<py::object>(PyObject_GetAttrString(method, "__wrapped__"));
  return by_python ? PyObject_Vectorcall(by_python.ptr(), arguments, flags, keywords) : nullptr;
}

using TrackOfPython = std::tuple<py::object, Py_ssize_t, py::object, std::vector<std::optional<Curve>>,
                                 std::vector<std::optional<double>>>;

}  // namespace

void bind_drive(py::module_& module) {
  py::class_<Drive>(module, "Drive", "What a step of a CurveScheduler writes.")
      .def(
          py::init([](const std::vector<TrackOfPython>& tracks, std::vector<std::uintptr_t> members,
                      py::object whole, py::typing::List<py::object> views) {
            std::vector<Track> all;
            for (const auto& [name, place, scale, curves, bases] : tracks)
              all.push_back({py::reinterpret_steal<py::object>(interned(py::cast<std::string>(name).c_str())),
                             scale, place, curves, bases});
            return Drive(std::move(all), std::move(members), std::move(whole), std::move(views));
          }),
          "tracks"_a, "members"_a, "whole"_a, "views"_a);
  module.def(
      "advance_curves", [](const py::object& scheduler) { return advance(scheduler.ptr(), false); },
      "scheduler"_a, "Takes the next step of a CurveScheduler if that is plain.");
  module.def(
      "curve_step", [] { return make_method(step); },
      "A method that steps a CurveScheduler, by its __wrapped__ where that is not plain.");
}

}  // namespace stepcurve

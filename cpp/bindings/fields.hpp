// What each scheduler's struct of recurrence.hpp is filled from: the names of its attributes and of the
// methods that torch's step calls, and where its x and y are. fill: false for a value that the formulas do
// not take.
#pragma once

#include "groups.hpp"

namespace stepcurve {

template <class Scheduler>
struct Fields;

// x is the present lr and y the base lr.
struct Chainable {
  static inline const std::vector<const char*> calls{"get_lr", "_update_lr"};
  static Source x(const Attributes&) { return {}; }
  static Source y(const Attributes& from) { return Source::list(from[base_lrs]); }
};

template <>
struct Fields<recurrence::StepLR> : Chainable {
  static constexpr const char* name = "StepLR";
  static inline const std::vector<const char*> attributes{"step_size", "gamma"};
  static bool fill(const Attributes& from, recurrence::StepLR& to) {
    return integer(from[own], to.step_size) && real(from[own + 1], to.gamma);
  }
};

template <>
struct Fields<recurrence::MultiStepLR> : Chainable {
  static constexpr const char* name = "MultiStepLR";
  static inline const std::vector<const char*> attributes{"milestones", "gamma"};
  static bool fill(const Attributes& from, recurrence::MultiStepLR& to) {
    return real(from[own + 1], to.gamma);
  }
  // Borrowed; null unless it is a Counter, as in torch, or a dict.
  static PyObject* milestones(const Attributes& from);
  // A higher power of an int is exact in Python and not in doubles.
  static bool has_powers(const Attributes& from) { return PyFloat_CheckExact(from[own + 1]); }
};

template <>
struct Fields<recurrence::ConstantLR> : Chainable {
  static constexpr const char* name = "ConstantLR";
  static inline const std::vector<const char*> attributes{"factor", "total_iters"};
  static bool fill(const Attributes& from, recurrence::ConstantLR& to) {
    return real(from[own], to.factor) && count(from[own + 1], to.total_iters);
  }
};

template <>
struct Fields<recurrence::LinearLR> : Chainable {
  static constexpr const char* name = "LinearLR";
  static inline const std::vector<const char*> attributes{"start_factor", "end_factor", "total_iters"};
  static bool fill(const Attributes& from, recurrence::LinearLR& to) {
    return real(from[own], to.start_factor) && real(from[own + 1], to.end_factor) &&
           count(from[own + 2], to.total_iters);
  }
};

template <>
struct Fields<recurrence::ExponentialLR> : Chainable {
  static constexpr const char* name = "ExponentialLR";
  static inline const std::vector<const char*> attributes{"gamma"};
  static bool fill(const Attributes& from, recurrence::ExponentialLR& to) {
    return real(from[own], to.gamma);
  }
};

template <>
struct Fields<recurrence::PolynomialLR> : Chainable {
  static constexpr const char* name = "PolynomialLR";
  static inline const std::vector<const char*> attributes{"total_iters", "power"};
  static bool fill(const Attributes& from, recurrence::PolynomialLR& to) {
    return count(from[own], to.total_iters) && real(from[own + 1], to.power);
  }
};

template <>
struct Fields<recurrence::CosineAnnealingLR> : Chainable {
  static constexpr const char* name = "CosineAnnealingLR";
  static inline const std::vector<const char*> attributes{"T_max", "eta_min"};
  static bool fill(const Attributes& from, recurrence::CosineAnnealingLR& to) {
    return count(from[own], to.T_max) && real(from[own + 1], to.eta_min);
  }
};

template <>
struct Fields<recurrence::CosineAnnealingWarmRestarts> : Chainable {
  static constexpr const char* name = "CosineAnnealingWarmRestarts";
  static inline const std::vector<const char*> attributes{"T_mult", "eta_min", "T_cur", "T_i"};
  static constexpr int T_cur = own + 2, T_i = own + 3;
  static bool fill(const Attributes& from, recurrence::CosineAnnealingWarmRestarts& to) {
    return is_int(from[own]) && real(from[own], to.T_mult) && real(from[own + 1], to.eta_min) &&
           count(from[T_cur], to.T_cur) && is_int(from[T_i]) && count(from[T_i], to.T_i);
  }
};

template <>
struct Fields<recurrence::SWALR> {
  static constexpr const char* name = "SWALR";
  static inline const std::vector<const char*> attributes{"anneal_epochs", "anneal_func"};
  static inline const std::vector<const char*> calls{"get_lr", "_update_lr", "_get_initial_lr",
                                                     "_cosine_anneal", "_linear_anneal"};
  static Source x(const Attributes&) { return {}; }
  static Source y(const Attributes&) {
    static PyObject* const key = interned("swa_lr");
    return Source::key(key);
  }
  static bool fill(const Attributes& from, recurrence::SWALR& to) {
    to.linear = from[own + 1] == from.method(4);
    return (to.linear || from[own + 1] == from.method(3)) && count(from[own], to.anneal_epochs) &&
           integer(from[step_count], to.step_count);
  }
};

// Whether CyclicLR and OneCycleLR set the momentum, and whether it is a beta. False for a flag that is no
// bool.
struct Cycling {
  bool momentum, beta1;
  bool fill(PyObject* cycle_momentum, PyObject* use_beta1) {
    const auto is_bool = [](PyObject* flag) { return flag == Py_True || flag == Py_False; };
    momentum = cycle_momentum == Py_True;
    beta1 = use_beta1 == Py_True;
    return is_bool(cycle_momentum) && (!momentum || is_bool(use_beta1));
  }
};

template <>
struct Fields<recurrence::CyclicLR> {
  static constexpr const char* name = "CyclicLR";
  static inline const std::vector<const char*> attributes{
      "max_lrs",    "total_size",     "step_ratio", "_scale_fn_ref",  "_scale_fn_custom",
      "scale_mode", "cycle_momentum", "use_beta1",  "base_momentums", "max_momentums"};
  static inline const std::vector<const char*> calls{
      "get_lr",   "_update_lr",           "_exp_range_scale_fn",
      "scale_fn", "_triangular_scale_fn", "_triangular2_scale_fn"};
  static constexpr int cycle_momentum = own + 6, use_beta1 = own + 7;
  static Source x(const Attributes& from) { return Source::list(from[base_lrs]); }
  static Source y(const Attributes& from) { return Source::list(from[own]); }
  static Source base_momentums(const Attributes& from) { return Source::list(from[own + 8]); }
  static Source max_momentums(const Attributes& from) { return Source::list(from[own + 9]); }
  static bool fill(const Attributes& from, recurrence::CyclicLR& to);
};

// Its phases name the keys of the groups between which they anneal.
struct OneCycle {
  recurrence::OneCycleLR scheduler;
  std::array<double, 8> phase_ends;
  py::object phases;  // a list of dicts

  // The value of a group that a phase has under this name, "start_lr" or the like; null where it has none.
  Source source(std::size_t phase, PyObject* name) const;
  PyObject* value(std::size_t phase, PyObject* name) const;
};

template <>
struct Fields<OneCycle> {
  static constexpr const char* name = "OneCycleLR";
  static inline const std::vector<const char*> attributes{"total_steps", "_schedule_phases",
                                                          "_anneal_func_type", "cycle_momentum", "use_beta1"};
  static inline const std::vector<const char*> calls{"get_lr", "_update_lr", "_anneal_func", "_annealing_cos",
                                                     "_annealing_linear"};
  static constexpr int cycle_momentum = own + 3, use_beta1 = own + 4;
  static bool fill(const Attributes& from, OneCycle& to);
};

// Schedulers made of others.
struct SequentialLR {
  PyObject* schedulers;  // a list or tuple, borrowed
  PyObject* milestones;  // a list, borrowed
  recurrence::Epoch last_epoch;
};

template <>
struct Fields<SequentialLR> {
  static constexpr const char* name = "SequentialLR";
  static inline const std::vector<const char*> attributes{"_schedulers", "_milestones"};
  static inline const std::vector<const char*> calls{};
  static bool fill(const Attributes& from, SequentialLR& to) {
    to.schedulers = from[own];
    to.milestones = from[own + 1];
    return to.schedulers && (PyList_CheckExact(to.schedulers) || PyTuple_CheckExact(to.schedulers)) &&
           to.milestones && PyList_CheckExact(to.milestones) &&
           integer(from[stepcurve::last_epoch], to.last_epoch);
  }
};

struct ChainedScheduler {
  PyObject* schedulers;  // a list or tuple, borrowed
};

template <>
struct Fields<ChainedScheduler> {
  static constexpr const char* name = "ChainedScheduler";
  static inline const std::vector<const char*> attributes{"_schedulers"};
  static inline const std::vector<const char*> calls{};
  static bool fill(const Attributes& from, ChainedScheduler& to) {
    to.schedulers = from[own];
    return to.schedulers && (PyList_CheckExact(to.schedulers) || PyTuple_CheckExact(to.schedulers));
  }
};

template <>
struct Fields<recurrence::ReduceLROnPlateau> {
  static constexpr const char* name = "ReduceLROnPlateau";
  static inline const std::vector<const char*> attributes{
      "mode",           "threshold_mode",   "threshold", "patience", "cooldown", "best",
      "num_bad_epochs", "cooldown_counter", "factor",    "min_lrs",  "eps"};
  static inline const std::vector<const char*> calls{"_is_better", "is_better", "in_cooldown", "_reduce_lr"};
  static constexpr int cooldown = own + 4, best = own + 5, num_bad_epochs = own + 6,
                       cooldown_counter = own + 7, min_lrs = own + 9;
  static bool fill(const Attributes& from, recurrence::ReduceLROnPlateau& to);
};

}  // namespace stepcurve

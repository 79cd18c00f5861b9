// What the followers of a metric have in common: options from Python's arrays, metrics in, state as views.
#pragma once

#include <atomic>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

#include "bind.hpp"
#include "slices.hpp"

namespace stepcurve {

using Arrays = py::typing::Dict<py::str, py::array>;

template <class Value, class Given = Value>
std::vector<Value> values(const Arrays& options, const char* name) {
  const auto array = options[name].cast<py::array_t<Given>>();
  std::vector<Value> all;
  all.reserve(static_cast<std::size_t>(array.size()));
  for (py::ssize_t i = 0; i < array.size(); ++i) all.push_back(static_cast<Value>(array.data()[i]));
  return all;
}

// A tracker with a mark for the time of a call that gives up the interpreter's lock. Whatever else comes
// then, from another thread or a signal handler, would see and change half of an update.
template <class Tracker>
class Owned : public Tracker {
 public:
  explicit Owned(Tracker&& tracker) : Tracker(std::move(tracker)) {}

  void refuse_if_busy() const {
    if (busy_.load(std::memory_order_acquire))
      throw std::runtime_error(
          "a tracker takes one call at a time, and this one is in the middle of another");
  }

  // For the lifetime of a call.
  class Busy {
   public:
    explicit Busy(Owned& owned) : busy_(owned.busy_) {
      owned.refuse_if_busy();
      busy_.store(true, std::memory_order_release);
    }
    ~Busy() { busy_.store(false, std::memory_order_release); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    std::atomic<bool>& busy_;
  };

 private:
  std::atomic<bool> busy_{false};
};

// What one run answers to one metric.
template <class Answer, class Tracker>
Answer update(Owned<Tracker>& tracker, double metric) {
  Answer answer;
  tracker.refuse_if_busy();
  tracker.check(&metric, false, 1);
  tracker.replay(&metric, false, 1, 1, &answer);
  return answer;
}

template <class Answer, class Tracker>
void replay(Owned<Tracker>& tracker, const py::array_t<double>& metrics, bool shared, int threads,
            py::array_t<Answer>& out) {
  // So few values are done before anybody could wait for the interpreter's lock, and so few rows before the
  // state could be kept for a Ctrl-C on the way.
  constexpr std::int64_t few_values = 4096, few_rows = 8;
  const std::int64_t runs = tracker.runs(), rows = out.size() / runs, columns = shared ? 1 : runs;
  const double* from = metrics.data();
  Answer* answers = out.mutable_data();
  const typename Owned<Tracker>::Busy busy(tracker);
  if (out.size() <= few_values || rows <= few_rows) {
    tracker.check(from, shared, rows);
    if (out.size() <= few_values) return tracker.replay(from, shared, rows, threads, answers);
    const py::gil_scoped_release release;
    return tracker.replay(from, shared, rows, threads, answers);
  }
  const std::int64_t some_rows = std::max<std::int64_t>(1, (1 << 22) / runs);
  in_slices(
      rows,
      [&](std::int64_t first, std::int64_t count) {
        tracker.check(from + first * columns, shared, count, first);
      },
      some_rows);
  const Tracker before = tracker;
  try {
    in_slices(
        rows,
        [&](std::int64_t first, std::int64_t count) {
          tracker.replay(from + first * columns, shared, count, threads, answers + first * runs);
        },
        some_rows);
  } catch (...) {
    static_cast<Tracker&>(tracker) = before;  // of the same sizes: takes no memory, and views stay good
    throw;
  }
}

// Sets the state: arrays over the tracker's memory, each with values as many and of the same type. What could
// fail comes before the first is written.
template <class Tracker>
void load(Owned<Tracker>& tracker, std::int64_t steps,
          const std::vector<std::pair<py::array, py::array>>& state) {
  tracker.refuse_if_busy();
  for (const auto& [to, values] : state)
    if (to.nbytes() != values.nbytes() || !to.writeable() || !(values.flags() & py::array::c_style))
      throw std::invalid_argument("arrays of a state must agree about its runs");
  for (const auto& [to, values] : state)
    std::memcpy(const_cast<void*>(to.data()), values.data(), static_cast<std::size_t>(values.nbytes()));
  tracker.steps = steps;
}

// An array over the memory of the tracker, which lives as long as it.
template <class Tracker, class Values>
auto view(Values Tracker::* member) {
  return [member](const py::object& self) {
    auto& all = self.cast<Owned<Tracker>&>().*member;
    return py::array_t<typename Values::value_type>(static_cast<py::ssize_t>(all.size()), all.data(), self);
  };
}

}  // namespace stepcurve

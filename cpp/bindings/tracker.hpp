// What the followers of a metric have in common: options from Python's arrays, metrics in, state as views.
#pragma once

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

// What one run answers to one metric.
template <class Answer, class Tracker>
Answer update(Tracker& tracker, double metric) {
  Answer answer;
  tracker.check(&metric, false, 1);
  tracker.replay(&metric, false, 1, 1, &answer);
  return answer;
}

template <class Answer, class Tracker>
void replay(Tracker& tracker, const py::array_t<double>& metrics, bool shared, int threads,
            py::array_t<Answer>& out) {
  // So few values are done before anybody could wait for the interpreter's lock, and so few rows before the
  // state could be kept for a Ctrl-C on the way.
  constexpr std::int64_t few_values = 4096, few_rows = 8;
  const std::int64_t runs = tracker.runs(), rows = out.size() / runs, columns = shared ? 1 : runs;
  const double* from = metrics.data();
  Answer* answers = out.mutable_data();
  tracker.check(from, shared, rows);
  if (out.size() <= few_values) return tracker.replay(from, shared, rows, threads, answers);
  if (rows <= few_rows) {
    const py::gil_scoped_release release;
    return tracker.replay(from, shared, rows, threads, answers);
  }
  const Tracker before = tracker;
  try {
    in_slices(
        rows,
        [&](std::int64_t first, std::int64_t count) {
          tracker.replay(from + first * columns, shared, count, threads, answers + first * runs);
        },
        std::max<std::int64_t>(1, (1 << 22) / runs));
  } catch (...) {
    tracker = before;
    throw;
  }
}

// An array over the memory of the tracker, which lives as long as it.
template <class Tracker, class Values>
auto view(Values Tracker::* member) {
  return [member](const py::object& self) {
    auto& all = self.cast<Tracker&>().*member;
    return py::array_t<typename Values::value_type>(static_cast<py::ssize_t>(all.size()), all.data(), self);
  };
}

}  // namespace stepcurve

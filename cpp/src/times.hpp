// The times that a node evaluates at once: consecutive integers, which some kernels fill without ever
// writing the times down, or a list.
#pragma once

namespace stepcurve {

struct Times {
  const double* list;  // nullptr: first, first + 1, ...
  double first;
  int count;
  bool sorted;  // ascending: pieces are then found by bisection instead of one by one

  static Times consecutive(double first, int count) { return {nullptr, first, count, true}; }
  static Times listed(const double* list, int count, bool sorted) { return {list, 0.0, count, sorted}; }

  double at(int i) const { return list ? list[i] : first + i; }
  double last() const { return at(count - 1); }
  Times part(int begin, int end) const {
    return list ? listed(list + begin, end - begin, sorted) : consecutive(first + begin, end - begin);
  }
};

// time - multiple * length, rounded once.
double beyond(double time, double multiple, double length);

// How many whole lengths fit into the time, rounded down: the quotient alone may round up to an integer.
double whole_multiples(double time, double length);

// start + stride * (first + i) for i < count, each rounded as that expression.
void write_grid(double start, double stride, double first, int count, double* times);

// The times as a list: their own, or written into the buffer.
const double* as_list(const Times& times, double* buffer);

// times - begin. What stays consecutive or begins at 0 does not touch the buffer.
Times later(const Times& times, double begin, double* buffer);

// The end of the run of times from `from` on that are `inside`, a property that sorted times lose once and
// for good.
template <class Inside>
int run_end(const Times& times, int from, Inside inside) {
  int end = from + 1;
  if (!times.sorted) {
    while (end < times.count && inside(times.at(end))) ++end;
    return end;
  }
  if (inside(times.last())) return times.count;
  int outside = times.count - 1;
  while (end < outside) {
    const int middle = end + (outside - end) / 2;
    if (inside(times.at(middle))) {
      end = middle + 1;
    } else {
      outside = middle;
    }
  }
  return end;
}

}  // namespace stepcurve

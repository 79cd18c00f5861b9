// A curve again and again: restarts, with cycles that grow and values that shrink. Which cycle a time is
// in comes from exact arithmetic or a table of beginnings, never from a floating logarithm, which picks the
// wrong one at some boundaries.
#include <algorithm>
#include <cmath>

#include "check.hpp"
#include "math/elementary.hpp"
#include "node.hpp"

namespace stepcurve {
namespace {

// Cycles of different length are listed; this many at most, with 24 bytes each.
constexpr std::size_t max_listed_cycles = 100'000;

// Shorter equal cycles are told apart time by time, longer ones run by run.
constexpr double min_cycle = 64.0;

struct Cycles {
  std::vector<double> begins, lengths, amplitudes;
  double end = 0.0;
};

// What cycle i multiplies its values by.
class Amplitude {
 public:
  explicit Amplitude(const Repeat& law) : log_decay_(log_of(law.decay)), harmonic_(law.harmonic) {}

  bool varies() const { return log_decay_.hi != 0.0 || harmonic_ != 0.0; }

  double at(double cycle) const {
    if (cycle == 0.0) return 1.0;
    Pair log = log_decay_ * cycle;
    if (harmonic_ != 0.0) log = log + log_of(cycle + 1.0) * -harmonic_;
    return exp(log).hi;
  }

 private:
  static Pair log_of(double x) { return log_ratio(Pair{x}, Pair{1.0}); }

  Pair log_decay_;
  double harmonic_;
};

Cycles list_cycles(double steps, const Repeat& law, const Amplitude& amplitude) {
  Cycles cycles;
  Pair length{steps}, begin{};
  while (static_cast<double>(cycles.begins.size()) < law.times && begin.hi <= max_steps) {
    if (cycles.begins.size() == max_listed_cycles) {
      throw std::invalid_argument("repeat must have at most 100000 cycles of different lengths");
    }
    if (law.whole && length.hi < 1.0) check::fail("growth", "enough to leave each cycle a step", law.growth);
    if (length.hi < 0x1p-53) check::fail("growth", "enough to leave each cycle 2**-53 steps", law.growth);
    cycles.amplitudes.push_back(amplitude.at(static_cast<double>(cycles.begins.size())));
    cycles.begins.push_back(begin.hi);
    cycles.lengths.push_back(length.hi);
    begin = begin + length;
    length = law.whole ? Pair{std::floor(length.hi * law.growth)} : length * law.growth;
  }
  cycles.end = begin.hi;
  return cycles;
}

class RepeatNode final : public Node {
 public:
  RepeatNode(const Curve& curve, const Repeat& law)
      : Node(curve), curve_(curve), law_(law), length_(curve.steps()), amplitude_(law) {
    if (law.growth == 1.0) return;
    cycles_ = list_cycles(length_, law, amplitude_);
    add_size(cycles_.begins.size());
    const auto [shortest, longest] = std::minmax_element(cycles_.lengths.begin(), cycles_.lengths.end());
    add_stretch(*shortest / length_, *longest / length_);
  }

  void evaluate(const Times& times, Stretch stretch, double* values, Scratch& scratch) const override {
    const bool alike = cycles_.begins.empty() && !amplitude_.varies();
    if (alike && (!times.sorted || length_ * stretch < min_cycle)) {
      evaluate_alike(times, stretch, values, scratch);
      return;
    }
    const Scratch::Lease local(scratch);
    for (int i = 0; i < times.count;) {
      const double cycle = cycle_at(times.at(i), stretch);
      const int end = run_end(times, i, [&](double time) { return cycle_at(time, stretch) == cycle; });
      evaluate_cycle(cycle, times.part(i, end), stretch, values + i, local, scratch);
      i = end;
    }
  }

  double steps() const override {
    if (law_.times == endless) return endless;
    return cycles_.begins.empty() ? law_.times * length_ : cycles_.end;
  }

  NodePtr extrapolated() const override {
    Repeat law = law_;
    law.times = endless;
    return repeat(curve_, law).node();
  }

  Expression describe() const override {
    return {"repeat",
            {{"times", law_.times},
             {"growth", law_.growth},
             {"decay", law_.decay},
             {"harmonic", law_.harmonic},
             {"whole", law_.whole ? 1.0 : 0.0},
             {"owner", law_.owner == Owner::later ? "later" : "earlier"}},
            {curve_}};
  }

 private:
  static Times inside_cycle(const Times& times, double cycle, double length, double* buffer) {
    const Pair begin = exact_product<false>(cycle, length);
    if (begin.lo == 0.0) return later(times, begin.hi, buffer);
    for (int i = 0; i < times.count; ++i) buffer[i] = beyond(times.at(i), cycle, length);
    return Times::listed(buffer, times.count, times.sorted);
  }

  double cycle_at(double time, Stretch stretch) const {
    const bool later = law_.owner == Owner::later;
    if (!cycles_.begins.empty()) {
      const auto& begins = cycles_.begins;
      const auto next = std::partition_point(begins.begin() + 1, begins.end(), [&](double begin) {
        return later ? time >= begin * stretch : time > begin * stretch;
      });
      return static_cast<double>(next - begins.begin() - 1);
    }
    const double length = length_ * stretch;
    double cycle = whole_multiples(time, length);
    if (!later && beyond(time, cycle, length) == 0.0) cycle -= 1.0;
    return std::clamp(cycle, 0.0, law_.times - 1.0);
  }

  void evaluate_alike(const Times& times, Stretch stretch, double* values, Scratch& scratch) const {
    const Scratch::Lease local(scratch);
    for (int i = 0; i < times.count; ++i) {
      local[i] = beyond(times.at(i), cycle_at(times.at(i), stretch), length_ * stretch);
    }
    const bool sorted = std::is_sorted(&local[0], &local[times.count]);
    curve_.node()->evaluate(Times::listed(local, times.count, sorted), stretch, values, scratch);
  }

  void evaluate_cycle(double cycle, const Times& times, Stretch stretch, double* values, double* local,
                      Scratch& scratch) const {
    Stretch own_stretch = stretch;
    const bool listed = !cycles_.begins.empty();
    const auto index = static_cast<std::size_t>(listed ? cycle : 0.0);
    if (listed) own_stretch = stretch.from_to(length_, cycles_.lengths[index]);
    const Times inside = listed ? later(times, cycles_.begins[index] * stretch, local)
                                : inside_cycle(times, cycle, length_ * stretch, local);
    curve_.node()->evaluate(inside, own_stretch, values, scratch);
    if (!amplitude_.varies()) return;
    const double factor = listed ? cycles_.amplitudes[index] : amplitude_.at(cycle);
    // A zero stays one, whatever the factor has grown to.
    for (int i = 0; i < times.count; ++i) values[i] = values[i] == 0.0 ? values[i] : values[i] * factor;
  }

  Curve curve_;
  Repeat law_;
  double length_;
  Amplitude amplitude_;
  Cycles cycles_;  // empty where all are alike
};

}  // namespace

Curve repeat(const Curve& curve, const Repeat& law) {
  const double steps = curve.steps();
  if (steps == endless) check::fail("steps of a repeated curve", "finite", steps);
  if (!(law.times >= 1.0) || law.times != std::floor(law.times)) {
    check::fail("times", "a whole number >= 1 or inf", law.times);
  }
  if (law.whole && steps != std::floor(steps)) {
    check::fail("steps of a curve repeated in whole steps", "a whole number", steps);
  }
  check::positive("growth", law.growth);
  check::between("growth", law.growth, 0.0, max_steps);
  check::positive("decay", law.decay);
  check::between("decay", law.decay, 0x1p-500, 0x1p500);  // where products are exact
  check::between("harmonic", law.harmonic, -1e6, 1e6);
  if (law.times == endless && law.growth < 1.0) {
    check::fail("growth", ">= 1 for endless repeats", law.growth);
  }
  const auto node = std::make_shared<RepeatNode>(curve, law);
  check::steps_or_endless("total steps", node->steps());
  return Curve{node};
}

}  // namespace stepcurve

// Memory that is not to be had: of an operation the first allocation fails, then the second, and so on until
// it needs no more. Every time it throws std::bad_alloc and has changed nothing, or it is done whole; built
// with the address sanitizer, that nothing is lost either.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "check.hpp"
#include "curves.hpp"
#include "stepcurve/descent.hpp"
#include "stepcurve/early_stop.hpp"
#include "stepcurve/plateau.hpp"
#include "stepcurve/sweep.hpp"
#include "trackers.hpp"

namespace {

std::atomic<long> left_until_one_fails{-1};

void count_down() {
  if (left_until_one_fails.load() >= 0 && left_until_one_fails.fetch_sub(1) == 0) throw std::bad_alloc();
}

void* given(void* memory) {
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  count_down();
  return given(std::malloc(size ? size : 1));
}
void* operator new(std::size_t size, std::align_val_t line) {
  count_down();
  const auto alignment = static_cast<std::size_t>(line);
  return given(std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

using namespace stepcurve;

// attempt() is the operation, from a state of its own; unchanged(state) holds where it threw.
template <class Begin, class Attempt, class Unchanged>
void fail_everywhere(Begin begin, Attempt attempt, Unchanged unchanged) {
  long failed = 0;
  for (bool done = false; !done; ++failed) {
    auto state = begin();
    left_until_one_fails = failed;
    try {
      attempt(state);
      done = left_until_one_fails.exchange(-1) >= 0;  // else one failed, and it managed without
    } catch (const std::bad_alloc&) {
      left_until_one_fails = -1;
      CHECK(unchanged(state));
    }
    if (failed > 20'000) std::abort();
  }
  CHECK(failed > 1);
}

template <class Attempt>
void fail_everywhere(Attempt attempt) {
  fail_everywhere([] { return 0; }, [&](int) { attempt(); }, [](int) { return true; });
}

void check_curves() {
  const std::vector<Curve> kinds = every_kind();
  const Curve line = kinds[1], wave = kinds[8];
  const double before = sum({line, wave}).at(100.0);
  fail_everywhere([] { every_kind(); });
  fail_everywhere([&] { CHECK(sum({line, wave}).at(100.0) == before); });
  fail_everywhere(
      [&] { CHECK(!join({line, wave}, {10.0}, Owner::later, Clock::local).describe().name.empty()); });
  CHECK(sum({line, wave}).at(100.0) == before);
}

void check_tables() {
  constexpr std::int64_t count = 400'000;
  const Curve curve = every_kind()[24];
  const Sweep sweep({curve, every_kind()[8]});
  std::vector<double> wanted(count), many(2 * count);
  fill(curve, {.count = count}, 1, wanted.data());
  sweep.fill({.count = count}, 0, 2 * count, 1, many.data());
  fail_everywhere([&] {
    std::vector<double> values(count);
    check_grid(curve, {.count = count});
    fill(curve, {.count = count}, 3, values.data());
    CHECK(values == wanted);
  });
  fail_everywhere([&] {
    const Sweep own(sweep.members());
    std::vector<double> values(2 * count);
    own.check_grid({.count = count});
    own.fill({.count = count}, 0, 2 * count, 3, values.data());
    CHECK(values == many);
  });
}

template <class Tracker, class Answer, class Options>
void check_tracker(const Options& options, std::int64_t runs, std::int64_t rows) {
  const std::vector<double> metrics = noisy_metrics(runs * rows);
  const auto answers = std::make_unique<Answer[]>(metrics.size()),
             wanted = std::make_unique<Answer[]>(metrics.size());
  const Tracker fresh(options, runs);
  Tracker once = fresh;
  once.replay(metrics.data(), false, rows, 1, wanted.get());
  const auto same = [](const Tracker& one, const Tracker& other) {
    return one.best == other.best && one.bad_steps == other.bad_steps && one.steps == other.steps;
  };
  fail_everywhere([&] { Tracker(options, runs); });
  fail_everywhere(
      [&] { return fresh; },
      [&](Tracker& tracker) {
        tracker.replay(metrics.data(), false, rows, 3, answers.get());
        CHECK(same(tracker, once) && std::equal(answers.get(), answers.get() + metrics.size(), wanted.get()));
      },
      [&](const Tracker& tracker) { return same(tracker, fresh); });
}

void check_descents() {
  constexpr std::int64_t seeds = 9, steps = 40;
  const std::vector<double> noise = noisy_metrics(2 * seeds * steps), lrs(steps, 0.02);
  fail_everywhere([&] {
    Descent descent(Surface::bowl, 1.5, -0.5, seeds, steps, 0.9, 0.5);
    std::vector<double> positions(2 * seeds), losses(seeds);
    descent.advance(lrs.data(), false, noise.data(), steps, &steps, 1, positions.data(), losses.data());
    CHECK(descent.verdicts(1.0).size() == seeds);
  });
}

}  // namespace

int main() {
  check_curves();
  check_tables();
  plateau::Options averaging = plateau_options();
  averaging.window = {3};
  check_tracker<Plateau, double>(plateau_options(), 40'000, 10);
  check_tracker<Plateau, double>(averaging, 40'000, 10);
  check_tracker<EarlyStop, bool>(early_stop_options(), 40'000, 10);
  check_descents();
  return failures;
}

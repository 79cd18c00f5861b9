// One range of work among several threads.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <future>
#include <thread>
#include <vector>

namespace stepcurve {

// How many threads a range of `count` is worth: at most `most` (0 for as many as there are processors), and
// no more than give each `per_thread`.
inline std::int64_t useful_threads(std::int64_t count, std::int64_t per_thread, int most) {
  const std::int64_t available = most > 0 ? most : std::max(1u, std::thread::hardware_concurrency());
  const std::int64_t useful = (count + per_thread - 1) / per_thread;
  return std::clamp<std::int64_t>(std::min(available, useful), 1, 256);
}

// Calls work(begin, end) for `threads` parts of [0, count), each on a thread of its own if there is one.
// Throws what a part throws, when all have ended; work that throws nothing is done whole or, for want of
// memory, not begun.
template <class Work>
void in_parallel(std::int64_t count, std::int64_t threads, Work work) {
  std::vector<std::future<void>> others;  // each waits for its thread when it goes
  others.reserve(static_cast<std::size_t>(threads - 1));
  for (std::int64_t i = 1; i < threads; ++i) {
    const auto part = [&work, count, threads, i] { work(count * i / threads, count * (i + 1) / threads); };
    try {
      others.push_back(std::async(std::launch::async, part));
    } catch (const std::exception&) {  // no more threads to be had, or no memory for one
      part();
    }
  }
  work(0, count / threads);
  for (auto& other : others) other.get();
}

}  // namespace stepcurve

// A curve of every kind, for tests that go through all of them.
#pragma once

#include <vector>

#include "stepcurve/curve.hpp"

namespace stepcurve {

inline std::vector<Curve> every_kind() {
  const Curve line = make(Linear{.start = 0.0, .end = 1.0, .steps = 700.0});
  const Curve wave = make(Cosine{.start = 1.0, .end = 0.1, .steps = 2000.0});
  return {
      make(Constant{.value = 0.1}),
      line,
      make(Linear{.start = 1.0, .end = -1.0, .steps = 3000.5}),
      make(Polynomial{.start = 1.0, .end = 0.0, .steps = 3000.0, .power = 2.0}),
      make(Polynomial{.start = 1.0, .end = 0.0, .steps = 3000.0, .power = 2.5}),
      make(Polynomial{.start = 0.0, .end = 1.0, .steps = 3000.0, .power = 0.9}),
      make(Polynomial{.start = 1.0, .end = 0.5, .steps = 3000.0, .inner_power = 0.5}),
      make(Polynomial{.start = 1.0, .end = 0.5, .steps = 3000.0, .power = 1.1, .inner_power = 1.3}),
      wave,
      make(Cosine{.start = 0.1, .end = 1.0, .steps = 2000.0}),
      make(Cosine{
          .start = 1.0, .end = -0.1, .steps = 2000.0, .cycles = 1.5, .power = 1.2, .inner_power = 0.7}),
      make(Exponential{.start = 1.0, .end = 1e-5, .steps = 2500.0}),
      make(Exponential{.start = 1e-300, .end = 1e300, .steps = 100.0}),
      make(Decay{.start = 1.0, .rate = 0.1, .every = 30.0}),
      make(Inverse{.start = 1.0, .timescale = 100.0, .power = 0.5}),
      make(Inverse{.start = 1.0, .timescale = 100.0, .power = 0.7}),
      make(Tanh{.start = 1.0, .end = 0.0, .steps = 3000.0}),
      make(Log{.start = 0.0, .end = 1.0, .steps = 3000.0}),
      make(Piecewise{.begins = {0.0, 30.0, 600.0}, .values = {1.0, 0.1, 0.01}}),
      sequence({line, wave}),
      join({line, wave, line}, {500.0, 1000.5}, Owner::earlier, Clock::global),
      product({line, wave, make(Constant{.value = 2.0})}),
      sum({wave, line}),
      repeat(line, {}),
      repeat(line, {.times = 5.0, .growth = 1.5, .decay = 0.5}),
      repeat(line, {.growth = 2.0, .harmonic = 1.0, .whole = true, .owner = Owner::earlier}),
      repeat(make(Linear{.start = 1.0, .end = 0.0, .steps = 3.0}), {.owner = Owner::earlier}),
      clip(wave, 0.2, 0.9),
      stairs(wave, 7.0),
      shift(wave, 100.5),
      shift(wave, -100.0),
      stretch(sequence({line, wave}), 1.3),
      hold(line, 100.0),
      past_end(line, PastEnd::extrapolate),
      past_end(wave, PastEnd::extrapolate),
      past_end(line, PastEnd::repeat),
      past_end(line, 0.3),
  };
}

}  // namespace stepcurve

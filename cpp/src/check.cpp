#include "check.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>

#include "stepcurve/curve.hpp"

namespace stepcurve::check {

std::string text(double value) {
  char buffer[32];
  const bool integer = value == std::floor(value) && std::abs(value) < 1e16;
  const auto end = integer ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<std::int64_t>(value))
                           : std::to_chars(buffer, buffer + sizeof buffer, value);
  return {buffer, end.ptr};
}

void fail(std::string_view name, std::string_view rule, double got) {
  throw std::invalid_argument(std::string(name) + " must be " + std::string(rule) + ", got " + text(got));
}

double finite(std::string_view name, double value) {
  if (!std::isfinite(value)) fail(name, "finite", value);
  return value;
}

double positive(std::string_view name, double value) {
  if (!(value > 0.0)) fail(name, "> 0", value);
  return finite(name, value);
}

double between(std::string_view name, double value, double low, double high) {
  if (!(value >= low && value <= high)) fail(name, "from " + text(low) + " to " + text(high), value);
  return value;
}

double time(std::string_view name, double value) {
  finite(name, value);
  if (value > max_steps) fail(name, "<= 2**53", value);
  if (value < -max_steps) fail(name, ">= -2**53", value);
  return value;
}

double steps(std::string_view name, double value) {
  positive(name, value);
  if (value > max_steps) fail(name, "<= 2**53", value);
  // Its reciprocal and the squares of its fractions stay far inside the range.
  if (value < 0x1p-53) fail(name, ">= 2**-53", value);
  return value;
}

double exponent(std::string_view name, double value) {
  positive(name, value);
  return between(name, value, 0x1p-53, max_steps);  // where products with a logarithm are exact
}

double steps_or_endless(std::string_view name, double value) {
  return value == endless ? value : steps(name, value);
}

void boundaries(const std::vector<double>& boundaries) {
  double before = 0.0;
  for (const double boundary : boundaries) {
    steps("boundaries", boundary);
    if (boundary <= before) fail("boundaries", "increasing", boundary);
    before = boundary;
  }
}

}  // namespace stepcurve::check

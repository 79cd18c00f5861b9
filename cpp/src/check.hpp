// Every rule about values, and its message: `steps must be > 0, got -3`. Each throws
// std::invalid_argument and returns what it was given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stepcurve::check {

// As Python writes a number: 100, 0.001, 3e-05, inf.
std::string text(double value);

[[noreturn]] void fail(std::string_view name, std::string_view rule, double got);

double finite(std::string_view name, double value);
double positive(std::string_view name, double value);
double between(std::string_view name, double value, double low, double high);

// A finite time, which may be negative: no magnitude above 2^53.
double time(std::string_view name, double value);

// A length or spacing in steps: above 0, from 2^-53 to 2^53.
double steps(std::string_view name, double value);

// The power of a formula: above 0, from 2^-53 to 2^53.
double exponent(std::string_view name, double value);

double steps_or_endless(std::string_view name, double value);

// 0 < begins of the pieces after the first, each above the one before.
void boundaries(const std::vector<double>& boundaries);

}  // namespace stepcurve::check

// Zero-dimensional CPU tensors of float32 and float64 as numbers: read, written in place, computed with as
// torch does.
#pragma once

#include <optional>
#include <vector>

#include "bind.hpp"
#include "stepcurve/recurrence.hpp"

namespace stepcurve {

// A number with the type that torch would give it: a Python scalar takes the type of the tensor it meets.
struct Number {
  enum class Type : unsigned char { scalar, float32, float64 };
  double value;
  Type type;

  explicit Number(double number, Type of = Type::scalar) : value(number), type(of) {}
  friend Number operator+(const Number& x, const Number& y) {
    return both(x, y, [](auto a, auto b) { return a + b; });
  }
  friend Number operator-(const Number& x, const Number& y) {
    return both(x, y, [](auto a, auto b) { return a - b; });
  }
  friend Number operator*(const Number& x, const Number& y) {
    return both(x, y, [](auto a, auto b) { return a * b; });
  }
  friend Number operator/(const Number& x, const Number& y) {
    return both(x, y, [](auto a, auto b) { return a / b; });
  }

  // ReduceLROnPlateau takes tensors as Python floats.
  friend Number reduce(const Number& x, const Number& y, double a, double b) {
    return Number(recurrence::reduce(x.value, y.value, a, b));
  }

 private:
  template <class Operation>
  static Number both(const Number& x, const Number& y, Operation operation) {
    const Type type = x.type < y.type ? y.type : x.type;
    if (type != Type::float32) return Number(operation(x.value, y.value), type);
    return Number(operation(static_cast<float>(x.value), static_cast<float>(y.value)), type);
  }
};

// The memory of a tensor's one element.
struct Element {
  void* data;
  Number::Type type;
  Number read() const;
  void write(double value) const;
};

// Looks up what is needed of the torch module. Before this is called, nothing is a tensor.
void bind_tensor(py::handle torch);

// torch.Tensor itself or a subclass of it.
bool is_tensor(PyObject* value);

// Nothing for any other tensor, and for one that autograd follows.
std::optional<Element> element(PyObject* tensor);

// Whether a mode of torch is on that could see, or change, what torch's own code does to tensors.
bool any_mode();

// The values of these tensors were written to their memory; autograd must know.
bool tell_autograd(PyObject* tensors);

// A list of fresh tensors with these values; null where torch makes none just now. Where nobody else can see
// the tensors of the old list, they take the values and the old list is returned.
py::object copies(PyObject* old, Number::Type type, const std::vector<double>& values);

}  // namespace stepcurve

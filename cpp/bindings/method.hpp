// A function of C that Python takes for one of its own: bound to an instance it is an ordinary method, which
// can be copied with its instance, referred to weakly and inspected.
#pragma once

#include "bind.hpp"

namespace stepcurve {

// self first; null for no self.
py::object make_method(vectorcallfunc function);

// Whether an object is such a method, made of this function.
bool is_method(PyObject* object, vectorcallfunc function);

}  // namespace stepcurve

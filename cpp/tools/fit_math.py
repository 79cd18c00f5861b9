"""Makes cpp/src/math/coefficients.hpp: every constant of the core's own mathematics, from mpmath.

python cpp/tools/fit_math.py          writes the header
python cpp/tools/fit_math.py --check  fails if the committed header is not what this script writes
"""

import sys
from pathlib import Path

from mpmath import chebyfit, expm1, factorial, log, mp, mpf, pi, sin, sqrt

mp.dps = 60
HEADER = Path(__file__).parents[1] / "src" / "math" / "coefficients.hpp"


def nearest(value) -> float:
    return float(mpf(value))


def pair(value) -> str:
    high = nearest(value)
    return f"{{{high.hex()}, {nearest(value - high).hex()}}}"


def array(name: str, values: list[str], *, pairs: bool = False) -> str:
    shape = f"[{len(values)}][2]" if pairs else f"[{len(values)}]"
    return f"inline constexpr double {name}{shape} = {{\n    " + ",\n    ".join(values) + "};"


def series(name: str, comment: str, coefficients: list, heads: int) -> list[str]:
    return [
        f"// {comment}",
        array(f"{name}_head", [pair(c) for c in coefficients[:heads]], pairs=True),
        array(f"{name}_tail", [nearest(c).hex() for c in coefficients[heads:]]),
        "",
    ]


def fit(name: str, comment: str, function, interval, degree: int) -> list[str]:
    """A near-minimax polynomial (Chebyshev interpolation), coefficients rounded to double."""
    coefficients, error = chebyfit(function, interval, degree + 1, error=True)
    values = [nearest(c).hex() for c in reversed(coefficients)]
    return [f"// {comment}; absolute error {nearest(error):.1e}.", array(name, values), ""]


def near_zero(function, limit, x):
    """chebyfit may ask for the removable singularity itself."""
    return limit if x == 0 else function(x)


def main() -> int:
    ln2 = log(2)
    ln2_top = mpf(int(ln2 * 2**33)) / 2**33
    log_series = [mpf(1) / (2 * j + 1) for j in range(20)]
    exp_series = [1 / factorial(n) for n in range(1, 15)]
    sin2_series = [(-1) ** (j + 1) * mpf(2) ** (2 * j - 1) / factorial(2 * j) for j in range(1, 18)]
    lines = [
        "// Made by cpp/tools/fit_math.py; change that, not this. Series are least power first.",
        "// clang-format off",
        "#pragma once",
        "",
        "namespace stepcurve::coefficients {",
        "",
        "// ln 2 as 33 bits, whose products with an exponent are exact, and the rest as two doubles.",
        f"inline constexpr double ln2_top = {nearest(ln2_top).hex()};",
        f"inline constexpr double ln2_rest[2] = {pair(ln2 - ln2_top)};",
        f"inline constexpr double log2_e[2] = {pair(1 / ln2)};",
        f"inline constexpr double pi[2] = {pair(pi)};",
        f"inline constexpr double half_pi[2] = {pair(pi / 2)};",
        "",
        *series("log", "atanh(s) / s in s^2, s^2 <= 0.0295", log_series, 10),
        *series("exp", "(exp(x) - 1) / x, |x| <= 0.0434", exp_series, 7),
        *series("sine_squared", "sin(x)^2 / x^2 in x^2, x <= pi / 4", sin2_series, 10),
        *fit(
            "sine_squared_fast",
            "(sin(x)^2 - x^2) / x^4 in z = x^2, z <= (pi / 4)^2",
            lambda z: near_zero(lambda z: (sin(sqrt(z)) ** 2 - z) / z**2, mpf(-1) / 3, z),
            [0, (pi / 4) ** 2],
            7,
        ),
        *fit(
            "sine_double_fast",
            "(sin(2 x) - 2 x) / x^3 in z = x^2, z <= (pi / 4)^2",
            lambda z: near_zero(lambda z: (sin(2 * sqrt(z)) - 2 * sqrt(z)) / sqrt(z) ** 3, mpf(-4) / 3, z),
            [0, (pi / 4) ** 2],
            7,
        ),
        *fit(
            "exp2_fast",
            "(2^x - 1) / x, |x| <= 1/2",
            lambda x: near_zero(lambda x: expm1(x * ln2) / x, ln2, x),
            [-0.5, 0.5],
            11,
        ),
        "}  // namespace stepcurve::coefficients",
        "",
    ]
    text = "\n".join(lines)
    if "--check" in sys.argv[1:]:
        if HEADER.read_text() != text:
            print(f"{HEADER.name} is not what {Path(__file__).name} makes", file=sys.stderr)
            return 1
        return 0
    HEADER.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

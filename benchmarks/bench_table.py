"""How long does a table take, beside writing a constant to the same memory and NumPy's expression?

python benchmarks/bench_table.py [--quick]
"""

import sys

import numpy as np
import stepcurve as sc
from timing import least, machine

QUICK = "--quick" in sys.argv[1:]
SIZE = 100_000 if QUICK else 10_000_000
ROUNDS = 2 if QUICK else 15

CURVES = {
    "linear": sc.linear(3e-4, 3e-5, SIZE),
    "cosine": sc.cosine(3e-4, 3e-5, SIZE),
    "polynomial, power 2": sc.polynomial(3e-4, 3e-5, SIZE, power=2),
    "polynomial, power 3": sc.polynomial(3e-4, 3e-5, SIZE, power=3),
    "polynomial, power 0.5": sc.polynomial(3e-4, 3e-5, SIZE, power=0.5),
    "polynomial, power 1.5": sc.polynomial(3e-4, 3e-5, SIZE, power=1.5),
    "exponential": sc.exponential(3e-4, 3e-6, SIZE),
    "warm-up, then cosine": sc.linear(0, 3e-4, SIZE // 50) >> sc.cosine(3e-4, 3e-5, SIZE - SIZE // 50),
    "growing restarts": sc.cosine(0.05, 0, 10).repeat(growth=2),
    "rising polynomial, power 2": sc.polynomial(3e-5, 3e-4, SIZE, power=2),
    "polynomial, power 0.9": sc.polynomial(3e-4, 3e-5, SIZE, power=0.9),
    "1 - sqrt cooldown": sc.polynomial(3e-4, 0, SIZE, inner_power=0.5),
    "inverse square root": sc.inverse(3e-4, 4_000, power=0.5),
    "tanh": sc.tanh(3e-4, 3e-5, SIZE),
}


def main() -> None:
    out = np.empty(SIZE)
    steps = np.arange(SIZE, dtype=np.float64)

    def textbook() -> None:
        3e-5 + 0.5 * (3e-4 - 3e-5) * (1 + np.cos(np.pi * steps / SIZE))

    contenders = {"constant": lambda: out.fill(3e-4)}
    for name, curve in CURVES.items():
        for threads in (1, 2):
            contenders[f"{name}/{threads}"] = lambda c=curve, t=threads: c.table(SIZE, out=out, threads=t)
    for name in ("cosine", "exponential"):
        contenders[f"{name}, called with an array/1"] = lambda c=CURVES[name]: c(steps)
    times = least(contenders, ROUNDS) | least({"numpy": textbook}, max(2, ROUNDS // 5))
    floor, numpy = times["constant"], times["numpy"]
    print(f"{SIZE:,} float64 values into a warm buffer, against ndarray.fill of it; least of {ROUNDS} rounds")
    print(f"{machine()}\n")
    print("| curve | ns a value, 1 thread | times the fill, 1 thread | 2 threads |")
    print("|---|---|---|---|")
    print(f"| `ndarray.fill` of a constant | {floor / SIZE:.2f} | 1 | |")
    for name in CURVES:
        one, two = times[f"{name}/1"], times[f"{name}/2"]
        print(f"| {name} | {one / SIZE:.2f} | {one / floor:.2f} | {two / floor:.2f} |")
    for name in ("cosine", "exponential"):
        array = times[f"{name}, called with an array/1"]
        print(f"| {name}, called with an array of all steps | {array / SIZE:.2f} | {array / floor:.2f} | |")
    cosine = times["cosine/1"]
    print(f"| NumPy's cosine expression | {numpy / SIZE:.2f} | {numpy / floor:.0f} | |")
    print(f"\ncosine is {numpy / cosine:.0f} times as fast as NumPy's expression on one thread")


if __name__ == "__main__":
    main()

"""What does the value of one step cost, and does it grow with the step or with the number of pieces?

python benchmarks/bench_call.py [--quick]
"""

import math
import sys

import stepcurve as sc
from timing import least, machine

QUICK = "--quick" in sys.argv[1:]
CALLS = 100 if QUICK else 10_000
ROUNDS = 2 if QUICK else 15

LLAMA = sc.linear(0, 3e-4, 2_000) >> sc.cosine(3e-4, 3e-5, 498_000)
ENDLESS = sc.cosine(1, 0, 1_000).repeat(growth=2, decay=0.9)
JOINS = {
    pieces: sc.join([sc.linear(0, 1, 10)] * pieces, [10 * i for i in range(1, pieces)])
    for pieces in (10, 100, 1_000, 10_000)
}


def python_cosine(step: float) -> float:
    return 3e-5 + 0.5 * (3e-4 - 3e-5) * (1 + math.cos(math.pi * step / 498_000))


def main() -> None:
    rows = {
        "the cosine expression in Python": (python_cosine, 250_000),
        "warm-up, then cosine, step 1 000": (LLAMA, 1_000),
        "warm-up, then cosine, step 499 999": (LLAMA, 499_999),
        "growing, shrinking restarts, step 10": (ENDLESS, 10),
        "growing, shrinking restarts, step 10**15": (ENDLESS, 10**15),
        "polynomial, power 0.9": (sc.polynomial(1, 0, 1_000, power=0.9), 500),
        "tanh": (sc.tanh(1, 0, 1_000), 500),
        **{f"join of {pieces:,} pieces": (curve, 5 * pieces) for pieces, curve in JOINS.items()},
    }

    def loop(call, step) -> None:
        for _ in range(CALLS):
            call(step)

    times = least({name: lambda row=row: loop(*row) for name, row in rows.items()}, ROUNDS)
    print(f"least of {ROUNDS} rounds of {CALLS:,} calls\n{machine()}\n")
    print("| call | ns |\n|---|---|")
    for name, nanoseconds in times.items():
        print(f"| {name} | {nanoseconds / CALLS:.0f} |")


if __name__ == "__main__":
    main()

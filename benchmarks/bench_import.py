"""What does `import stepcurve` add to importing NumPy?

python benchmarks/bench_import.py [--quick]
"""

import subprocess
import sys

ROUNDS = 2 if "--quick" in sys.argv[1:] else 15
PROBE = """
import time, numpy
begin = time.perf_counter_ns()
import stepcurve
print(time.perf_counter_ns() - begin)
"""


def main() -> None:
    runs = [
        subprocess.run([sys.executable, "-c", PROBE], capture_output=True, check=True) for _ in range(ROUNDS)
    ]
    times = sorted(int(run.stdout) / 1e6 for run in runs)
    print(f"import stepcurve after numpy: {times[0]:.1f} ms at least, {times[len(times) // 2]:.1f} ms median")


if __name__ == "__main__":
    main()

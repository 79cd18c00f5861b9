#!/usr/bin/env python
"""Fuzzing of the parser: any text is a curve that is written and read back, or a ValueError.

    python tests/fuzz/fuzz_text.py -max_total_time=60 FOLDER tests/fuzz/corpus/text

needs `pip install -e ".[fuzz]"`; the tests replay the corpus without it. What is new goes into FOLDER. With
the environment's bin on the PATH, this keeps what the corpus lacks:

    tests/fuzz/fuzz_text.py -merge=1 tests/fuzz/corpus/text FOLDER
"""

import sys
from pathlib import Path

if __name__ == "__main__":  # before anything else imports the package
    import atheris

    with atheris.instrument_imports(include=["stepcurve"]):
        import stepcurve.run
        import stepcurve.schedules
        import stepcurve.text

import stepcurve as sc
from same import bits, called, check_text, check_values

PARAMETERS = {"peak": 3e-4, "warmup": 10, "total": 1000, "tiny": 5e-324, "huge": 1.7e308}
RUN = sc.Run(steps=1000, epochs=3, tokens_per_step=1e5, batch_size=32)
TIMES = [0, 1, 2.5, 9, 10, 11, 99.75, 100, 1000, 12345678, -3, 2**53]
LONGEST_ERROR = 1000


def check(data):
    """Raises for an input with which the parser does not do what it promises."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        curve = sc.parse(text, **PARAMETERS)
    except ValueError as error:
        assert "position" in str(error) or len(text) > 2**20
        assert len(str(error)) < LONGEST_ERROR
        return
    again = check_text(curve)
    try:
        curve = curve.resolve(RUN)
    except ValueError as error:
        assert str(error)
        return
    again = again.resolve(RUN)
    assert again.steps == curve.steps
    check_text(curve)
    values = check_values(curve, TIMES)
    assert bits(called(again, TIMES)) == bits(values)


if __name__ == "__main__":
    dictionary = Path(__file__).with_name("text.dict")
    options = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=1024", f"-dict={dictionary}"]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:]], check)
    atheris.Fuzz()

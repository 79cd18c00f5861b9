"""The corpus of the fuzzers and some bytes of chance, through the checks of the fuzzers, without atheris."""

from pathlib import Path

import fuzz_curve
import fuzz_text
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

CORPUS = Path(__file__).parent / "fuzz" / "corpus"
CHECKS = {"text": fuzz_text.check, "curve": fuzz_curve.check}
SEEDS = sorted(path.relative_to(CORPUS).as_posix() for path in CORPUS.glob("*/*"))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_corpus_does_what_is_promised(seed):
    CHECKS[Path(seed).parent.name]((CORPUS / seed).read_bytes())


def test_there_is_a_corpus_of_each_target():
    assert {Path(seed).parent.name for seed in SEEDS} == {*CHECKS}
    assert sum((CORPUS / seed).stat().st_size for seed in SEEDS) < 300_000


@settings(max_examples=1000)
@given(st.binary(max_size=120))
def test_curves_of_any_bytes_do_what_is_promised(data):
    fuzz_curve.check(data)

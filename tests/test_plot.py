import numpy as np
import pytest
import stepcurve as sc
from matplotlib import pyplot
from stepcurve.plot import sample_times

LINE = sc.linear(0, 1, 10)


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    pyplot.close("all")


def test_a_plot_shows_the_curve():
    ax = LINE.plot()
    times, values = ax.lines[0].get_data()
    assert (times[0], times[-1]) == (0, 10)
    assert np.array_equal(values, LINE(times))
    assert ax.lines[0].get_label() == str(LINE)


def test_plots_share_axes_and_take_styles():
    ax = LINE.plot(color="red", label="mine")
    assert sc.constant(0.5).plot(20, ax=ax) is ax
    assert [line.get_label() for line in ax.lines] == ["mine", "constant(0.5)"]


@pytest.mark.parametrize("steps", [1, 7, 90, 4_999, 5_000, 5_001, 10**6, 2**53, 0.5, 17.3])
def test_times_reach_from_0_to_the_end(steps):
    times = sample_times(sc.linear(0, 1, steps))
    assert (times[0], times[-1]) == (0, steps)
    assert 2_500 <= times.size <= 5_001
    assert (np.diff(times) > 0).all()
    if steps == int(steps) and steps <= 5_000:
        assert np.isin(np.arange(steps + 1), times).all()
    if steps > 5_000:
        assert (times == np.round(times)).all()

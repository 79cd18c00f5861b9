"""Hypothesis strategies: parameters as real runs have them and beyond, shapes, and whole curves."""

import stepcurve as sc
from hypothesis import strategies as st

lengths = st.one_of(
    st.integers(7, 100), st.integers(100, 10**6), st.integers(10**6, 3 * 10**9), st.floats(7, 1e6)
)
magnitudes = st.floats(-9, 2).map(lambda x: 10**x)
rates = st.one_of(st.just(0.0), magnitudes)
signed = st.one_of(rates, magnitudes.map(lambda x: -x))
powers = st.one_of(st.sampled_from([0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6]), st.floats(0.1, 8))
cycles = st.one_of(st.sampled_from([0.5, 1, 1.5, 2]), st.floats(0.1, 5))


def falls(values, lengths=lengths):
    """Arguments of each shape from start to end, as (name, arguments)."""
    ends = (values, values, lengths)
    one_sign = (magnitudes, magnitudes, lengths)
    return st.one_of(
        st.tuples(st.just("linear"), st.tuples(*ends)),
        st.tuples(st.just("polynomial"), st.tuples(*ends, powers, st.just(1.0))),
        st.tuples(st.just("polynomial"), st.tuples(*ends, st.just(1.0), powers)),
        st.tuples(st.just("polynomial"), st.tuples(*ends, powers, powers)),
        st.tuples(st.just("cosine"), st.tuples(*ends, st.just(0.5), st.just(1.0), st.just(1.0))),
        st.tuples(st.just("cosine"), st.tuples(*ends, cycles, st.just(1.0), st.just(1.0))),
        st.tuples(st.just("cosine"), st.tuples(*ends, st.just(0.5), powers, powers)),
        st.tuples(st.just("exponential"), st.tuples(*one_sign)),
        st.tuples(st.just("tanh"), st.tuples(*ends, st.floats(-10, 2), st.floats(2.1, 9))),
        st.tuples(st.just("log"), st.tuples(*ends)),
    )


endless = st.one_of(
    st.tuples(st.just("decay"), st.tuples(magnitudes, st.floats(0.1, 1), st.floats(1, 1e4))),
    st.tuples(st.just("inverse"), st.tuples(magnitudes, st.floats(1, 1e5), powers)),
)


def made(shape):
    name, arguments = shape
    return getattr(sc, name)(*arguments)


short = st.one_of(st.integers(1, 40), st.floats(0.5, 40))
finite_curves = st.one_of(falls(signed, short).map(made), st.builds(sc.constant, signed, st.integers(1, 40)))
tables = st.dictionaries(st.integers(1, 100), signed, max_size=4).map(
    lambda later: sc.piecewise(dict(sorted({0: 0.5, **later}.items())))
)


def combined(curves):
    """One combinator over curves of finite length."""
    boundaries = st.lists(st.integers(1, 60), min_size=1, max_size=3, unique=True).map(sorted)
    return st.one_of(
        st.builds(lambda a, b: a >> b, curves, curves),
        st.builds(lambda a, b: a * b, curves, st.one_of(curves, signed)),
        st.builds(lambda a, b: b + a, curves, st.one_of(curves, signed)),
        st.builds(
            lambda curves, bounds, owner, clock: sc.join(curves[: len(bounds) + 1], bounds, owner, clock),
            st.lists(curves, min_size=4, max_size=4),
            boundaries,
            st.sampled_from(["later", "earlier"]),
            st.sampled_from(["local", "global"]),
        ),
        st.builds(
            lambda c, times, growth, decay, owner: c.repeat(times, growth, decay, owner=owner),
            curves,
            st.integers(1, 4),
            st.sampled_from([1, 1.5, 2]),
            st.sampled_from([1, 0.5]),
            st.sampled_from(["later", "earlier"]),
        ),
        st.builds(lambda c, low: c.clip(low, low + 1), curves, signed),
        st.builds(lambda c, every: c.stairs(every), curves, short),
        st.builds(lambda c, steps: c.shift(steps), curves, short),
        st.builds(lambda c, factor: c.stretch(factor), curves, st.sampled_from([0.5, 2, 3, 1.7])),
        st.builds(lambda c, steps: c.hold(steps), curves, short),
        st.builds(lambda c, policy: c.past_end(policy), curves, st.one_of(st.just("hold"), signed)),
    )


trees = st.recursive(finite_curves, combined, max_leaves=6)
endings = st.one_of(
    trees,
    st.builds(lambda c: c.repeat(), trees),
    st.builds(lambda c, e: c >> made(e), trees, endless),
    st.builds(lambda c, e: c * made(e), trees, endless),
    st.builds(lambda c, e: c >> e, trees, tables),
)

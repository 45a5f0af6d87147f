"""The parts of a change: they add up, they can be turned round, and zeros have their limits."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offtake.errors import BadInputError
from offtake.pipeline.lmdi import decompose, logarithmic_mean

positive = st.floats(min_value=1e-3, max_value=1e6)
factors = st.fixed_dictionaries(dict.fromkeys(("x", "y", "z"), positive))


@given(factors, factors)
def test_the_parts_add_up_to_the_change(before: dict[str, float], after: dict[str, float]) -> None:
    result = decompose(before, after)
    size = max(result.before, result.after)
    assert sum(result.parts.values()) == pytest.approx(result.change, rel=1e-9, abs=1e-9 * size)


@given(factors, factors)
def test_going_back_takes_back_what_going_gave(
    before: dict[str, float], after: dict[str, float]
) -> None:
    there, back = decompose(before, after), decompose(after, before)
    for name, part in there.parts.items():
        assert back.parts[name] == pytest.approx(-part, rel=1e-9, abs=1e-9)


@given(factors, positive)
def test_a_factor_that_stays_has_no_part(before: dict[str, float], other: float) -> None:
    result = decompose(before, before | {"x": other})
    assert result.parts["y"] == result.parts["z"] == 0
    assert result.parts["x"] == pytest.approx(result.change, rel=1e-9, abs=1e-9)


def test_a_decomposition_worked_out_by_hand() -> None:
    # From 2 x 3 = 6 to 4 x 3 x 2/3 = 8: L(8, 6) = 2 / ln(8/6) = 6.952118...
    result = decompose({"x": 2.0, "y": 3.0}, {"x": 4.0, "y": 2.0})
    mean = 2 / math.log(8 / 6)
    assert mean == pytest.approx(6.952118, abs=1e-6)
    assert result.parts["x"] == pytest.approx(mean * math.log(2))
    assert result.parts["y"] == pytest.approx(mean * math.log(2 / 3))


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        # A launch: nobody bought, so there was no spend per buyer either.
        ((100.0, 0.0, None), (100.0, 0.2, 5.0), (0.0, 100.0, 0.0)),
        # A delisting.
        ((100.0, 0.2, 5.0), (120.0, 0.0, None), (0.0, -100.0, 0.0)),
        # Two factors leave zero together and share alike.
        ((10.0, 0.0, 0.0), (10.0, 2.0, 3.0), (0.0, 30.0, 30.0)),
        ((10.0, 0.0, None), (20.0, 0.0, None), (0.0, 0.0, 0.0)),
    ],
)
def test_zeros_take_the_limit(
    before: tuple[float | None, ...], after: tuple[float | None, ...], parts: tuple[float, ...]
) -> None:
    names = ("x", "y", "z")
    result = decompose(dict(zip(names, before, strict=True)), dict(zip(names, after, strict=True)))
    assert tuple(result.parts.values()) == pytest.approx(parts)


def test_the_equal_share_at_zero_is_the_limit_of_small_numbers() -> None:
    tiny = 1e-100
    near = decompose({"x": tiny, "y": math.sqrt(tiny)}, {"x": 2.0, "y": 3.0})
    assert near.parts["x"] / near.parts["y"] == pytest.approx(2.0, rel=0.01)
    equal = decompose({"x": tiny, "y": tiny}, {"x": 2.0, "y": 3.0})
    assert equal.parts["x"] == pytest.approx(3.0, rel=0.01)


@given(positive, positive)
def test_the_logarithmic_mean_lies_between_the_two(one: float, other: float) -> None:
    mean = logarithmic_mean(one, other)
    low, high = sorted((one, other))
    assert low * (1 - 1e-12) <= mean <= high * (1 + 1e-12)
    assert mean >= math.sqrt(one * other) * (1 - 1e-9)


@pytest.mark.parametrize(
    ("before", "after"),
    [({"x": 1.0}, {"y": 1.0}), ({}, {}), ({"x": -1.0}, {"x": 1.0}), ({"x": 1.0}, {"x": math.inf})],
)
def test_what_cannot_be_split_is_refused(before: dict[str, float], after: dict[str, float]) -> None:
    with pytest.raises(BadInputError, match="factor"):
        decompose(before, after)

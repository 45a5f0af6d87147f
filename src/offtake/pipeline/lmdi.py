"""What each factor of a product did to its change: logarithmic mean Divisia index, additive form.

For a value that is a product of factors, ``V = x1 * x2 * ...``, the part of factor ``k`` in the
change from ``V0`` to ``VT`` is ``L(VT, V0) * ln(xkT / xk0)`` with the logarithmic mean
``L(a, b) = (a - b) / (ln a - ln b)``. The parts add up to the change with nothing left over, and
going back gives the same parts with the other sign.

References
----------
Ang, B. W. (2005). The LMDI approach to decomposition analysis: a practical guide. Energy Policy
33, 867-871. Zero values: Ang, B. W. and Liu, N. (2007). Energy Policy 35, 238-246.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from offtake.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A change and its parts.

    Parameters
    ----------
    before, after
        The product of the factors in the two periods, in the unit of the value.
    parts
        Factor to its part of ``after - before``, in the same unit; they sum to it.
    """

    before: float
    after: float
    parts: Mapping[str, float]

    @property
    def change(self) -> float:
        """``after - before``."""
        return self.after - self.before


def logarithmic_mean(a: float, b: float) -> float:
    """Return ``(a - b) / (ln a - ln b)``, its limits where the two are equal or one is zero.

    Parameters
    ----------
    a, b
        Numbers that are not negative.

    Examples
    --------
    >>> logarithmic_mean(2.0, 2.0), logarithmic_mean(3.0, 0.0)
    (2.0, 0.0)
    >>> round(logarithmic_mean(math.e, 1.0), 6)
    1.718282
    """
    if a <= 0 or b <= 0:
        return 0.0
    # log1p keeps the last digits where the two are nearly equal, and loses them elsewhere.
    far = (a - b) / b
    gap = math.log1p(far) if abs(far) < 0.5 else math.log(a) - math.log(b)
    return b if gap == 0 else (a - b) / gap


def decompose(
    before: Mapping[str, float | None], after: Mapping[str, float | None]
) -> Decomposition:
    """Split the change of a product among its factors.

    Parameters
    ----------
    before, after
        Factor to value, not negative. None where a factor is not defined because another is
        zero (no price where nothing sold): such a factor gets no part.

    Returns
    -------
    Decomposition
        With the factors in the order of `before`.

    Raises
    ------
    BadInputError
        When the two do not have the same factors, or a factor is negative or not finite.

    Examples
    --------
    >>> result = decompose({"buyers": 10, "spend": 2.0}, {"buyers": 20, "spend": 2.0})
    >>> result.change, dict(result.parts)
    (20.0, {'buyers': 20.0, 'spend': 0.0})
    """
    _check(before, after)
    start, end = _product(before), _product(after)
    parts = _parts_at_zero(before, after) if not (start and end) else _parts(before, after)
    return Decomposition(start, end, parts)


def _check(before: Mapping[str, float | None], after: Mapping[str, float | None]) -> None:
    if set(before) != set(after) or not before:
        raise BadInputError(f"factors: got {list(before)} and {list(after)}; they must be the same")
    for name in before:
        for value in (before[name], after[name]):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise BadInputError(f"factor {name}: got {value}, allowed: a number >= 0")


def _product(factors: Mapping[str, float | None]) -> float:
    if None in factors.values():
        return 0.0
    return float(math.prod(value or 0.0 for value in factors.values()))


def _parts(
    before: Mapping[str, float | None], after: Mapping[str, float | None]
) -> dict[str, float]:
    start, end = _product(before), _product(after)
    mean = logarithmic_mean(end, start)
    parts = {name: mean * math.log(_known(after[name]) / _known(before[name])) for name in before}
    # What rounding leaves over, a few units of the last digit, goes to the largest part.
    largest = max(parts, key=lambda name: abs(parts[name]))
    parts[largest] += (end - start) - math.fsum(parts.values())
    return parts


def _known(value: float | None) -> float:
    assert value  # noqa: S101  # both products are above zero
    return value


def _parts_at_zero(
    before: Mapping[str, float | None], after: Mapping[str, float | None]
) -> dict[str, float]:
    """Give the change in equal parts to the factors that left zero or fell to it."""
    change = _product(after) - _product(before)
    left_zero = [name for name in before if (before[name] == 0) != (after[name] == 0)]
    undefined = [name for name in before if None in (before[name], after[name])]
    moved = left_zero or undefined
    return {name: change / len(moved) if name in moved else 0.0 for name in before}

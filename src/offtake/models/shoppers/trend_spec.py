"""What is asked about trends."""

from __future__ import annotations

from dataclasses import dataclass

from offtake.errors import BadInputError, UnknownNameError

LEVEL = 0.8
"""Level of all intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendSpec:
    """What is asked about trends.

    Parameters
    ----------
    source
        ``sales`` or ``basket_line``; unless given, sales where any are loaded.
    least
        Units (or money) a week from which a name is looked at by itself.
    weeks
        Whole weeks without which nothing is looked for.
    shortest
        Fewest weeks before, in and after a change.
    longest
        Most weeks of a change that does not stay.
    false
        Share of false ones that is allowed among the changes told.
    draws
        Series drawn anew for the intervals of each change.
    simulated
        Series of noise from which it is told what chance finds.
    seed
        Of the random numbers.

    Raises
    ------
    UnknownNameError
        When there is no such source.
    BadInputError
        When a number is out of its range.

    Examples
    --------
    >>> TrendSpec(false=0.05).shortest
    4
    """

    source: str = ""
    least: float = 5.0
    weeks: int = 26
    shortest: int = 4
    longest: int = 26
    false: float = 0.1
    draws: int = 200
    simulated: int = 30_000
    seed: int = 1

    def __post_init__(self) -> None:
        if self.source not in ("", "sales", "basket_line"):
            raise UnknownNameError("source of trends", self.source, ("sales", "basket_line"))
        for name, low, high in (
            ("least", 0.0, 1e12), ("weeks", 12, 10**4), ("shortest", 2, 52), ("longest", 2, 520),
            ("false", 1e-6, 0.5), ("draws", 20, 10**5), ("simulated", 2_000, 10**7),
        ):  # fmt: skip
            got = getattr(self, name)
            if not low <= got <= high:
                raise BadInputError(f"{name}: got {got}, allowed: {low} to {high}")
        if self.weeks < 3 * self.shortest:
            raise BadInputError(
                f"weeks: got {self.weeks}, allowed: at least three times `shortest`, "
                f"{3 * self.shortest}"
            )

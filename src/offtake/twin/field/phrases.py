"""What a language brings to the notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Words of one language.

    Templates may have the slots ``{item}``, ``{brand}``, ``{category}``, ``{aisle}``, ``{day}``,
    ``{until}``, ``{price}`` and ``{cut}``.

    Parameters
    ----------
    topics, answers
        For each topic its templates, and the answers to it.
    openers, closers
        Courtesies.
    days, until
        (7,) the weekdays, Monday first, as they stand after "on" and after "until".
    categories
        What the calibrated categories are called.
    short
        Words and their shorthand.
    half_price, percent_off
        A price cut of half, and of ``{percent}``.
    money
        Writes a price.
    plain
        Whether people leave out diacritics.
    """

    topics: tuple[tuple[str, ...], ...]
    answers: tuple[tuple[str, ...], ...]
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    days: tuple[str, ...]
    until: tuple[str, ...]
    categories: Mapping[str, str]
    short: Mapping[str, str]
    half_price: str
    percent_off: str
    money: Callable[[float], str]
    plain: bool

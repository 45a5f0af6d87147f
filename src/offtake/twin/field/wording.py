"""How a claim becomes the words of a note, as somebody types them between two stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from offtake.twin.assumptions import Assumptions
from offtake.twin.field.phrases import Phrases
from offtake.twin.field.phrases_english import ENGLISH
from offtake.twin.field.phrases_serbian import SERBIAN
from offtake.twin.field.topics import COMPETITOR_PROMOTION, PRAISE_CAMPAIGN
from offtake.twin.field.typing_errors import mistype
from offtake.twin.market.items import SIZES

BOOKS: Mapping[str, Phrases] = MappingProxyType({"en": ENGLISH, "sr": SERBIAN})
LANGUAGES = tuple(BOOKS)
OPENER, CLOSER, LOWER_CASE = 0.25, 0.2, 0.2
"""Shares of notes that open or close with a courtesy, and that begin in lower case."""
AISLES = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One claim.

    Parameters
    ----------
    language, topic, brand, category
        What it is about.
    size
        Index of the pack size where it is about an item, else None.
    number
        Number of the item within its category.
    weekday
        Day on which it was last so, 0 Monday.
    cut, price
        The competitor's price cut, a fraction; the price of the item, money.
    true
        Whether it is.
    """

    language: str
    topic: int
    brand: str
    category: str
    size: int | None
    number: int
    weekday: int
    cut: float
    price: float
    true: bool


def compose(said: Said, random: np.random.Generator, assumed: Assumptions) -> tuple[str, bool]:
    """Return a claim in words, and whether it holds a typing error.

    Examples
    --------
    >>> from offtake.twin.assumptions import ASSUMPTIONS
    >>> said = Said(language="en", topic=0, brand="Alder Coffee", category="COFFEE", size=1,
    ...             number=3, weekday=4, cut=0.0, price=3.99, true=True)
    >>> compose(said, np.random.default_rng(1), ASSUMPTIONS)[0]  # doctest: +SKIP
    'Alder Coffee 200 g was gone again on Friday.'
    """
    book = BOOKS[said.language]
    template = _one(book.topics[said.topic], random)
    text = template.format(**_slots(said, book, random))
    opens, closes, lower, short, slips = random.random(5)
    opener = f"{_one(book.openers, random)} " if opens < OPENER else ""
    closer = f" {_one(book.closers, random)}" if closes < CLOSER else ""
    first = text[0].lower() if lower < LOWER_CASE else text[0].upper()
    text = opener + text if opener else first + text[1:]
    if said.topic != PRAISE_CAMPAIGN:
        text += closer
    if short < assumed.abbreviations:
        text = _shorten(text, book.short)
    if slips < assumed.typos:
        return mistype(text, random, plain=book.plain), True
    return text, False


def answer_text(language: str, topic: int, uniform: float) -> str:
    """Return the words of an answer to a note on a topic; `uniform` picks among them."""
    answers = BOOKS[language].answers[topic]
    return answers[int(uniform * 997 * len(answers)) % len(answers)]


def _one(texts: tuple[str, ...], random: np.random.Generator) -> str:
    return texts[int(random.integers(len(texts)))]


def _slots(said: Said, book: Phrases, random: np.random.Generator) -> dict[str, str]:
    """Return the words for every slot a template may have."""
    category = book.categories.get(said.category, said.category.lower())
    # Drawn whether or not they are needed: a true and a false claim must read alike.
    invented_day, invented_cut = int(random.integers(7)), int(random.integers(5, 11))
    weekday = said.weekday if said.true else invented_day
    cut = said.cut or invented_cut / 20
    return {
        "item": _item(said, category, random),
        "brand": said.brand,
        "category": category,
        "aisle": str(random.integers(1, AISLES + 1)),
        "day": book.days[weekday],
        "until": book.until[weekday],
        "price": book.money(said.price),
        "cut": _depth(said.topic, cut, book, random),
    }


def _item(said: Said, category: str, random: np.random.Generator) -> str:
    """Return the item as a rep would call it: in full, by brand and size, or by kind and size."""
    if said.size is None:
        return said.brand
    size = SIZES[said.size]
    maker = said.brand.split()[0]
    ways = (
        f"{said.brand} {size}",
        f"{said.brand} {size.replace(' ', '')}",
        f"{maker} {category} {size}",
        f"{said.brand} {size} No. {said.number}",
    )
    return _one(ways, random)


def _depth(topic: int, cut: float, book: Phrases, random: np.random.Generator) -> str:
    percent = f"{round(100 * cut)}%"
    if topic == COMPETITOR_PROMOTION and cut >= 0.5 and random.random() < 0.7:
        return book.half_price
    return book.percent_off.format(percent=percent)


def _shorten(text: str, short: Mapping[str, str]) -> str:
    for word, brief in short.items():
        text = text.replace(word, brief)
    return text

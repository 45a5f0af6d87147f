"""Collects what one LIN group says: item numbers, quantities, amount and prices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offtake.data.sources.eancom_slsrpt.codes import (
    GTIN_TYPES,
    LINE_AMOUNT,
    OTHER_TYPES,
    PRICE_KINDS,
    READ_CODES,
    REGULAR_PRICES,
    SALES_CODES,
    SELLING_PRICES,
    SOLD,
    UNITS,
)
from offtake.data.sources.edi_table import Product, Sale, Store
from offtake.data.sources.edi_values import negated, read_number, times

if TYPE_CHECKING:
    from offtake.data.sources.eancom_slsrpt.segments import Segment
    from offtake.data.sources.edi_table import EdiTable

_NOT_A_NUMBER = "not a number; expected digits with an optional decimal mark"


@dataclass(slots=True)
class Quantity:
    """A stated quantity; ``store`` is set where a party after it names one."""

    row: int
    code: str
    text: str
    number: str
    unit: str | None
    store: Store | None = None


@dataclass(slots=True)
class Figures:
    """Quantities, amount and prices of one product in one location.

    ``is_amount_divided`` turns false where the amount is that of several stores together, so
    that no value of a single store is known.
    """

    quantities: list[Quantity] = field(default_factory=list)
    amount: str | None = None
    amount_row: int = 0
    is_amount_divided: bool = True
    prices: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Line:
    """A LIN group that is still open."""

    row: int
    numbers: list[tuple[str, str]] = field(default_factory=list)
    is_part: bool = False

    def product(self) -> Product | None:
        """The product, by a GTIN where there is one; None where no number is one we read."""
        gtin = next((number for kind, number in self.numbers if kind in GTIN_TYPES), None)
        if gtin is not None:
            return Product(gtin, gtin)
        known = dict(reversed(self.numbers))
        other = next((known[kind] for kind in OTHER_TYPES if kind in known), None)
        return None if other is None else Product(other, None)


def read_line(segment: Segment) -> Line:
    """The line that a LIN segment begins; a line with C829 is part of the line before it."""
    line = Line(segment.number, is_part=bool(segment.part(4)))
    if segment.part(3):
        line.numbers.append((segment.part(3, 1), segment.part(3)))
    return line


def read_numbers(segment: Segment, line: Line) -> None:
    """Add the item numbers of a PIA segment; substitutes for the item are passed over."""
    if segment.part(1) not in ("1", "5"):
        return
    for i in range(2, len(segment.elements)):
        if segment.part(i):
            line.numbers.append((segment.part(i, 1), segment.part(i)))


def read_quantity(segment: Segment, figures: Figures, table: EdiTable) -> None:
    """Add the quantity of a QTY segment, or the reason why it cannot be read."""
    code, text, unit = (segment.part(1, i) for i in range(3))
    number = read_number(text)
    if code not in READ_CODES:
        reason = f"quantity code {code} is not read by Offtake; read codes: "
        table.add_fault(segment.number, "QTY 6063", code, reason + ", ".join(READ_CODES))
    elif number is None:
        table.add_fault(segment.number, "QTY 6060", text, _NOT_A_NUMBER)
    elif unit not in UNITS:
        reason = f"measure unit {unit} is not read by Offtake; read units: "
        table.add_fault(segment.number, "QTY 6411", unit, reason + ", ".join(UNITS[1:]))
    else:
        figures.quantities.append(Quantity(segment.number, code, text, number, unit or None))


def read_amount(segment: Segment, figures: Figures, table: EdiTable) -> None:
    """Note the value of the line's sales from a MOA segment."""
    code, text = segment.part(1), segment.part(1, 1)
    number = read_number(text)
    if code != LINE_AMOUNT:
        reason = f"amount code {code} is not read by Offtake; read code: {LINE_AMOUNT}"
        table.add_fault(segment.number, "MOA 5025", code, reason)
    elif number is None:
        table.add_fault(segment.number, "MOA 5004", text, _NOT_A_NUMBER)
    elif figures.amount is not None:
        reason = f"a second amount of the line; kept {figures.amount}"
        table.add_fault(segment.number, "MOA 5004", text, reason)
    else:
        figures.amount, figures.amount_row = number, segment.number


def read_price(segment: Segment, prices: dict[str, str], table: EdiTable) -> None:
    """Note the price of a PRI segment under its qualifier."""
    code, text, _, kind, basis, _ = (segment.part(1, i) for i in range(6))
    number = read_number(text)
    if code not in REGULAR_PRICES:
        reason = f"price code {code} is not read by Offtake; read codes: "
        table.add_fault(segment.number, "PRI 5125", code, reason + ", ".join(REGULAR_PRICES))
    elif number is None:
        table.add_fault(segment.number, "PRI 5118", text, _NOT_A_NUMBER)
    elif kind not in PRICE_KINDS:
        reason = f"price kind {kind} is not read by Offtake; read kinds: none and RTP (retail)"
        table.add_fault(segment.number, "PRI 5387", kind, reason)
    elif basis not in ("", "1"):
        reason = "a price for several units is not read; expected 1 or nothing"
        table.add_fault(segment.number, "PRI 5284", basis, reason)
    else:
        prices[code] = number


def sales_of(figures: Figures) -> list[tuple[Quantity, Sale]]:
    """The sales statements of a line, which share its amount.

    The amount is the value of all of them together, so the first carries it and the others carry
    nought. Without an amount each is valued at the selling price, if there is one.
    """
    stated = [q for q in figures.quantities if q.code in SALES_CODES]
    regular = next((figures.prices[c] for c in REGULAR_PRICES if c in figures.prices), None)
    selling = next((figures.prices[c] for c in SELLING_PRICES if c in figures.prices), None)
    if not figures.is_amount_divided:
        selling = None
    if figures.amount is None:
        return [
            (q, Sale(q.number, None if selling is None else times(q.number, selling), regular))
            for q in stated
        ]
    stated.sort(key=lambda q: q.code != SOLD)
    values = [figures.amount, *("0" for _ in stated[1:])]
    if stated and stated[0].code != SOLD:
        values[0] = negated(figures.amount)
    return [(q, Sale(q.number, v, regular)) for q, v in zip(stated, values, strict=False)]


def stores_of(figures: Figures) -> int:
    """How many different stores the sales of a line are stated for."""
    return len({q.store for q in figures.quantities if q.code in SALES_CODES})

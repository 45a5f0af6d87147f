"""Reads the item of an 852: its numbers, its case size and its prices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from offtake.data.sources.edi_table import Product, Sale
from offtake.data.sources.edi_values import read_number, times
from offtake.data.sources.x12_852.codes import (
    CASE_UNITS,
    GTIN_QUALIFIERS,
    OTHER_QUALIFIERS,
    PRICE_CODES,
    PROMOTION_PRICE,
    SUGGESTED_PRICE,
    UNITS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from offtake.data.sources.edi_table import EdiTable
    from offtake.data.sources.x12_852.segments import Segment

_PRICE_CODES = (*PRICE_CODES, PROMOTION_PRICE)


@dataclass(slots=True)
class Item:
    """What one LIN loop says: the product (None where unreadable), case size and prices."""

    product: Product | None = None
    pack: str | None = None
    prices: dict[str, str] = field(default_factory=dict)


def read_item(segment: Segment, table: EdiTable) -> Item:
    """The item a LIN segment begins; a LIN without a number we read is a fault."""
    numbers = {
        segment.element(i): segment.element(i + 1)
        for i in range(2, len(segment.elements), 2)
        if segment.element(i + 1)
    }
    gtin = _first(numbers, GTIN_QUALIFIERS)
    product_id = gtin or _first(numbers, OTHER_QUALIFIERS)
    if product_id is not None:
        return Item(Product(product_id, gtin))
    allowed = ", ".join((*GTIN_QUALIFIERS, *OTHER_QUALIFIERS))
    reason = f"no product number that Offtake reads; expected one with a qualifier of {allowed}"
    table.add_fault(segment.number, "LIN02", segment.element(2), reason)
    return Item()


def _first(numbers: Mapping[str, str], qualifiers: tuple[str, ...]) -> str | None:
    return next((numbers[q] for q in qualifiers if q in numbers), None)


def read_pack(segment: Segment, item: Item, table: EdiTable) -> None:
    """Note the number of consumer units in a case (PO401)."""
    stated = segment.element(1)
    pack = read_number(stated)
    if pack is not None and float(pack) > 0:
        item.pack = pack
    elif stated:
        reason = "not a case size; expected a number above zero"
        table.add_fault(segment.number, "PO401", stated, reason)


def read_price(segment: Segment, prices: dict[str, str], table: EdiTable) -> None:
    """Note the unit price of a CTP segment under its price identifier."""
    code, stated = segment.element(2), segment.element(3)
    price = read_number(stated)
    several = segment.element(11)
    if code not in _PRICE_CODES:
        reason = f"price {code or '(none)'} is not read by Offtake; read codes: "
        table.add_fault(segment.number, "CTP02", code, reason + ", ".join(_PRICE_CODES))
    elif price is None:
        reason = "not a unit price; expected digits with an optional decimal point"
        table.add_fault(segment.number, "CTP03", stated, reason)
    elif several not in ("", "1"):
        reason = "a price for several units is not read; expected 1 or nothing"
        table.add_fault(segment.number, "CTP11", several, reason)
    else:
        prices[code] = price


def sale_of(units: str, prices: Mapping[str, str]) -> Sale:
    """A sale of ``units``, valued at the selling price where one is stated.

    The selling price is the promotion price, else the retail price; a price that the
    manufacturer merely suggests values nothing.

    Examples
    --------
    >>> sale_of("10", {"RES": "2.50", "PRP": "2"})
    Sale(units='10', value='20', regular_price='2.50')
    """
    regular = next((prices[code] for code in PRICE_CODES if code in prices), None)
    retail = [prices[code] for code in PRICE_CODES if code in prices and code != SUGGESTED_PRICE]
    selling = prices.get(PROMOTION_PRICE, retail[0] if retail else None)
    return Sale(units, None if selling is None else times(units, selling), regular)


def in_units(quantity: str, unit: str, pack: str | None) -> tuple[str, str | None] | None:
    """``quantity`` in consumer units or weight, and its unit; None where it cannot be turned.

    Examples
    --------
    >>> in_units("3", "CA", "12"), in_units("3", "CA", None), in_units("3", "", None)
    (('36', 'EA'), None, ('3', None))
    """
    if not unit or unit in UNITS:
        return quantity, unit or None
    if unit in CASE_UNITS and pack is not None:
        return times(quantity, pack), "EA"
    return None


def unit_reason(unit: str) -> str:
    """Why :func:`in_units` turned ``unit`` down, and what is allowed."""
    if unit in CASE_UNITS:
        return f"unit {unit} is a case of unknown size; expected its size in PO401 before the ZA"
    allowed = ", ".join((*UNITS, *CASE_UNITS))
    return f"unit of measure {unit} is not read by Offtake; read units: {allowed}"

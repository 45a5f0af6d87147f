"""Reads the body of one 852: reporting period, parties, items, activities, store quantities."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from offtake.data.sources.edi_table import Key, Store
from offtake.data.sources.edi_values import Period, period_of, plus, read_date, read_number
from offtake.data.sources.x12_852.codes import (
    END_DATES,
    GLN_QUALIFIER,
    IGNORED,
    READ_CODES,
    REPORTER_PARTIES,
    RETURN_CODE,
    SALES_CODES,
    SINGLE_DATES,
    START_DATES,
    STOCK_CODES,
    STORE_PARTIES,
)
from offtake.data.sources.x12_852.product import (
    Item,
    in_units,
    read_item,
    read_pack,
    read_price,
    sale_of,
    unit_reason,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from offtake.data.sources.edi_table import EdiTable
    from offtake.data.sources.x12_852.segments import Segment

_LAST_PAIR = 22


class _Party(NamedTuple):
    qualifier: str
    code: str


class _Quantity(NamedTuple):
    """A stated quantity: where it stands, its text, its unit and its store."""

    row: int
    element: str
    text: str
    unit: str
    store: Store


@dataclass(slots=True)
class _Activity:
    """A ZA loop that is still open."""

    head: Segment
    start: date | None
    end: date | None
    prices: dict[str, str]
    quantities: list[_Quantity] = field(default_factory=list)
    has_stores: bool = False
    is_dated: bool = True

    def period(self) -> Period | None:
        """The period the quantities cover; None where a date is missing or cannot be read."""
        if not (self.is_dated and self.start and self.end):
            return None
        return period_of(self.start, self.end)


class ProductActivity:
    """Follows the segments between ST and SE and adds their records to the table."""

    def __init__(self, table: EdiTable, sender: str, reference: str) -> None:
        self._table = table
        self._reporter = sender or None
        self._reference = reference or None
        self._start: date | None = None
        self._end: date | None = None
        self._parties: dict[str, _Party] = {}
        self._store_qualifier = ""
        self._item: Item | None = None
        self._items = 0
        self._activity: _Activity | None = None
        self._skipping = False

    def read(self, segment: Segment) -> None:
        """Take the next segment of the transaction set."""
        handle = _HANDLERS.get(segment.tag)
        if handle is not None:
            handle(self, segment)
        elif segment.tag not in IGNORED:
            reason = "segment is not read by Offtake; read segments: " + ", ".join(_HANDLERS)
            self._fault(segment, 0, reason)

    def finish(self) -> None:
        """Close what the end of the transaction set leaves open."""
        self._close_item()

    def _fault(self, segment: Segment, position: int, reason: str) -> None:
        column = f"{segment.tag}{position:02d}" if position else segment.tag
        self._table.add_fault(segment.number, column, segment.element(position), reason)

    def read_period(self, segment: Segment) -> None:
        """XQ: first and last day reported; without a last day the report covers one day."""
        self._start = self._read_day(segment, 2)
        self._end = self._read_day(segment, 3) if segment.element(3) else self._start
        if self._start and self._end and self._end < self._start:
            self._fault(segment, 3, f"the period ends before it starts, {self._start}")
            self._end = None

    def _read_day(self, segment: Segment, position: int) -> date | None:
        day = read_date(segment.element(position))
        if day is None:
            self._fault(segment, position, "not a date; expected CCYYMMDD or YYMMDD")
        return day

    def read_party(self, segment: Segment) -> None:
        """N1: a party of the heading, of which the reporting store and the reporter count."""
        role, party = segment.element(1), _Party(segment.element(3), segment.element(4))
        if self._item is not None:
            self._fault(segment, 1, "a party inside the item loop is not read; expected before LIN")
        elif not party.code and role in STORE_PARTIES:
            self._fault(segment, 4, f"party {role} has no number; expected the store's")
        elif role in STORE_PARTIES and self._parties.get(role, party) != party:
            reason = f"a second {role} party; expected one, or store numbers in SDQ"
            self._fault(segment, 4, reason)
        elif party.code:
            self._parties[role] = party
            known = (self._parties[r].code for r in REPORTER_PARTIES if r in self._parties)
            self._reporter = next(known, self._reporter)

    def read_item(self, segment: Segment) -> None:
        """LIN: the product that the following activities are of."""
        self._close_item()
        self._items += 1
        self._item = read_item(segment, self._table)

    def read_pack(self, segment: Segment) -> None:
        """PO4: the size of a case of the current product."""
        if self._item is None:
            self._fault(segment, 1, "a case size without a product; expected LIN before it")
        else:
            read_pack(segment, self._item, self._table)

    def read_price(self, segment: Segment) -> None:
        """CTP: a price of the current activity, or of the product where no activity is open."""
        if self._item is None:
            self._fault(segment, 3, "a price without a product; expected LIN before it")
        else:
            prices = self._activity.prices if self._activity else self._item.prices
            read_price(segment, prices, self._table)

    def read_activity(self, segment: Segment) -> None:
        """ZA: what the following quantities mean."""
        self._close_activity()
        code = segment.element(1)
        self._skipping = code not in READ_CODES
        if self._skipping:
            reason = f"activity code {code} is not read by Offtake; read codes: "
            self._fault(segment, 1, reason + ", ".join(READ_CODES))
            return
        prices = dict(self._item.prices) if self._item else {}
        self._activity = _Activity(segment, self._start, self._end, prices)
        if segment.element(4) or segment.element(5):
            self._read_dated(segment, 4, self._activity)

    def read_date(self, segment: Segment) -> None:
        """DTM: a date of the open activity; dates of parties and orders are passed over."""
        if self._activity is not None:
            self._read_dated(segment, 1, self._activity)
        elif self._item is not None and not self._skipping:
            self._fault(segment, 1, "a date of the whole item is not read; expected after ZA")

    def _read_dated(self, segment: Segment, position: int, activity: _Activity) -> None:
        """Read a date qualifier and its date into the period of ``activity``."""
        qualifier = segment.element(position)
        day = read_date(segment.element(position + 1))
        activity.is_dated &= day is not None
        if day is None:
            self._fault(segment, position + 1, "not a date; expected CCYYMMDD or YYMMDD")
        elif qualifier in START_DATES:
            activity.start = day
        elif qualifier in END_DATES:
            activity.end = day
        elif qualifier in SINGLE_DATES:
            activity.start = activity.end = day
        else:
            activity.is_dated = False
            allowed = ", ".join((*SINGLE_DATES, *START_DATES, *END_DATES))
            reason = f"date qualifier {qualifier} is not read by Offtake; read: {allowed}"
            self._fault(segment, position, reason)

    def read_stores(self, segment: Segment) -> None:
        """SDQ: up to ten pairs of store and quantity."""
        if self._activity is None:
            if not self._skipping:
                self._fault(segment, 0, "quantities without an activity; expected ZA before SDQ")
            return
        self._activity.has_stores = True
        self._store_qualifier = segment.element(2) or self._store_qualifier
        unit = segment.element(1) or self._activity.head.element(3)
        for i in range(3, min(len(segment.elements), _LAST_PAIR + 1), 2):
            self._read_pair(segment, i, unit, self._activity)
        for i in range(_LAST_PAIR + 2, len(segment.elements)):
            if segment.element(i):
                self._fault(segment, i, "SDQ ends at SDQ23; expected ten pairs at most")

    def _read_pair(self, segment: Segment, i: int, unit: str, activity: _Activity) -> None:
        store_id, text = segment.element(i), segment.element(i + 1)
        if store_id:
            store = Store(store_id, store_id if self._store_qualifier == GLN_QUALIFIER else None)
            place = f"SDQ{i + 1:02d}"
            activity.quantities.append(_Quantity(segment.number, place, text, unit, store))
        elif text:
            self._fault(segment, i, f"quantity {text} has no store; expected a store number")

    def read_totals(self, segment: Segment) -> None:
        """CTT: the number of items stated must be the number of LIN segments."""
        self._close_item()
        stated = segment.element(1)
        if read_number(stated) != str(self._items):
            self._fault(segment, 1, f"counts {stated or 'no'} items; the file has {self._items}")

    def _close_item(self) -> None:
        self._close_activity()
        self._table.close_group()

    def _close_activity(self) -> None:
        activity, self._activity = self._activity, None
        if activity is None:
            return
        stated = activity.head.element(2)
        if activity.has_stores:
            self._check_total(activity, stated)
        elif stated:
            head = activity.head
            quantity = _Quantity(head.number, "ZA02", stated, head.element(3), self._store())
            activity.quantities.append(quantity)
        else:
            self._fault(activity.head, 2, "no quantity; expected one here or in SDQ after it")
        for quantity in activity.quantities:
            self._add(activity, quantity)

    def _check_total(self, activity: _Activity, stated: str) -> None:
        """Compare a total in ZA02 with the quantities of its stores."""
        if not stated:
            return
        total = read_number(stated)
        if total is None:
            self._fault(activity.head, 2, "not a number; expected the sum of the SDQ quantities")
            return
        found = "0"
        for quantity in activity.quantities:
            number = read_number(quantity.text)
            if number is None:
                return
            found = plus(found, number)
        if Decimal(found) != Decimal(total):
            self._fault(activity.head, 2, f"total differs from the SDQ quantities, {found}")

    def _store(self) -> Store:
        role = next((role for role in STORE_PARTIES if role in self._parties), None)
        party = self._parties[role] if role else _Party("", "")
        return Store(party.code, party.code if party.qualifier == GLN_QUALIFIER else None)

    def _add(self, activity: _Activity, stated: _Quantity) -> None:
        """Add the record of one quantity, or the reason why it is none."""
        number = read_number(stated.text)
        pack = self._item.pack if self._item else None
        quantity = in_units(number, stated.unit, pack) if number is not None else None
        if number is None:
            reason = "not a number; expected digits with an optional decimal point"
        elif quantity is None:
            reason = unit_reason(stated.unit)
        else:
            key = self._key(activity, stated.store, quantity[1])
            if isinstance(key, Key):
                self._add_record(activity, stated, key, quantity[0])
                return
            reason = key
        self._table.add_fault(stated.row, stated.element, stated.text, reason)

    def _key(self, activity: _Activity, store: Store, unit: str | None) -> Key | str:
        """The key of a record, or what is missing to form one."""
        if self._item is None:
            return "quantity without a product; expected LIN before it"
        if self._item.product is None:
            return "quantity of a product whose LIN could not be read"
        if not store.store_id:
            allowed = ", ".join(STORE_PARTIES)
            return f"quantity without a store; expected SDQ after ZA, or N1 with one of {allowed}"
        period = activity.period()
        if period is None:
            return "quantity without a period; expected dates in XQ02 and XQ03, start before end"
        return Key(*store, *self._item.product, *period, unit, self._reporter, self._reference)

    def _add_record(self, activity: _Activity, stated: _Quantity, key: Key, number: str) -> None:
        code = activity.head.element(1)
        if code == RETURN_CODE:
            sale = sale_of(number, activity.prices)
            self._table.state_return(stated.row, key, code, sale)
        elif code in SALES_CODES:
            self._table.state_sale(stated.row, key, code, sale_of(number, activity.prices))
        else:
            level = (STOCK_CODES[code], number)
            kept = self._table.state_level(stated.row, key, code, level)
            if kept is not None:
                reason = f"{level[0]} of store {key.store_id} is stated twice; kept {kept}"
                self._table.add_fault(stated.row, stated.element, stated.text, reason)


_HANDLERS: Mapping[str, Callable[[ProductActivity, Segment], None]] = {
    "XQ": ProductActivity.read_period,
    "N1": ProductActivity.read_party,
    "LIN": ProductActivity.read_item,
    "PO4": ProductActivity.read_pack,
    "CTP": ProductActivity.read_price,
    "ZA": ProductActivity.read_activity,
    "DTM": ProductActivity.read_date,
    "SDQ": ProductActivity.read_stores,
    "CTT": ProductActivity.read_totals,
}

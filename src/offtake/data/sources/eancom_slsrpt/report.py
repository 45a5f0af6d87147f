"""Reads the body of one SLSRPT: period, parties, locations, lines and their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.data.sources.eancom_slsrpt.codes import (
    IGNORED,
    REPORTER_PARTIES,
    RETURNED,
    SALE_PLACE,
    SALES_CODES,
    STOCK_CODES,
    STORE_PARTIES,
)
from offtake.data.sources.eancom_slsrpt.line import (
    Figures,
    Line,
    Quantity,
    read_amount,
    read_line,
    read_numbers,
    read_price,
    read_quantity,
    sales_of,
    stores_of,
)
from offtake.data.sources.eancom_slsrpt.period import Dates, read_dates
from offtake.data.sources.edi_table import Key, Sale, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from offtake.data.sources.eancom_slsrpt.segments import Segment
    from offtake.data.sources.edi_table import EdiTable

_GS1 = "9"


class SalesReport:
    """Follows the segments between UNH and UNT and adds their records to the table.

    A report goes by location (LOC, then its LIN groups). One that starts with LIN and names no
    store before goes by item instead: LIN, then its LOC groups.
    """

    def __init__(self, table: EdiTable, sender: str) -> None:
        self._table = table
        self._sender = sender
        self._reference = ""
        self._parties: dict[str, Store] = {}
        self._header_dates = Dates()
        self._dates = Dates()
        self._by_item: bool | None = None
        self._store: Store | None = None
        self._line: Line | None = None
        self._shared = Figures()
        self._figures = Figures()
        self._is_summary = False
        self._lines = 0

    def read(self, segment: Segment) -> None:
        """Take the next segment of the message."""
        if self._is_summary:
            self._read_summary(segment)
            return
        handle = _HANDLERS.get(segment.tag)
        if handle is not None:
            handle(self, segment)
        elif segment.tag not in IGNORED:
            reason = "segment is not read by Offtake; read segments: " + ", ".join(_HANDLERS)
            self._table.add_fault(segment.number, segment.tag, segment.part(1), reason)

    def finish(self) -> None:
        """Close what the end of the message leaves open."""
        self._close_line()
        self._table.close_group()

    def read_reference(self, segment: Segment) -> None:
        """BGM: the number of the report."""
        self._reference = segment.part(2)

    def read_dates(self, segment: Segment) -> None:
        """DTM: a date of the heading, or of the current location."""
        if self._by_item is None:
            read_dates(segment, self._header_dates, self._table)
        elif self._line is None or (self._by_item and self._store is not None):
            read_dates(segment, self._dates, self._table)
        else:
            self._fault(segment, "DTM 2005", "a date of a line is not read; expected after LOC")

    def read_party(self, segment: Segment) -> None:
        """NAD: a party of the heading, or the store of the quantity just before it."""
        role = segment.part(1)
        number = segment.part(2)
        store = Store(number, number if segment.part(2, 2) == _GS1 else None)
        if self._by_item is None:
            if number:
                self._parties.setdefault(role, store)
        elif role in STORE_PARTIES and number and self._figures.quantities:
            self._figures.quantities[-1].store = store
        else:
            allowed = ", ".join(STORE_PARTIES)
            reason = f"a party of a line is not read; expected one of {allowed} after QTY"
            self._fault(segment, "NAD 3035", reason)

    def read_place(self, segment: Segment) -> None:
        """LOC: the place of the sales that follow."""
        self._close_figures()
        if self._by_item is None:
            self._by_item = False
        if not self._by_item:
            self._close_line()
            self._table.close_group()
        self._dates = Dates()
        number = segment.part(2)
        self._store = Store(number, number if segment.part(2, 2) == _GS1 else None)
        if segment.part(1) != SALE_PLACE:
            self._store = Store("", None)
            reason = f"place is not read by Offtake; read qualifier: {SALE_PLACE} (place of sale)"
            self._table.add_fault(segment.number, "LOC 3227", segment.part(1), reason)
        elif not number:
            reason = "no location number; expected the number of the place of sale"
            self._table.add_fault(segment.number, "LOC 3225", "", reason)

    def read_line(self, segment: Segment) -> None:
        """LIN: the product that the following figures are of."""
        if self._by_item is None:
            self._by_item = not any(role in self._parties for role in STORE_PARTIES)
        self._close_line()
        if self._by_item:
            self._table.close_group()
            self._store = None
        self._lines += 1
        self._line = read_line(segment)
        if self._line.is_part:
            reason = "a part of the line before it is not read, to count nothing twice"
            self._fault(segment, "LIN 5495", reason)

    def read_numbers(self, segment: Segment) -> None:
        """PIA: further numbers of the product."""
        if self._line is None:
            self._fault(segment, "PIA 4347", "an item number without a line; expected after LIN")
        else:
            read_numbers(segment, self._line)

    def read_quantity(self, segment: Segment) -> None:
        """QTY: a quantity of the current line."""
        if self._line is None:
            reason = "quantity without a product; expected LIN before it"
            self._table.add_fault(segment.number, "QTY 6060", segment.part(1, 1), reason)
        elif not self._line.is_part:
            read_quantity(segment, self._figures, self._table)

    def read_amount(self, segment: Segment) -> None:
        """MOA: the value of the sales of the current line."""
        if self._line is None:
            reason = "an amount without a product; expected LIN before it"
            self._table.add_fault(segment.number, "MOA 5004", segment.part(1, 1), reason)
        elif not self._line.is_part:
            read_amount(segment, self._figures, self._table)

    def read_price(self, segment: Segment) -> None:
        """PRI: a price of the current line, for all its places where none is open."""
        if self._line is None:
            reason = "a price without a product; expected LIN before it"
            self._table.add_fault(segment.number, "PRI 5118", segment.part(1, 1), reason)
        elif not self._line.is_part:
            is_shared = self._by_item and self._store is None
            figures = self._shared if is_shared else self._figures
            read_price(segment, figures.prices, self._table)

    def begin_summary(self, segment: Segment) -> None:
        """UNS: what follows are totals."""
        self._close_line()
        self._is_summary = True

    def _read_summary(self, segment: Segment) -> None:
        """Check the number of lines (CNT 2); totals in money are passed over."""
        if segment.tag == "CNT" and segment.part(1) == "2":
            stated = segment.part(1, 1)
            if stated.lstrip("0") != str(self._lines).lstrip("0"):
                reason = f"counts {stated or 'no'} lines; the message has {self._lines}"
                self._table.add_fault(segment.number, "CNT 6066", stated, reason)
        elif segment.tag not in ("CNT", "MOA"):
            reason = "segment after UNS is not read by Offtake; read segments: CNT, MOA"
            self._table.add_fault(segment.number, segment.tag, segment.part(1), reason)

    def _fault(self, segment: Segment, column: str, reason: str) -> None:
        self._table.add_fault(segment.number, column, segment.part(1), reason)

    def _close_line(self) -> None:
        self._close_figures()
        self._line = None
        self._shared = Figures()

    def _close_figures(self) -> None:
        figures, self._figures = self._figures, Figures()
        for code, price in self._shared.prices.items():
            figures.prices.setdefault(code, price)
        if self._line is not None:
            self._warn_of_amount(figures)
            for quantity, sale in sales_of(figures):
                self._state(quantity, sale)
            for quantity in figures.quantities:
                if quantity.code not in SALES_CODES:
                    self._state(quantity, None)

    def _warn_of_amount(self, figures: Figures) -> None:
        """An amount needs one store to belong to."""
        stores = stores_of(figures)
        if figures.amount is not None and stores != 1:
            reason = f"an amount of {stores} stores cannot be told apart; expected one store"
            reason = reason if stores else "an amount without a quantity sold; expected QTY 153"
            self._table.add_fault(figures.amount_row, "MOA 5004", figures.amount, reason)
            figures.amount = None
            figures.is_amount_divided = stores == 0

    def _state(self, quantity: Quantity, sale: Sale | None) -> None:
        """State one quantity, or the reason why it belongs to no record."""
        key = self._key(quantity)
        if not isinstance(key, Key):
            self._table.add_fault(quantity.row, "QTY 6060", quantity.text, key)
        elif sale is None:
            level = (STOCK_CODES[quantity.code], quantity.number)
            kept = self._table.state_level(quantity.row, key, quantity.code, level)
            if kept is not None:
                reason = f"{level[0]} of store {key.store_id} is stated twice; kept {kept}"
                self._table.add_fault(quantity.row, "QTY 6060", quantity.text, reason)
        elif quantity.code == RETURNED:
            self._table.state_return(quantity.row, key, quantity.code, sale)
        else:
            self._table.state_sale(quantity.row, key, quantity.code, sale)

    def _key(self, quantity: Quantity) -> Key | str:
        """The key of a record, or what is missing to form one."""
        product = self._line.product() if self._line else None
        if product is None:
            return "quantity of a product without a number that Offtake reads in LIN or PIA"
        store = quantity.store or self._store or self._party(STORE_PARTIES)
        if store is None or not store.store_id:
            return f"quantity without a store; expected LOC+{SALE_PLACE} before it"
        dates = self._dates if self._dates.is_given() else self._header_dates
        period = dates.period()
        if period is None:
            return "quantity without a period; expected DTM 356, or 90 and 91, start before end"
        reporter = self._party(REPORTER_PARTIES)
        sent = (reporter.store_id if reporter else self._sender or None, self._reference or None)
        days = (period.first_day, period.last_day, period.days)
        return Key(*store, *product, *days, quantity.unit, *sent)

    def _party(self, roles: tuple[str, ...]) -> Store | None:
        return next((self._parties[role] for role in roles if role in self._parties), None)


_HANDLERS: Mapping[str, Callable[[SalesReport, Segment], None]] = {
    "BGM": SalesReport.read_reference,
    "DTM": SalesReport.read_dates,
    "NAD": SalesReport.read_party,
    "LOC": SalesReport.read_place,
    "LIN": SalesReport.read_line,
    "PIA": SalesReport.read_numbers,
    "MOA": SalesReport.read_amount,
    "PRI": SalesReport.read_price,
    "QTY": SalesReport.read_quantity,
    "UNS": SalesReport.begin_summary,
}

"""What the two EDI readers return: sales and stock records of stores and products, and faults.

Quantities of one store, product and period stand in several segments. A reader states them one
by one and closes the group (an item, a store) when no more of it can follow; one record per key
comes out. Records are packed into Arrow batches on the way, so that Python objects never exist
for the whole file at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from offtake.data.sources.edi_values import largest, negated, plus
from offtake.data.sources.extract import Extract

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

STOCK_LEVELS = ("on_hand", "on_order", "in_transit", "received", "out_of_stock")
"""Columns of a stock record, in units of ``unit_of_measure``."""

COLUMNS = (
    "contract",
    "activity_code",
    "store_id",
    "store_gln",
    "product_id",
    "gtin",
    "date",
    "last_day",
    "days",
    "unit_of_measure",
    "reporter_id",
    "reference",
    "units",
    "returns",
    "value",
    "regular_price",
    *STOCK_LEVELS,
)
"""String columns of ``Extract.rows`` that follow ``_row``."""

_ROW_NAMES = ("_row", *COLUMNS)
_FAULT_NAMES = ("row", "column", "value", "reason")
_BATCH = 65_536
_NO_SALE = (None,) * 4
_NO_STOCK = (None,) * len(STOCK_LEVELS)

_Record = tuple[int | str | None, ...]


class Product(NamedTuple):
    """The number that names a product, and its GTIN where one was given."""

    product_id: str
    gtin: str | None


class Store(NamedTuple):
    """The number that names a store, and its GLN where it is one."""

    store_id: str
    gln: str | None


class Key(NamedTuple):
    """Which store, product and period a quantity belongs to, and who reported it."""

    store_id: str
    store_gln: str | None
    product_id: str
    gtin: str | None
    date: str
    last_day: str
    days: str
    unit_of_measure: str | None
    reporter_id: str | None
    reference: str | None


class Sale(NamedTuple):
    """One statement of units sold: their value and unit price, where given, as decimal text."""

    units: str
    value: str | None = None
    regular_price: str | None = None


@dataclass(slots=True)
class _Sales:
    """Statements of sales about one key, added up."""

    row: int
    units: str
    value: str | None
    regular_price: str | None
    returns: str | None = None
    codes: dict[str, None] = field(default_factory=dict)

    def add(self, sale: Sale) -> None:
        self.units = plus(self.units, sale.units)
        known = self.value is not None and sale.value is not None
        self.value = plus(self.value or "0", sale.value or "0") if known else None
        prices = [p for p in (self.regular_price, sale.regular_price) if p is not None]
        self.regular_price = largest(prices[0], prices[-1]) if prices else None


@dataclass(slots=True)
class _Stock:
    """Stock levels stated about one key."""

    row: int
    levels: dict[str, str] = field(default_factory=dict)
    codes: dict[str, None] = field(default_factory=dict)


class EdiTable:
    """Collects statements and faults, and packs them into an :class:`Extract`."""

    __slots__ = ("_fault_batches", "_faults", "_row_batches", "_rows", "_sales", "_stock")

    def __init__(self) -> None:
        self._sales: dict[Key, _Sales] = {}
        self._stock: dict[Key, _Stock] = {}
        self._rows: list[_Record] = []
        self._row_batches: list[pa.RecordBatch] = []
        self._faults: list[_Record] = []
        self._fault_batches: list[pa.RecordBatch] = []

    def state_sale(self, row: int, key: Key, code: str, sale: Sale) -> None:
        """Add units sold, stated in segment ``row``, to the sales of ``key``."""
        sales = self._sales.get(key)
        if sales is None:
            sales = self._sales[key] = _Sales(row, *sale)
        else:
            sales.add(sale)
        sales.row = row
        sales.codes[code] = None

    def state_return(self, row: int, key: Key, code: str, sale: Sale) -> None:
        """Take units that shoppers brought back off the sales of ``key``."""
        units = negated(sale.units)
        value = None if sale.value is None else negated(sale.value)
        self.state_sale(row, key, code, Sale(units, value, sale.regular_price))
        sales = self._sales[key]
        sales.returns = plus(sales.returns or "0", units.removeprefix("-"))

    def state_level(self, row: int, key: Key, code: str, level: tuple[str, str]) -> str | None:
        """Note a stock level (column, number); returns the number that already stands there.

        Stock is what was there on the last day of the period, so that is the day of the record.
        """
        key = key._replace(date=key.last_day)
        stock = self._stock.setdefault(key, _Stock(row))
        column, number = level
        if column in stock.levels:
            return stock.levels[column]
        stock.row = row
        stock.levels[column] = number
        stock.codes[code] = None
        return None

    def close_group(self) -> None:
        """Turn what was stated since the last call into records."""
        for key, sales in self._sales.items():
            money = (sales.units, sales.returns, sales.value, sales.regular_price)
            self._rows.append((sales.row, "sales", " ".join(sales.codes), *key, *money, *_NO_STOCK))
        for key, stock in self._stock.items():
            levels = map(stock.levels.get, STOCK_LEVELS)
            self._rows.append((stock.row, "stock", " ".join(stock.codes), *key, *_NO_SALE, *levels))
        self._sales.clear()
        self._stock.clear()
        if len(self._rows) >= _BATCH:
            _pack(self._rows, self._row_batches, _ROW_NAMES)

    def add_fault(self, row: int, column: str, value: str, reason: str) -> None:
        """Add something that could not be read, at segment ``row``."""
        self._faults.append((row, column, value, reason))
        if len(self._faults) >= _BATCH:
            _pack(self._faults, self._fault_batches, _FAULT_NAMES)

    def extract(self) -> Extract:
        """Everything collected so far."""
        self.close_group()
        _pack(self._rows, self._row_batches, _ROW_NAMES)
        _pack(self._faults, self._fault_batches, _FAULT_NAMES)
        return Extract(
            rows=_table(self._row_batches, _ROW_NAMES),
            unreadable=_table(self._fault_batches, _FAULT_NAMES),
        )


def _schema(names: Iterable[str]) -> pa.Schema:
    import pyarrow as pa

    first, *rest = names
    return pa.schema([(first, pa.int64()), *((name, pa.string()) for name in rest)])


def _pack(rows: list[_Record], batches: list[pa.RecordBatch], names: Iterable[str]) -> None:
    """Move ``rows`` into a new Arrow batch."""
    import pyarrow as pa

    if not rows:
        return
    schema = _schema(names)
    columns = [
        pa.array(column, field.type)
        for column, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    # One array of nulls stands for all columns that hold nothing: most of a sales record's.
    nulls = pa.nulls(len(rows), pa.string())
    arrays = [nulls if column.null_count == len(column) else column for column in columns]
    batches.append(pa.record_batch(arrays, schema=schema))
    rows.clear()


def _table(batches: list[pa.RecordBatch], names: Iterable[str]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches(batches, _schema(names))

"""What the tests of intake share: small files, a store with masters, and rows to look at."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from offtake.data.intake import load_file
from offtake.data.ledger import Load, set_aside_rows
from offtake.data.profile import Profile, read_profile
from offtake.data.store import Store

SALES = ("store_id", "product_id", "week", "units", "value")
WEEK = "2024-01-01"
SCHEMAS = "('main', 'history', 'twin', 'twin_history', 'meta')"


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_excel(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def write_parquet(path: Path, columns: Mapping[str, Sequence[object]]) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({name: list(cells) for name, cells in columns.items()}), path)
    return path


def profile_of(folder: Path, toml: str, name: str = "supplier.toml") -> Profile:
    path = folder / name
    path.write_text(toml, encoding="utf-8")
    return read_profile(path)


def sales_of(store: Store, *columns: str) -> list[tuple[object, ...]]:
    wanted = ", ".join(columns or SALES)
    return store.fetch(f"SELECT {wanted} FROM main.sales ORDER BY ALL")


def faults(store: Store, load_id: int | None = None) -> list[tuple[int, str, str | None]]:
    """Row, column and value of each open fault."""
    return [(f.row, f.column, f.value) for f in set_aside_rows(store, load_id=load_id)]


def whole_store(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Everything the store holds, but for when it was loaded."""
    tables = store.fetch(
        "SELECT table_schema, table_name FROM information_schema.tables "
        f"WHERE table_schema IN {SCHEMAS} ORDER BY ALL"
    )
    return {
        f"{schema}.{table}": store.fetch(f"FROM {schema}.{table} ORDER BY ALL")
        for schema, table in tables
    }


def emptied(store: Store) -> Store:
    """The store as it was before the first load: making a new one takes longer."""
    tables = store.fetch(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        f"WHERE table_schema IN {SCHEMAS} "
        "AND table_name NOT IN ('calendar', 'layout')"
    )
    for (table,) in tables:
        store.execute(f"DELETE FROM {table}")
    return store


def demand_balance(load: Load) -> None:
    parts = load.loaded + load.set_aside + load.duplicate + load.combined
    assert parts == load.rows_in, load


def load_masters(store: Store, folder: Path, stores: int = 50, products: int = 20) -> None:
    store_rows = [(f"S{n}",) for n in range(stores)]
    product_rows = [(f"P{n}",) for n in range(products)]
    load_file(store, write_csv(folder / "st.csv", ["store_id"], store_rows), as_contract="store")
    load_file(
        store, write_csv(folder / "pr.csv", ["product_id"], product_rows), as_contract="product"
    )

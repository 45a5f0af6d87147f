"""Exports: the contract tables of one state of a store as Parquet, for engines that read files.

A folder of exports holds one sub-folder per state and the file ``export.json`` that names the
current one. The sub-folder is written under another name and renamed, then ``export.json`` is
replaced: a reader sees the old state or the new one, never half of either.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from offtake.data.contracts.registry import CONTRACTS
from offtake.data.layout import Schema, contracts_of, known_schema
from offtake.data.store import Store
from offtake.errors import BadInputError, UnreadableFileError

MANIFEST = "export.json"
_STATE, _WRITING = "state-", ".writing-"
_LAYOUT = 2
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One state of a store as Parquet files, one per contract.

    Parameters
    ----------
    state
        Name of the sub-folder with the files.
    columns
        Columns of each file, by contract.
    rows
        Number of rows of each file, by contract.
    span
        First and last Monday over sales and basket lines; None where there are none.
    schema
        Which tables of the store these are; files of ``twin`` keep the label columns.
    label
        Which simulation the rows come from; empty for real data.
    basket_span
        As `span`, of basket lines alone.
    """

    state: str
    columns: Mapping[str, tuple[str, ...]]
    rows: Mapping[str, int]
    span: tuple[date, date] | None
    schema: Schema = "main"
    label: str = ""
    basket_span: tuple[date, date] | None = None

    @property
    def filled(self) -> frozenset[str]:
        """Names of the contracts that hold at least one row."""
        return frozenset(name for name, count in self.rows.items() if count)


def export_tables(store: Store, folder: Path | str) -> Export:
    """Write the current tables of a store to Parquet files; an unchanged store is not rewritten.

    Parameters
    ----------
    store
        The store, open for reading or writing.
    folder
        Folder of exports, made when missing. Of the states written before, the latest is kept
        for those who are still reading it, and older ones are removed.

    Returns
    -------
    Export
        What was written, or what was there already.

    Raises
    ------
    BadInputError
        When the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store(":memory:") as store:
    ...     done = export_tables(store, folder)
    ...     done == read_export(folder), sorted(done.filled)
    (True, ['calendar'])
    """
    folder = Path(folder)
    with store.transaction():
        export = _describe(store)
        try:
            _write(store, folder, export)
        except OSError as error:
            raise BadInputError(f"cannot write tables for Spark to {folder}: {error}") from error
    return export


def read_export(folder: Path | str) -> Export:
    """Read which state a folder of exports holds.

    Raises
    ------
    UnreadableFileError
        When the folder holds no export, or one of another version of the contracts.
    """
    try:
        text = (Path(folder) / MANIFEST).read_text(encoding="utf-8")
    except OSError as error:
        raise UnreadableFileError(f"no exported tables in {folder}: {error}") from error
    return parse_export(text, place=str(folder))


def parse_export(text: str, *, place: str) -> Export:
    """Read the text of ``export.json``; `place` is named in errors.

    Raises
    ------
    UnreadableFileError
        When the text is not that of an export, or of another version of the contracts.
    """
    try:
        got = json.loads(text)
        export = Export(
            state=got["state"],
            columns=_frozen({name: tuple(names) for name, names in got["columns"].items()}),
            rows=_frozen(got["rows"]),
            span=_span(got["span"]),
            schema=known_schema(got.get("schema", "main")),
            label=str(got.get("label", "")),
            basket_span=_span(got.get("basket_span", got["span"])),
        )
        layout = got["layout"]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnreadableFileError(f"{place}/{MANIFEST} is not an export: {error}") from error
    if layout != _LAYOUT or export.columns != _columns(export.schema):
        raise UnreadableFileError(
            f"the tables in {place} were exported by another version of Offtake; export them again"
        )
    return export


def demand_schema(export: Export, schema: Schema, *, place: str) -> None:
    """Refuse simulated tables where real ones are asked for, and the other way round.

    Raises
    ------
    BadInputError
        Naming the folder and the option.
    """
    if export.schema != schema:
        kinds = {"main": "real (without --simulated)", "twin": "simulated (--simulated)"}
        raise BadInputError(
            f"the tables in {place} are {kinds[export.schema]}, asked for: {kinds[schema]}"
        )


def _describe(store: Store) -> Export:
    counts = " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM {store.table(name)}" for name in CONTRACTS
    )
    # Every change of a table is a load, so the ledger identifies the state.
    ledger = "concat_ws('|', load_id, contract, file_hash, profile_hash, started, loaded)"
    last, digest = store.fetch(
        f"SELECT coalesce(max(load_id), 0), md5(coalesce(string_agg({ledger}, ';' "
        "ORDER BY load_id), '')) FROM meta.loads WHERE \"schema\" = ?",
        [store.schema],
    )[0]
    tables, kind = store.tables(), "" if store.schema == "main" else f"{store.schema}-"
    return Export(
        state=f"{_STATE}{kind}{last:06d}-{digest[:12]}",
        columns=_columns(store.schema),
        rows=_frozen(dict(store.fetch(counts))),
        span=tables.span,
        schema=store.schema,
        label=tables.label,
        basket_span=tables.basket_span,
    )


def _columns(schema: Schema) -> Mapping[str, tuple[str, ...]]:
    return _frozen({name: one.column_names for name, one in contracts_of(schema).items()})


def _write(store: Store, folder: Path, export: Export) -> None:
    before, written = _current(folder), (folder / export.state).exists()
    if written and before == export.state:
        return
    folder.mkdir(parents=True, exist_ok=True)
    if not written:
        with tempfile.TemporaryDirectory(dir=folder, prefix=_WRITING) as writing:
            _copy(store, Path(writing) / export.state)
            _rename(Path(writing) / export.state, folder / export.state)
    _replace_manifest(folder, export)
    _remove_older(folder, keep={export.state, before})


def _copy(store: Store, folder: Path) -> None:
    folder.mkdir()
    for name, columns in _columns(store.schema).items():
        listed = ", ".join(f'"{column}"' for column in columns)
        file = str(folder / f"{name}.parquet").replace("'", "''")
        rows = f"SELECT {listed} FROM {store.table(name)}"
        store.execute(f"COPY ({rows}) TO '{file}' (FORMAT parquet)")


def _rename(written: Path, final: Path) -> None:
    try:
        written.rename(final)
    except OSError:
        # Another process finished the same state first: its files say the same.
        if not final.exists():
            raise


def _current(folder: Path) -> str:
    try:
        return str(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["state"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def _replace_manifest(folder: Path, export: Export) -> None:
    text = json.dumps(
        {
            "layout": _LAYOUT,
            "state": export.state,
            "columns": dict(export.columns),
            "rows": dict(export.rows),
            "schema": export.schema,
            "label": export.label,
            "span": _days(export.span),
            "basket_span": _days(export.basket_span),
        },
        indent=1,
    )
    handle, name = tempfile.mkstemp(dir=folder, prefix=_WRITING)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(folder / MANIFEST)


def _remove_older(folder: Path, *, keep: set[str]) -> None:
    for old in folder.glob(f"{_STATE}*"):
        if old.name not in keep:
            shutil.rmtree(old, ignore_errors=True)


def _days(span: tuple[date, date] | None) -> list[str] | None:
    return None if span is None else [day.isoformat() for day in span]


def _span(days: list[str] | None) -> tuple[date, date] | None:
    if days is None:
        return None
    first, last = days
    return date.fromisoformat(first), date.fromisoformat(last)


def _frozen(mapping: Mapping[str, V]) -> Mapping[str, V]:
    return MappingProxyType(dict(mapping))

"""Open any supported file as a relation of the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offtake.data.profile import Format, Profile
from offtake.data.sources.csv_file.reader import staged_csv
from offtake.data.sources.extract import Extract
from offtake.data.sources.parquet_file.reader import staged_parquet
from offtake.data.sources.staging import Staged, staged_extract
from offtake.data.store import Store


@contextmanager
def staged_file(store: Store, path: Path, profile: Profile) -> Iterator[Staged]:
    """Make a file of any supported format visible to the engine for the length of a block."""
    kind = _format(path, profile)
    if kind == "csv":
        with staged_csv(store, path, profile.file) as staged:
            yield staged
    elif kind == "parquet":
        with staged_parquet(store, path) as staged:
            yield staged
    else:
        extract = _read(path, profile, kind)
        with staged_extract(store, extract, by_hand=kind == "excel") as staged:
            yield staged


def _format(path: Path, profile: Profile) -> Format:
    """Return the format; where the profile states none, an EDI file says itself which it is."""
    kind = profile.file_format(path)
    if profile.file.format is None and kind in ("x12_852", "eancom_slsrpt"):
        with path.open("rb") as handle:
            start = handle.read(64).lstrip()
        return "eancom_slsrpt" if start.startswith((b"UNA", b"UNB")) else "x12_852"
    return kind


def _read(path: Path, profile: Profile, kind: Format) -> Extract:
    if kind == "excel":
        from offtake.data.sources.excel_file.reader import read as read_excel

        return read_excel(path, profile.file, _date_formats(profile))
    if kind == "x12_852":
        from offtake.data.sources.x12_852.reader import read as read_x12

        return _only(read_x12(path), profile.contract)
    from offtake.data.sources.eancom_slsrpt.reader import read as read_slsrpt

    return _only(read_slsrpt(path), profile.contract)


def _date_formats(profile: Profile) -> dict[str, str]:
    """Return source column (lower case) to the format its dates are written in, where stated."""
    return {
        rule.column.strip().lower(): rule.date_format
        for rule in profile.columns.values()
        if rule.column is not None and rule.date_format is not None
    }


def _only(extract: Extract, contract: str) -> Extract:
    """Keep the records of one contract: an EDI message carries sales and stock together."""
    import pyarrow.compute as pc

    rows = extract.rows.filter(pc.equal(extract.rows["contract"], contract))
    return Extract(rows.drop_columns(["contract"]), extract.unreadable)

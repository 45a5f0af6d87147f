"""Mapping profiles: how one supplier's file becomes a contract, written in TOML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from offtake.calendars import Weekday
from offtake.data.contracts.contract import Column, Contract
from offtake.data.contracts.registry import contract as find_contract
from offtake.data.profile_settings import (
    check_column_settings,
    check_file_settings,
    of_kind,
    only,
    plain,
    read_toml,
    table,
)
from offtake.errors import BadInputError, UnknownNameError

Format = Literal["csv", "excel", "parquet", "x12_852", "eancom_slsrpt"]

SUFFIXES: Mapping[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".xlsb": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".852": "x12_852",
    ".x12": "x12_852",
    ".edi": "x12_852",
    ".slsrpt": "eancom_slsrpt",
    ".edifact": "eancom_slsrpt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """Where the value of one contract column comes from.

    Parameters
    ----------
    column
        Name of the source's column; None with `constant`.
    constant
        A value for every row.
    scale
        Factor a number is multiplied with (``1000`` where the file is in thousands).
    date_format
        ``strptime`` format of this column, over the profile's own.
    week_ends
        Weekday on which the supplier's week ends: the date becomes the Monday of the ISO week
        that holds the middle day of that week.
    values
        Source value to contract value (``"Y" = "true"``).
    """

    column: str | None = None
    constant: str | None = None
    scale: float = 1.0
    date_format: str | None = None
    week_ends: Weekday | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """How the file itself is written.

    Parameters
    ----------
    format
        ``csv``, ``excel``, ``parquet``, ``x12_852`` or ``eancom_slsrpt``; None goes by the ending.
    delimiter
        Sign between the cells of a CSV file; None finds it in the header: ``, ; | tab``.
    quote
        Sign around a cell that holds the delimiter or a line break; empty for none.
    decimal, thousands
        Signs in numbers. A thousands sign of a space stands for narrow and no-break spaces too.
    encoding
        Text encoding of a CSV file, e.g. ``cp1250`` or ``utf-16``.
    sheet
        Sheet of a workbook; None is the first one.
    skip_rows
        Rows above the header.
    date_format
        ``strptime`` format of dates; None reads ``2024-01-31``, with or without a time, and
        ``20240131``.
    null_values
        Words that stand for an empty cell.
    """

    format: Format | None = None
    delimiter: str | None = None
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8"
    sheet: str | None = None
    skip_rows: int = 0
    date_format: str | None = None
    null_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How one supplier's file becomes a contract.

    Parameters
    ----------
    name
        What to call it in the ledger.
    contract
        Contract it delivers.
    source
        Label of the source, kept with every load and shown in passports.
    file
        How the file is written.
    columns
        Contract column to rule; a column that is not named is looked up under its own name.
    """

    name: str
    contract: str
    source: str = ""
    file: FileOptions = field(default_factory=FileOptions)
    columns: Mapping[str, ColumnRule] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """Return a hash that changes whenever the mapping changes."""
        text = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def file_format(self, path: Path) -> Format:
        """Return the stated format, or the one the file's ending stands for.

        A ``.csv`` file is always read as CSV: rows set aside from a workbook or an EDI message
        are exported as CSV and come back under the same profile.

        Raises
        ------
        UnknownNameError
            When no format is stated and the ending is not known.
        """
        ending = _ending(path)
        if ending == ".csv":
            return "csv"
        if self.file.format is not None:
            return self.file.format
        if ending not in SUFFIXES:
            raise UnknownNameError(f"ending of {path.name}", ending or "(none)", SUFFIXES)
        return SUFFIXES[ending]


def _ending(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] == [".gz"] and len(suffixes) > 1:
        return suffixes[-2]
    return path.suffix.lower()


def plain_profile(contract: str) -> Profile:
    """Return the profile of a file whose columns are already called as in the contract.

    Examples
    --------
    >>> plain_profile("sales").columns
    {}
    """
    return Profile(name="plain", contract=find_contract(contract).name)


def read_profile(path: Path, *, contract: str | None = None) -> Profile:
    """Read a mapping profile.

    Parameters
    ----------
    path
        A TOML file.
    contract
        Contract asked for on the command line; must agree with the profile's own.

    Raises
    ------
    UnreadableFileError
        When the file is absent or not TOML.
    BadInputError
        When a setting is unknown or has a value that cannot be used; the message names the file
        and the setting.
    """
    data = read_toml(path)
    only(data, ("profile", "file", "columns"), path.name)
    head = table(data, "profile", path)
    only(head, ("name", "contract", "source"), f"{path.name} [profile]")
    for key, value in head.items():
        of_kind(value, (str,), f"{path.name} [profile] {key}")
    found = _contract(head.get("contract"), contract, path)
    return Profile(
        name=head.get("name", path.stem),
        contract=found.name,
        source=head.get("source", ""),
        file=_file_options(table(data, "file", path), f"{path.name} [file]"),
        columns=_column_rules(table(data, "columns", path), found, f"{path.name} [columns]"),
    )


def _contract(stated: str | None, asked: str | None, path: Path) -> Contract:
    wanted = stated or asked
    if wanted is None:
        raise BadInputError(f"{path.name} [profile] contract: missing; name one contract")
    if asked is not None and wanted != asked:
        raise BadInputError(
            f"{path.name} is a profile for contract {wanted!r}, but {asked!r} is asked for (--as)"
        )
    try:
        return find_contract(wanted)
    except UnknownNameError as error:
        where = f"contract in {path.name} [profile]" if stated else "contract"
        raise UnknownNameError(where, wanted, error.allowed) from error


def _file_options(section: Mapping[str, Any], where: str) -> FileOptions:
    if "format" in section and section["format"] not in get_args(Format):
        raise UnknownNameError(f"format in {where}", str(section["format"]), get_args(Format))
    check_file_settings(section, where)
    words = tuple(plain(word) for word in section.get("null_values", ()))
    return FileOptions(**{**section, "null_values": words})


def _column_rules(
    section: Mapping[str, Any], contract: Contract, where: str
) -> dict[str, ColumnRule]:
    only(section, contract.column_names, where)
    return {
        name: _column_rule(value, contract.column(name), f"{where} {name}")
        for name, value in section.items()
    }


def _column_rule(value: object, column: Column, where: str) -> ColumnRule:
    settings = {"column": value} if isinstance(value, str) else value
    of_kind(settings, (str, dict), where)
    assert isinstance(settings, dict)  # noqa: S101  # narrows the type of_kind has just checked
    check_column_settings(settings, column, where)
    known = dict(settings)
    if "constant" in known:
        known["constant"] = plain(known["constant"])
    known["values"] = {word: plain(meant) for word, meant in known.get("values", {}).items()}
    return ColumnRule(**known)

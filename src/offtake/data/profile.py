"""Mapping profiles: how one supplier's file becomes a contract, written in TOML."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from offtake.calendars import Weekday
from offtake.data.contracts.contract import Contract
from offtake.data.contracts.registry import contract as find_contract
from offtake.errors import BadInputError, UnknownNameError, UnreadableFileError

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
    """How the file itself is written; empty fields are found out from the file."""

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
        When a setting is unknown or has the wrong kind of value; the message names it.
    """
    data = _toml(path)
    head = _section(data, "profile", path)
    _only(head, ("name", "contract", "source"), f"{path.name} [profile]")
    _only(data, ("profile", "file", "columns"), path.name)
    wanted = head.get("contract", contract)
    if wanted is None:
        raise BadInputError(f"{path.name} [profile] contract: missing; name one contract")
    if contract is not None and wanted != contract:
        raise BadInputError(
            f"{path.name} is a profile for contract {wanted!r}, but --as asks for {contract!r}"
        )
    found = find_contract(wanted)
    return Profile(
        name=str(head.get("name", path.stem)),
        contract=found.name,
        source=str(head.get("source", "")),
        file=_file_options(_section(data, "file", path), path),
        columns=_column_rules(_section(data, "columns", path), found, path),
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UnreadableFileError(f"there is no profile at {path}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{path} is not a TOML file: {error}") from error


def _section(data: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    section = data.get(name, {})
    if not isinstance(section, dict):
        raise BadInputError(f"{path.name} {name}: got {section!r}, allowed: a table [{name}]")
    return section


def _only(section: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for name in section:
        if name not in allowed:
            raise UnknownNameError(f"setting in {where}", name, allowed)


def _kind(value: object, kinds: tuple[type, ...], where: str) -> None:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise BadInputError(f"{where}: got {value!r}, allowed: {names}")


_FILE_KINDS: Mapping[str, tuple[type, ...]] = {
    "format": (str,),
    "delimiter": (str,),
    "quote": (str,),
    "decimal": (str,),
    "thousands": (str,),
    "encoding": (str,),
    "sheet": (str,),
    "skip_rows": (int,),
    "date_format": (str,),
    "null_values": (list,),
}


def _file_options(section: Mapping[str, Any], path: Path) -> FileOptions:
    where = f"{path.name} [file]"
    _only(section, tuple(_FILE_KINDS), where)
    for name, value in section.items():
        _kind(value, _FILE_KINDS[name], f"{where} {name}")
    if "format" in section and section["format"] not in get_args(Format):
        raise UnknownNameError(f"format in {where}", section["format"], get_args(Format))
    _one_character(section, where)
    known = dict(section)
    known["null_values"] = tuple(str(value) for value in section.get("null_values", ()))
    return FileOptions(**known)


def _one_character(section: Mapping[str, Any], where: str) -> None:
    for name in ("delimiter", "quote", "decimal", "thousands"):
        value = section.get(name)
        if value is not None and len(value) > 1:
            raise BadInputError(f"{where} {name}: got {value!r}, allowed: one character")
    if section.get("decimal", ".") == section.get("thousands", ""):
        raise BadInputError(
            f"{where}: decimal and thousands are both {section.get('decimal', '.')!r}"
        )


def _column_rules(
    section: Mapping[str, Any], contract: Contract, path: Path
) -> dict[str, ColumnRule]:
    where = f"{path.name} [columns]"
    _only(section, contract.column_names, where)
    return {name: _column_rule(value, f"{where} {name}") for name, value in section.items()}


_RULE_KINDS: Mapping[str, tuple[type, ...]] = {
    "column": (str,),
    "constant": (str, int, float, bool),
    "scale": (int, float),
    "date_format": (str,),
    "week_ends": (str,),
    "values": (dict,),
}


def _column_rule(value: object, where: str) -> ColumnRule:
    if isinstance(value, str):
        return ColumnRule(column=value)
    _kind(value, (str, dict), where)
    assert isinstance(value, dict)  # noqa: S101  # narrows the type _kind has just checked
    _only(value, tuple(_RULE_KINDS), where)
    for name, setting in value.items():
        _kind(setting, _RULE_KINDS[name], f"{where}.{name}")
    if ("column" in value) == ("constant" in value):
        raise BadInputError(f"{where}: give exactly one of `column` and `constant`")
    if value.get("week_ends", "sunday") not in get_args(Weekday):
        raise UnknownNameError(f"week_ends in {where}", value["week_ends"], get_args(Weekday))
    known = dict(value)
    if "constant" in known:
        known["constant"] = _plain(known["constant"])
    known["values"] = {str(k): _plain(v) for k, v in known.get("values", {}).items()}
    return ColumnRule(**known)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

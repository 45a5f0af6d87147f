"""The settings of a mapping profile: which are known, and what is wrong with a bad one."""

from __future__ import annotations

import codecs
import math
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, get_args

from offtake.calendars import Weekday
from offtake.data.contracts.contract import Column
from offtake.errors import BadInputError, UnknownNameError, UnreadableFileError

_DATE_CODES = frozenset("aAbBcdfgGHIjmMnpSuUVwWxXyYzZ%")
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
_RULE_KINDS: Mapping[str, tuple[type, ...]] = {
    "column": (str,),
    "constant": (str, int, float, bool, date),
    "scale": (int, float),
    "date_format": (str,),
    "week_ends": (str,),
    "values": (dict,),
}
_FITTING_TYPES: Mapping[str, tuple[str, ...]] = {
    "scale": ("number", "integer"),
    "date_format": ("date", "timestamp"),
    "week_ends": ("date",),
}
_PLAIN = (str, int, float, bool, date)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    UnreadableFileError
        When the file is absent or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise UnreadableFileError(f"there is no profile at {path}") from error
    except OSError as error:
        raise UnreadableFileError(f"profile {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{path} is not a TOML file: {error}") from error


def table(data: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    """Return the table `name` of a profile, empty where it has none."""
    section = data.get(name, {})
    if not isinstance(section, dict):
        raise BadInputError(f"{path.name} {name}: got {section!r}, allowed: a table [{name}]")
    return section


def only(section: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    """Demand that a table has no other settings than those allowed."""
    for name in section:
        if name not in allowed:
            raise UnknownNameError(f"setting in {where}", name, allowed)


def of_kind(value: object, kinds: tuple[type, ...], where: str) -> None:
    """Demand that a setting has one of some kinds of value."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = " or ".join(kind.__name__ for kind in kinds)
        raise BadInputError(f"{where}: got {value!r}, allowed: {names}")


def check_file_settings(section: Mapping[str, Any], where: str) -> None:
    """Demand that every setting of ``[file]`` is known and usable.

    Raises
    ------
    BadInputError
        Naming `where` and the setting.
    """
    only(section, tuple(_FILE_KINDS), where)
    for name, value in section.items():
        of_kind(value, _FILE_KINDS[name], f"{where} {name}")
    _check_signs(section, where)
    _check_encoding(section.get("encoding", "utf-8"), f"{where} encoding")
    if section.get("skip_rows", 0) < 0:
        raise BadInputError(f"{where} skip_rows: got {section['skip_rows']}, allowed: 0 or more")
    if "date_format" in section:
        _check_date_format(section["date_format"], f"{where} date_format")
    for word in section.get("null_values", ()):
        of_kind(word, _PLAIN, f"{where} null_values")


def _check_signs(section: Mapping[str, Any], where: str) -> None:
    may_be_empty = ("quote", "thousands")
    for name in ("delimiter", "quote", "decimal", "thousands"):
        value = section.get(name)
        if value is None or (value == "" and name in may_be_empty):
            continue
        if len(value) != 1 or value in "\r\n" or (value.isalnum() and name != "delimiter"):
            none = " (or empty for none)" if name in may_be_empty else ""
            raise BadInputError(f"{where} {name}: got {value!r}, allowed: one sign{none}")
    signs = {"decimal": ".", "thousands": "", "quote": '"', "delimiter": None} | dict(section)
    for one, other in (("decimal", "thousands"), ("delimiter", "quote")):
        if signs[one] == signs[other]:
            raise BadInputError(f"{where}: {one} and {other} are both {signs[one]!r}")


def _check_encoding(value: str, where: str) -> None:
    try:
        known = codecs.lookup(value)
        is_text = getattr(known, "_is_text_encoding", True)
    except LookupError as error:
        raise BadInputError(_bad_encoding(value, where)) from error
    if not is_text:
        raise BadInputError(_bad_encoding(value, where))


def _bad_encoding(value: str, where: str) -> str:
    return f"{where}: got {value!r}, allowed: a text encoding such as utf-8, cp1250 or utf-16"


def _check_date_format(value: str, where: str) -> None:
    codes = re.findall(r"%-?(.?)", value)
    unknown = [code for code in codes if code not in _DATE_CODES or not code]
    if unknown or not set(codes) - {"%"}:
        raise BadInputError(f"{where}: got {value!r}, allowed: a strptime format such as %d.%m.%Y")


def check_column_settings(section: Mapping[str, Any], column: Column, where: str) -> None:
    """Demand that every setting of one column is known, usable, and fits the column.

    Raises
    ------
    BadInputError
        Naming `where` and the setting.
    """
    only(section, tuple(_RULE_KINDS), where)
    for name, setting in section.items():
        of_kind(setting, _RULE_KINDS[name], f"{where}.{name}")
    if ("column" in section) == ("constant" in section):
        raise BadInputError(f"{where}: give exactly one of `column` and `constant`")
    _check_column_name(section, where)
    _check_fit(section, column, where)
    for word, meant in section.get("values", {}).items():
        of_kind(meant, _PLAIN, f"{where}.values {word!r}")


def _check_column_name(value: Mapping[str, Any], where: str) -> None:
    if "constant" in value and len(value) > 1:
        others = ", ".join(name for name in value if name != "constant")
        raise BadInputError(f"{where}: a `constant` stands alone; take away {others}")
    for name in ("column", "constant"):
        if isinstance(value.get(name), str) and not value[name].strip():
            raise BadInputError(f"{where}.{name}: got {value[name]!r}, allowed: not empty")


def _check_fit(value: Mapping[str, Any], column: Column, where: str) -> None:
    for name, types in _FITTING_TYPES.items():
        if name in value and column.type not in types:
            raise BadInputError(
                f"{where}.{name}: column {column.name!r} holds {column.type}; this setting is for "
                f"{' and '.join(types)} columns"
            )
    scale = value.get("scale", 1.0)
    if not math.isfinite(scale) or scale == 0:
        raise BadInputError(f"{where}.scale: got {scale!r}, allowed: a number other than 0")
    if "date_format" in value:
        _check_date_format(value["date_format"], f"{where}.date_format")
    if value.get("week_ends", "sunday") not in get_args(Weekday):
        raise UnknownNameError(f"week_ends in {where}", value["week_ends"], get_args(Weekday))


def plain(value: object) -> str:
    """Return a TOML value as the text a file would hold.

    Examples
    --------
    >>> plain(True), plain(7)
    ('true', '7')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)

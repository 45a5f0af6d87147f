"""Validation errors in our words: which field, what was got, what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

SHOWN = 200
Fault = dict[str, Any]
_ALLOWED: Mapping[str, str] = MappingProxyType(
    {
        "missing": _("a value is needed"),
        "extra_forbidden": _("no such field"),
        "int_parsing": _("a whole number"),
        "int_type": _("a whole number"),
        "int_from_float": _("a whole number"),
        "float_parsing": _("a number"),
        "float_type": _("a number"),
        "finite_number": _("a finite number"),
        "decimal_parsing": _("a decimal number"),
        "decimal_type": _("a decimal number"),
        "bool_parsing": _("true or false"),
        "bool_type": _("true or false"),
        "string_type": _("text"),
        "list_type": _("a list"),
        "set_type": _("a list"),
        "dict_type": _("an object"),
        "model_type": _("an object"),
        "model_attributes_type": _("an object"),
        "none_required": _("null"),
        "greater_than_equal": _("%(ge)s or more"),
        "greater_than": _("more than %(gt)s"),
        "less_than_equal": _("%(le)s or less"),
        "less_than": _("less than %(lt)s"),
        "string_too_long": _("%(max_length)s characters or fewer"),
        "string_too_short": _("%(min_length)s characters or more"),
        "too_long": _("%(max_length)s entries or fewer"),
        "too_short": _("%(min_length)s entries or more"),
        "decimal_max_digits": _("%(max_digits)s digits or fewer"),
        "decimal_max_places": _("%(decimal_places)s decimal places or fewer"),
        "decimal_whole_digits": _("%(whole_digits)s digits before the point or fewer"),
        "literal_error": _("one of %(expected)s"),
        "enum": _("one of %(expected)s"),
        "string_pattern_mismatch": _("text like %(pattern)s"),
    }
)
_DATES = MappingProxyType(
    {"date": _("a day as YYYY-MM-DD"), "datetime": _("a moment as YYYY-MM-DDThh:mm:ssZ")}
)


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Return what is told of the errors that pydantic found."""
    return [_fault(each) for each in errors]


def _fault(error: Mapping[str, Any]) -> Fault:
    place = [str(each) for each in error["loc"]]
    fault: Fault = {"field": ".".join(_without_argument(place)), "allowed": _allowed(error)}
    if error["type"] not in ("missing", "extra_forbidden") and "input" in error:
        fault["got"] = _shown(error["input"])
    return fault


def _without_argument(place: list[str]) -> list[str]:
    """Leave out the name that our function gives to the whole body."""
    return [place[0], *place[2:]] if place[:1] == ["body"] else place


def _allowed(error: Mapping[str, Any]) -> str:
    kind: str = error["type"]
    if kind in _ALLOWED:
        return str(gettext(_ALLOWED[kind]) % error.get("ctx", {}))
    for name, words in _DATES.items():
        if kind.startswith(f"{name}_"):
            return gettext(words)
    return str(error["msg"])


def _shown(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"

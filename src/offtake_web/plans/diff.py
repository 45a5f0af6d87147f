"""What differs between two versions of a plan, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from offtake_web.plans.facts import Known
from offtake_web.plans.models import CONTENT, Kind, Plan, Side, State

SHOWN = (*CONTENT, "state", "marketing_yes", "sales_yes", "conclusions", "promotion_id")
Value = str | bool | date | Decimal | int | float | list[str] | None
MONEY = ("cost", "cost_per_unit")
_CHOICES = {"kind": Kind, "side": Side, "state": State}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: its name, its label, and its values before and after in words."""

    field: str
    label: str
    before: str
    after: str


def differences(
    before: Plan, after: Plan, known: Known, fields: Iterable[str] = SHOWN
) -> list[Difference]:
    """Compare two versions of a plan, saved ones or ones of its history."""
    return list(_differences(before, after, known, fields))


def _differences(
    before: Plan, after: Plan, known: Known, fields: Iterable[str]
) -> Iterator[Difference]:
    for name in fields:
        if name.endswith("_yes"):
            was, now = (_yes(each, name) for each in (before, after))
        else:
            was, now = (in_words(name, getattr(each, name), known) for each in (before, after))
        if was != now:
            yield Difference(name, label(name), was, now)


def label(field: str) -> str:
    if field == "marketing_yes":
        return _("yes of marketing")
    if field == "sales_yes":
        return _("yes of sales")
    return str(Plan._meta.get_field(field).verbose_name)  # type: ignore[union-attr]  # plain fields


def _yes(version: Plan, field: str) -> str:
    given = getattr(version, field) == version.content_version
    return _("yes") if given else _("no")


def in_words(field: str, value: Value, known: Known) -> str:
    """Write a value of a field as its reader says it."""
    if field in _CHOICES:
        return str(_CHOICES[field](value).label)
    if field in ("store_ids", "retailers") and not value:
        return _("all")
    if isinstance(value, list) and field in _NAMED:
        value = [_NAMED[field](each, known) for each in value]
    if field in MONEY and isinstance(value, Decimal | int | float):
        return f"{known.currency} {_figure(value, 2)}".strip()
    return _plain(field, value)


def _plain(field: str, value: Value) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, Decimal | int | float):
        return _figure(value, 1) + ("%" if field == "price_cut" else "")
    if isinstance(value, list):
        return ", ".join(value) or _("none")
    return str(value) if value not in (None, "") else _("none")


def _figure(value: Decimal | float, places: int) -> str:
    """Write a figure whole where it is whole: nobody needs its noughts."""
    return str(number_format(value, 0 if value == int(value) else places, force_grouping=True))


def item_name(product_id: str, known: Known) -> str:
    item = known.facts.items.get(product_id)
    return (item.description if item else "") or product_id


def store_name(store_id: str, known: Known) -> str:
    shop = known.facts.stores.get(store_id)
    return (shop.name if shop else "") or store_id


_NAMED: Mapping[str, Callable[[str, Known], str]] = {
    "product_ids": item_name,
    "store_ids": store_name,
}

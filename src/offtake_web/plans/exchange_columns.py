"""Columns of the workbook in which plans go out and come back: one list for both ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy

from offtake_web.plans.exchange_cells import Column, Form, Words
from offtake_web.plans.models import Commitment, Kind, Plan, Side, State


def _field(name: str, form: Form, model: type[Plan | Commitment] = Plan, **more: Any) -> Column:
    label = model._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # plain fields
    return Column(name=name, label=label, form=form, **more)


def _told(name: str, label: Words, form: Form, **more: Any) -> Column:
    return Column(name=name, label=label, form=form, fixed=True, **more)


_KEY, _VERSION = gettext_lazy("key"), gettext_lazy("version")
PLAN_COLUMNS: tuple[Column, ...] = (
    Column(name="pk", label=_KEY, form="whole"),
    Column(name="version", label=_VERSION, form="whole"),
    _field("state", "choice", choices=State, fixed=True),
    _field("kind", "choice", choices=Kind, needed=True),
    _field("name", "text", most=120, needed=True),
    _field("side", "choice", choices=Side, needed=True),
    _field("first_day", "day", needed=True),
    _field("last_day", "day", needed=True),
    _field("retailers", "names"),
    _field("brands", "names"),
    _field("product_ids", "names"),
    _field("store_ids", "names"),
    _field("price_cut", "number", unit="%", places=1),
    _field("display", "flag"),
    _field("feature", "flag"),
    _field("cost", "number", unit="money", places=2),
    _field("cost_per_unit", "number", unit="money", places=4),
    *(
        _field(name, "text")
        for name in ("benefit", "emotion", "lifestyle", "audience", "message")
    ),
    _field("touchpoints", "names"),
    _told("light", gettext_lazy("readiness"), "text"),
    _told("conflicts", gettext_lazy("conflicts"), "whole"),
    _told("gain", gettext_lazy("expected volume"), "number", unit=gettext_lazy("units")),
    _told("gain_low", gettext_lazy("expected volume, low end"), "number",
          unit=gettext_lazy("units")),
    _told("gain_high", gettext_lazy("expected volume, high end"), "number",
          unit=gettext_lazy("units")),
)  # fmt: skip
PROMISE_COLUMNS: tuple[Column, ...] = (
    Column(name="pk", label=_KEY, form="whole"),
    Column(name="version", label=_VERSION, form="whole"),
    Column(name="plan_id", label=gettext_lazy("key of the plan"), form="whole", needed=True),
    _told("plan_name", gettext_lazy("plan"), "text"),
    _field("side", "choice", Commitment, choices=Side, fixed=True),
    Column(name="owner", label=gettext_lazy("who promises"), form="text", most=150, needed=True),
    _field("what", "text", Commitment, most=300, needed=True),
    _field("due", "day", Commitment, needed=True),
    _field("done_on", "day", Commitment),
)
CONTENT_COLUMNS = tuple(
    column for column in PLAN_COLUMNS if not column.fixed and column.name not in ("pk", "version")
)
SHEETS: Mapping[str, tuple[Words, tuple[Column, ...]]] = MappingProxyType(
    {
        "plans": (gettext_lazy("Plans"), PLAN_COLUMNS),
        "promises": (gettext_lazy("Commitments"), PROMISE_COLUMNS),
    }
)


def heads(columns: Iterable[Column]) -> dict[str, Column]:
    """Return the columns by every head that means them: by name, and by label in any language."""
    found = {column.name.casefold(): column for column in columns}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found |= {str(column.label).casefold(): column for column in columns}
    return found


def sheet_named(title: str) -> str | None:
    """Return which sheet a title means, in any language of the workspace."""
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for key, (label, _columns) in SHEETS.items():
                if title.strip().casefold() in (key, str(label).casefold()):
                    return key
    return None

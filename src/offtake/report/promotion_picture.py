"""The one-screen picture of each promotion, as the page's script and its first view need it.

Rows are short lists; :data:`COLUMNS` names what stands where. Nothing is worked out but the place
of each store's mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from offtake.measures.dimensions import NOT_STATED
from offtake.report.promotion_answer import SHOWN, PromotionAnswer
from offtake.report.promotion_words import (
    VERDICTS,
    counted,
    days,
    origin,
    retailer,
    sentence,
    span,
    title,
    units,
    with_span,
)
from offtake.report.run import Row
from offtake.report.words import signed
from offtake.units import Unit

Cells = list[Any]
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "weeks": ("week", "phase", "units", "base", "low", "high"),
        "sources": ("part", "value", "low", "high", "label", "whole"),
        "stores": ("store", "region", "status", "units", "incremental", "column", "row"),
        "regions": ("region", "done", "not_done", "unplanned", "neither", "label", "row"),
    }
)
STATUSES = ("agreed and executed", "agreed, not executed", "executed without plan", "neither")
SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "from_own_other_items": "The brand's other items",
        "from_competitors": "Competitors",
        "from_other_weeks": "Other weeks",
        "category_growth": "Category growth",
    }
)
ACROSS = 20
"""Marks beside each other in the map of stores."""


def slug(name: str) -> str:
    """Return the name of a promotion as part of an address.

    Examples
    --------
    >>> slug("E1: spring/2")
    'E1%3A%20spring%2F2'
    """
    return quote(name, safe="")


def pictures(answer: PromotionAnswer) -> dict[str, Any]:
    """Return the pictures of all promotions shown, and what their rows mean.

    Returns
    -------
    dict
        ``columns``, ``statuses``, ``stores`` (id and region) and ``pictures`` by :func:`slug`. In
        rows of stores the first two places are numbers: which store, which status.
    """
    events = answer.events[:SHOWN]
    wanted = {row["promotion_id"] for row in events}
    weeks = _by_promotion(answer.rows("promotion_weeks"), wanted)
    stores = _by_promotion(answer.rows("promotion_stores"), wanted)
    place: dict[tuple[str, str], int] = {}
    found = {}
    for event in events:
        name = event["promotion_id"]
        found[slug(name)] = {
            **texts(event, answer.currency),
            "weeks": week_rows(weeks.get(name, [])),
            "sources": source_rows(event),
            **store_map(stores.get(name, []), place),
        }
    return {
        "columns": {name: list(columns) for name, columns in COLUMNS.items()},
        "statuses": list(STATUSES),
        "stores": [list(key) for key in place],
        "pictures": found,
    }


def _by_promotion(rows: Iterable[Row], wanted: set[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {name: [] for name in wanted}
    for row in rows:
        if row["promotion_id"] in wanted:
            found[row["promotion_id"]].append(row)
    return found


def texts(event: Row, currency: str) -> dict[str, Any]:
    """Return what is said of a promotion in words."""
    return {
        "title": title(event),
        "when": f"{retailer(event)}, {days(event)}",
        "sentence": sentence(event, currency),
        "origin": origin(event),
        "verdict": VERDICTS[event["verdict"]],
        "grade": event["grade"],
        "hint": "What would make the answer better:" if event["reasons"] else "",
        "advice": advice(event),
        "facts": facts(event, currency),
    }


def advice(event: Row) -> list[str]:
    """Say what would make the answer better, the weightiest first."""
    from offtake.models.promotion.grade import REASONS

    return [_capital(REASONS[name]) + "." for name in event["reasons"].split()]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_FACTS: tuple[tuple[str, str, Unit], ...] = (
    ("Incremental units", "incremental", "units"),
    ("Base", "base", "units"),
    ("Lift in promoted stores", "lift_in_promoted_stores", "percent"),
    ("Lift, whole chain", "lift_whole_chain", "percent"),
    ("Sold anyway, of promoted", "subsidised_of_promoted", "percent"),
    ("Incremental margin", "incremental_margin", "money"),
    ("Cost", "cost", "money"),
    ("Net return as planned", "roi_net", "ratio"),
    ("Net return where executed", "roi_net_where_executed", "ratio"),
    ("Net return if fully executed", "roi_net_if_fully_executed", "ratio"),
    ("Displays stood", "display_compliance", "percent"),
    ("Display days kept", "display_days_compliance", "percent"),
)


def facts(event: Row, currency: str) -> list[list[str]]:
    """Return the figures of a promotion that are known, with their names."""
    return [
        [name, with_span(event, column, unit, currency)]
        for name, column, unit in _FACTS
        if event[column] is not None
    ]


def week_rows(rows: Sequence[Row]) -> list[Cells]:
    """Return weeks as `COLUMNS` names them."""
    during = [place for place, row in enumerate(rows) if row["during"]]
    first, last = (during[0], during[-1]) if during else (len(rows), len(rows))
    return [
        [f"{row['week']:%d %b %Y}", _phase(place, first, last), _short(row["units"]),
         *(_short(row[name]) for name in ("base", "base_low", "base_high"))]
        for place, row in enumerate(rows)
    ]  # fmt: skip


def _phase(place: int, first: int, last: int) -> str:
    if place < first:
        return "before"
    return "after" if place > last else "promotion"


def _short(value: float | None) -> float | None:
    """Keep two decimals: no more can be seen, and the page stays small."""
    return None if value is None else round(value, 2) + 0.0


def source_rows(event: Row) -> list[Cells]:
    """Return the parts of a promotion's incremental units, and then their sum."""
    named = [(name, label, False) for name, label in SOURCES.items()]
    return [
        [label, *(_short(event[f"{name}{end}"]) for end in ("", "_low", "_high")),
         f"{label}|{_signed(event[name])}|{span(event, name, 'units')}", whole]
        for name, label, whole in (*named, ("incremental", "Incremental", True))
        if event[name] is not None
    ]  # fmt: skip


def _signed(value: float) -> str:
    text = units(value)
    return f"+{text}" if value > 0 and signed(value, "ratio") != "0.00" else text


def status(row: Row) -> int:
    """Return which of `STATUSES` a store is in."""
    if row["agreed"]:
        return 0 if row["executed"] else 1
    return 2 if row["executed"] else 3


def store_map(rows: Sequence[Row], place: dict[tuple[str, str], int]) -> dict[str, Any]:
    """Give every store of a promotion a place in a map by region, and count them.

    Parameters
    ----------
    rows
        Of ``promotion_stores``.
    place
        Number of every store by id and region; new ones are added.
    """
    marks: list[Cells] = []
    regions: list[Cells] = []
    line = 0
    for region, some in groupby(sorted(rows, key=_in_map), key=_region):
        inside = list(some)
        regions.append([*_counts(region, inside), line])
        for number, row in enumerate(inside):
            key = (str(row["store_id"]), region)
            marks.append([
                place.setdefault(key, len(place)), status(row), _short(row["units"]),
                _short(row["incremental"]), number % ACROSS, line + 1 + number // ACROSS,
            ])  # fmt: skip
        line += 1 + -(-len(inside) // ACROSS)
    return {"stores": marks, "regions": regions, "counts": counts(rows)}


def _region(row: Row) -> str:
    return str(row["region"]) or NOT_STATED


def _in_map(row: Row) -> tuple[str, int, float, str]:
    return _region(row), status(row), -(row["units"] or 0.0), str(row["store_id"])


def _counts(region: str, rows: Sequence[Row]) -> Cells:
    found = _by_status(rows)
    agreed = found[0] + found[1]
    done = f"{found[0]:,} of {agreed:,} agreed executed" if agreed else f"{found[2]:,} had it"
    name = "All stores" if region == NOT_STATED else region
    return [name, *found, f"{name}: {done}"]


def _by_status(rows: Iterable[Row]) -> list[int]:
    found = [status(row) for row in rows]
    return [found.count(each) for each in range(len(STATUSES))]


def counts(rows: Sequence[Row]) -> str:
    """Say how many stores are in each status."""
    parts = [
        f"{number:,} {name}" for number, name in zip(_by_status(rows), STATUSES, strict=True)
        if number
    ]  # fmt: skip
    return f"{counted(len(rows), 'store')}: {', '.join(parts)}." if parts else "No store is known."


def expanded(found: Mapping[str, Any], picture: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Return the rows of a picture with their names: the page's script does the same."""
    stores = [
        [*found["stores"][store], found["statuses"][state], *rest]
        for store, state, *rest in picture["stores"]
    ]
    rows: Mapping[str, list[Cells]] = {**picture, "stores": stores}
    return {
        name: [dict(zip(columns, row, strict=True)) for row in rows[name]]
        for name, columns in COLUMNS.items()
    }


def cell(value: object) -> str:
    """Write a cell of a picture's table; the page's script does the same."""
    if value is None or isinstance(value, int | float):
        return units(value)
    return str(value)

"""Charts of one run with those of another behind them, thin, where their figures differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from offtake.report.drawing import COLOURS
from offtake.report.run import Row

Spec = dict[str, Any]
MADE_OF = ("mark", "encoding", "data", "transform")
NAMED = ("item", "brand")
SEEN = 0.005
"""The part of a scale under which nobody sees a difference."""
LINE = 14


@dataclass(frozen=True, slots=True)
class Behind:
    """A chart with another run behind it.

    Parameters
    ----------
    text
        The chart as Vega-Lite JSON; as it was where nothing differs.
    same
        Whether both runs draw the same, as far as both have the rows.
    """

    text: str
    same: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """One layer of both charts, with the rows that each draws."""

    spec: Spec
    now: list[Row]
    then: list[Row]
    label: str = ""
    was: str = ""

    @property
    def mark(self) -> str:
        mark = self.spec["mark"]
        return str(mark["type"] if isinstance(mark, dict) else mark)

    def field(self, channel: str) -> str:
        return str(self.spec["encoding"].get(channel, {}).get("field", ""))

    def kind(self, channel: str) -> str:
        return str(self.spec["encoding"].get(channel, {}).get("type", ""))


def chart_beside(now: str, then: str, label: str, was: str = "was {}") -> Behind | None:
    """Draw a chart with the same chart of another run behind it.

    Only rows that both runs have are compared. Weeks get a dotted line or a short line at what they
    were, bars a mark, points a line from where they were; bars with their figure beside them say
    what it was in words.

    Parameters
    ----------
    now, then
        The chart in both runs, as Vega-Lite JSON.
    label
        What the other run is called in the legend.
    was
        How a figure of the other run is written under today's; ``{}`` stands for it.

    Returns
    -------
    Behind | None
        None where the two are not built alike, so that nothing can be compared.

    Examples
    --------
    >>> def sales(units):
    ...     return json.dumps({"mark": "line", "data": {"name": "a"}, "encoding": {
    ...         "x": {"field": "week", "type": "temporal"},
    ...         "y": {"field": "value", "type": "quantitative"}},
    ...         "datasets": {"a": [{"week": w, "value": v} for w, v in enumerate(units)]}})
    >>> chart_beside(sales([5, 9]), sales([5, 9]), "before").same
    True
    >>> found = chart_beside(sales([5, 9]), sales([5, 7]), "before")
    >>> [layer["mark"]["type"] for layer in json.loads(found.text)["layer"][1:]]
    ['line']
    """
    one, other = json.loads(now), json.loads(then)
    rows = _Rows(one.get("datasets", {}), other.get("datasets", {}), label, was)
    drawn = _beside(one, other, rows, ("", ""))
    if drawn is None or not rows.compared:
        return None
    if not rows.differ:
        return Behind(now, same=True)
    return Behind(json.dumps(drawn, ensure_ascii=False, separators=(",", ":")), same=False)


@dataclass(slots=True)
class _Rows:
    now: Mapping[str, list[Row]]
    then: Mapping[str, list[Row]]
    label: str
    was: str
    compared: bool = False
    differ: bool = False


def _beside(one: Spec, other: Spec, rows: _Rows, names: tuple[str, str]) -> Spec | None:
    """Return a chart, or a layer of it, with the other behind; None where they are not alike."""
    names = (_data(one) or names[0], _data(other) or names[1])
    if "layer" not in one:
        return _unit(one, other, rows, names)
    if len(one["layer"]) != len(other.get("layer", ())):
        return None
    found = [_beside(*pair, rows, names) for pair in zip(one["layer"], other["layer"], strict=True)]
    layers = [layer for layer in found if layer is not None]
    if len(layers) < len(found):
        return None
    height = max([one.get("height", 0), *(layer.pop("height", 0) for layer in layers)])
    return {**one, "layer": layers, **({"height": height} if height else {})}


def _data(spec: Spec) -> str:
    return str(spec.get("data", {}).get("name", ""))


def _unit(one: Spec, other: Spec, rows: _Rows, names: tuple[str, str]) -> Spec | None:
    if _shape(one) != _shape(other):
        return None
    now, then = rows.now.get(names[0], []), rows.then.get(names[1], [])
    part = _Part(one, now, then, rows.label, rows.was)
    draw = _how(part)
    if draw is None:
        return dict(one)
    found = draw(part)
    if found is None:
        return dict(one)
    rows.compared = True
    if not found:
        return dict(one)
    rows.differ = True
    if "mark" in found:
        rest = {name: value for name, value in one.items() if name not in MADE_OF}
        unit = {name: value for name, value in one.items() if name in MADE_OF}
        return {**rest, "layer": [unit, found]}
    return {**one, **found}


def _shape(spec: Spec) -> tuple[object, ...]:
    part = _Part(spec, [], [])
    channels = [name for name, is_ in spec.get("encoding", {}).items() if isinstance(is_, dict)]
    return (part.mark, *((each, part.field(each)) for each in channels))


def _how(part: _Part) -> Callable[[_Part], Spec | None] | None:
    if part.mark == "line":
        return _line
    if part.mark == "bar" and part.kind("x") == "temporal":
        return _steps
    if part.mark == "bar" and part.kind("y") == "nominal":
        return _said if _has_words(part) else _ticks
    if part.mark == "point" and _name_of(part):
        return _trails
    return None


def _pairs(part: _Part, *fields: str, figure: str) -> list[tuple[Row, Row]]:
    """Pair the rows of both runs that have the same values in some fields."""

    def key(row: Row) -> Hashable:
        return tuple(_plain(row.get(name)) for name in fields)

    before = {key(row): row for row in part.then if row.get(figure) is not None}
    return [
        (row, before[key(row)])
        for row in part.now
        if row.get(figure) is not None and key(row) in before
    ]


def _plain(value: object) -> object:
    """Return a value without the figure written under it."""
    return value.partition("|")[0] if isinstance(value, str) else value


def _moved(pairs: Iterable[tuple[Row, Row]], figure: str) -> bool:
    """Say whether somebody would see a difference."""
    both = [(float(now[figure]), float(then[figure])) for now, then in pairs]
    flat = [value for pair in both for value in pair]
    room = max(flat, default=0.0) - min(flat, default=0.0) or max(map(abs, flat), default=0.0)
    return any(abs(now - then) > SEEN * room for now, then in both)


def _series(part: _Part) -> list[str]:
    fields = {part.field(each) for each in ("color", "strokeDash", "yOffset")}
    return sorted(name for name in fields if name and part.now and name in part.now[0])


def _line(part: _Part) -> Spec | None:
    series, y = _series(part), part.field("y")
    pairs = _pairs(part, part.field("x"), *series, figure=y)
    if not pairs:
        return None
    if not _moved(pairs, y):
        return {}
    mark = {"type": "line", "strokeWidth": 1.3, "strokeDash": [2, 2], **_bent(part)}
    detail = {"detail": [{"field": name, "type": "nominal"} for name in series]} if series else {}
    return _layer(part, mark, [then for _, then in pairs], "x", "y", **detail)


def _bent(part: _Part) -> Spec:
    mark = part.spec["mark"]
    bent = mark.get("interpolate") if isinstance(mark, dict) else None
    return {"interpolate": bent} if bent else {}


def _steps(part: _Part) -> Spec | None:
    y = part.field("y")
    pairs = _pairs(part, part.field("x"), figure=y)
    if not pairs:
        return None
    if not _moved(pairs, y):
        return {}
    return _layer(part, {"type": "rule", "strokeWidth": 1.5}, [t for _, t in pairs], "x", "x2", "y")


def _ticks(part: _Part) -> Spec | None:
    x, y = part.field("x"), part.field("y")
    pairs = _pairs(part, y, *_series(part), figure=x)
    if not pairs:
        return None
    if not _moved(pairs, x):
        return {}
    rows = [{**then, y: now[y]} for now, then in pairs]
    mark = {"type": "tick", "thickness": 2, "bandSize": 12}
    return _layer(part, mark, rows, "x", "y", "yOffset")


def _has_words(part: _Part) -> bool:
    return any("|" in str(row.get(part.field("y"), "")) for row in part.now)


def _said(part: _Part) -> Spec | None:
    """Write under the figure of each bar what it was."""
    y = part.field("y")
    pairs = _pairs(part, y, figure=y)
    if not pairs:
        return None
    words = {now[y]: f"{now[y]}|{part.was.format(_figure(then[y]))}" for now, then in pairs}
    if all(now[y] == then[y] for now, then in pairs):
        return {}
    rows = [{**row, y: words.get(row[y], row[y])} for row in part.now]
    encoding = dict(part.spec["encoding"])
    axis = {**encoding["y"].get("axis", {}), "labelOffset": -6 - LINE // 2}
    encoding["y"] = {**encoding["y"], "axis": axis}
    if isinstance(encoding["y"].get("sort"), list):
        encoding["y"]["sort"] = [words.get(name, name) for name in encoding["y"]["sort"]]
    return {"encoding": encoding, "data": {"values": rows}, "height": (38 + LINE) * len(rows)}


def _figure(label: str) -> str:
    return label.partition("|")[2]


def _name_of(part: _Part) -> str:
    return next((name for name in NAMED if part.now and name in part.now[0]), "")


def _trails(part: _Part) -> Spec | None:
    x, y, name = part.field("x"), part.field("y"), _name_of(part)
    pairs = _pairs(part, name, figure=y)
    if not pairs:
        return None
    if not (_moved(pairs, x) or _moved(pairs, y)):
        return {}
    rows = [{**then, "x_now": now[x], "y_now": now[y]} for now, then in pairs]
    ends = {"x2": {"field": "x_now"}, "y2": {"field": "y_now"}}
    return _layer(part, {"type": "rule", "strokeWidth": 1.3}, rows, "x", "y", **ends)


def _layer(part: _Part, mark: Spec, rows: list[Row], *channels: str, **more: object) -> Spec:
    """Return a layer of the other run on the scales of a part, with its own line in the legend."""
    encoding = part.spec["encoding"]
    legend = {"symbolType": "stroke", "symbolStrokeWidth": 2, "labelLimit": 300, "title": None}
    if "strokeDash" in mark:
        legend["symbolDash"] = mark["strokeDash"]
    scale = {"domain": [part.label], "range": [COLOURS["text"]]}
    return {
        "data": {"values": rows},
        "mark": {**mark, "tooltip": None},
        "encoding": {
            **{each: encoding[each] for each in channels if each in encoding},
            # Not its colour: that of the chart has a scale and a legend of its own.
            "stroke": {"datum": part.label, "scale": scale, "legend": legend},
            **more,
        },
    }

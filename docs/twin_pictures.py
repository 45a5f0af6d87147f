"""The pictures of the page on the twin: real and simulated numbers side by side, as SVG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from docs.twin_numbers import Numbers
from offtake.report.drawing import COLOURS, chart_json
from offtake.twin.label import TWIN, Label
from offtake.validation.calibrate_demand import RESPONSES
from offtake.validation.likeness import STATISTICS
from offtake.validation.likeness_shelf import Bump

Row = dict[str, object]
REAL, SIMULATED, GIVEN = "real panel", "twin's panel (simulated)", "given to the twin"
SIDES = {REAL: COLOURS["neutral"], SIMULATED: COLOURS["marketing"], GIVEN: COLOURS["sales"]}
SHOWN = (
    "zero_share", "units_per_row", "overdispersion", "rate_sd", "store_sd", "pair_sd",
    "price_mean", "price_sd", "cut_mean", "display_share", "feature_share", "event_weeks_mean",
)  # fmt: skip
TITLES = {each.name: each.title for each in STATISTICS}
UNITS = {each.name: each.unit for each in STATISTICS}
SHORT = {
    "overdispersion": "variance over mean",
    "rate_sd": "spread of items, log",
    "store_sd": "spread of stores, log",
    "pair_sd": "spread of pairs beyond, log",
    "price_mean": "regular price, mean log",
    "price_sd": "regular price, spread, log",
    "cut_mean": "depth of price cuts, %",
    "event_weeks_mean": "run of supported weeks",
}
"""Titles that would not fit over a small panel."""
REACH = {
    "elasticity_regular": (-8.0, 5.0),
    "elasticity_promoted": (-3.5, 1.0),
    "display": (-1.0, 1.0),
    "feature": (-0.5, 1.0),
    "display_feature": (-1.2, 1.2),
}
"""What is drawn of a response; the largest errors reach beyond."""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BELOW = ("BAG SNACKS", "ORAL HYGIENE PRODUCTS")
"""Categories whose names would hide others' where they stand above."""
BUMP_PARTS = {
    "own_other_items": "own other items",
    "competitors": "competitors",
    "other_items": "other items",
    "other_weeks": "other weeks",
    "growth": "growth of the category",
}
PUBLISHED = {
    "published, four stores' weekly data": {"other_items": 1 / 3, "other_weeks": 1 / 3,
                                            "growth": 1 / 3},
    "published, daily item data": {"other_items": 0.22, "other_weeks": 0.06, "growth": 0.72},
}  # fmt: skip


def pictures(numbers: Numbers) -> dict[str, str]:
    """Return every picture of the page as SVG, by name."""
    label = Label(TWIN, numbers.spec.seed).text
    charts = {
        "round-trip": _round_trip(numbers),
        "responses": _responses(numbers),
        "season": _season(numbers),
        "outages": _outages(numbers),
        "bump": _bump(numbers.bump),
        "shoppers": _shoppers(numbers),
    }
    return {name: _svg(chart, label) for name, chart in charts.items()}


def _svg(chart: Any, label: str) -> str:  # noqa: ANN401
    import vl_convert

    record: dict[str, Any] = json.loads(chart_json(chart, label))
    del record["autosize"]  # a chart of several panels cannot follow the width of a page
    record["config"] |= {"background": COLOURS["card"], "aria": False}  # the page describes it
    record["title"]["text"] = "Simulated data beside real data"
    svg: str = vl_convert.vegalite_to_svg(json.dumps(record))
    return svg


def _values(rows: list[Row]) -> Any:  # noqa: ANN401
    import altair as alt

    return alt.InlineData(values=rows)


def _panels(charts: list[Any], columns: int) -> Any:  # noqa: ANN401
    import altair as alt

    return alt.concat(*charts, columns=columns, spacing=16)


def _title(text: str) -> Any:  # noqa: ANN401
    import altair as alt

    return alt.TitleParams(text, fontSize=11, fontWeight="normal", color=COLOURS["text"])


def _colour(names: tuple[str, ...]) -> Any:  # noqa: ANN401
    import altair as alt

    scale = alt.Scale(domain=list(names), range=[SIDES[name] for name in names])
    return alt.Color("side:N", scale=scale)


def _points(pairs: Any) -> list[Row]:  # noqa: ANN401
    return [{"real": _number(a), "twin": _number(b)} for a, b in pairs]


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _round_trip(numbers: Numbers) -> Any:  # noqa: ANN401
    """Draw a dot for every category; on the line the twin is as the real data are."""
    return _panels([_against(numbers, key) for key in SHOWN], 4)


def _against(numbers: Numbers, key: str) -> Any:  # noqa: ANN401
    import altair as alt

    scale = 100 if UNITS[key] == "%" else 1
    pairs = scale * np.array(
        [(numbers.real[n].numbers[key], numbers.twin[n].numbers[key]) for n in numbers.categories]
    )
    ends = _ends(pairs)
    axis = alt.Axis(tickCount=3, grid=False)
    upright = alt.Axis(tickCount=3, grid=False, minExtent=32, maxExtent=32)
    near = alt.Scale(domain=ends, nice=False)
    title = SHORT.get(key, TITLES[key] + (", %" if scale == 100 else ""))
    base = alt.Chart(width=150, height=150, title=_title(title)).encode(
        x=alt.X("real:Q", title="real", axis=axis, scale=near),
        y=alt.Y("twin:Q", title="simulated", axis=upright, scale=near),
    )
    line = base.mark_line(color=COLOURS["line"]).properties(
        data=_values(_points([(end, end) for end in ends]))
    )
    dots = base.mark_point(filled=True, size=35, color=COLOURS["marketing"])
    return alt.layer(line, dots.properties(data=_values(_points(pairs))))


def _ends(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = 0.05 * (high - low)
    return low - room, high + room


def _responses(numbers: Numbers) -> Any:  # noqa: ANN401
    """Draw estimates with two standard errors, of both panels, and what the twin was given."""
    return _panels([_response(numbers, key) for key in RESPONSES], 3)


def _response(numbers: Numbers, key: str) -> Any:  # noqa: ANN401
    import altair as alt

    sides = (REAL, SIMULATED, GIVEN)
    scale = alt.Scale(domain=REACH[key], nice=False)
    first = key in (RESPONSES[0], RESPONSES[3])
    axis = alt.Axis(labelLimit=150, grid=True, labels=first, minExtent=140 if first else 0)
    base = alt.Chart(
        _values(_response_rows(numbers, key)),
        width=190,
        height=alt.Step(8),
        title=_title(TITLES[key]),
    ).encode(
        y=alt.Y("category:N", title=None, axis=axis),
        yOffset=alt.YOffset("side:N", sort=list(sides)),
        color=_colour(sides),
    )
    return alt.layer(
        base.mark_rule(strokeWidth=1.5, clip=True).encode(
            x=alt.X("low:Q", title=None, axis=alt.Axis(tickCount=4), scale=scale), x2="high:Q"
        ),
        base.mark_point(filled=True, size=22, clip=True).encode(
            x=alt.X("value:Q", title=None, scale=scale)
        ),
    )


def _response_rows(numbers: Numbers, key: str) -> list[Row]:
    rows: list[Row] = []
    for name in numbers.categories:
        here: Row = {"category": name.capitalize()}
        for side, found in ((REAL, numbers.real[name]), (SIMULATED, numbers.twin[name])):
            value, error = found.numbers[key], found.errors[key]
            ends = {"low": _number(value - 2 * error), "high": _number(value + 2 * error)}
            rows.append({**here, "side": side, "value": _number(value), **ends})
        rows.append({**here, "side": GIVEN, "value": _number(numbers.given[name][key])})
    return rows


def _season(numbers: Numbers) -> Any:  # noqa: ANN401
    """Draw the weeks of both panels, and the season and holidays the twin was given."""
    return _panels([_year(numbers, name) for name in numbers.categories], 2)


def _year(numbers: Numbers, name: str) -> Any:  # noqa: ANN401
    import altair as alt

    lines = {
        REAL: numbers.real[name].weeks,
        SIMULATED: numbers.twin[name].weeks,
        GIVEN: numbers.calendar[name],
    }
    rows: list[Row] = [
        {"side": side, "week": week, "log": _number(value)}
        for side, values in lines.items()
        for week, value in enumerate(values, start=1)
    ]
    base = alt.Chart(_values(rows), width=360, height=90, title=_title(name.capitalize())).encode(
        x=alt.X(
            "week:Q",
            title=None,
            axis=alt.Axis(tickCount=6, grid=False),
            scale=alt.Scale(domain=(1, 52), nice=False),
        ),
        y=alt.Y("log:Q", title="log sales", axis=alt.Axis(tickCount=3, minExtent=32)),
        color=_colour(tuple(lines)),
    )
    return alt.layer(
        base.mark_line(strokeWidth=3, opacity=0.5).transform_filter(f"datum.side == '{GIVEN}'"),
        base.mark_line(strokeWidth=1.2).transform_filter(f"datum.side != '{GIVEN}'"),
    )


def _outages(numbers: Numbers) -> Any:  # noqa: ANN401
    """Draw how long out-of-stocks last, and on which weekdays they start."""
    import altair as alt

    sides = {"FreshRetailNet (real)": numbers.stock_real, "twin (simulated)": numbers.stock_twin}
    colours = alt.Scale(domain=list(sides), range=[COLOURS["neutral"], COLOURS["marketing"]])
    colour = alt.Color("side:N", scale=colours)
    lasts: list[Row] = [
        {"side": side, "hours": float(hours), "longer": _number(100 * longer)}
        for side, found in sides.items()
        for hours, longer in zip(found.hours, found.longer, strict=True)
        if hours <= 96
    ]
    days: list[Row] = [
        {"side": side, "day": day, "starts": _number(value)}
        for side, found in sides.items()
        for day, value in zip(WEEKDAYS, found.weekday, strict=True)
    ]
    left = alt.Chart(_values(lasts), width=300, height=190).mark_line(interpolate="step-after")
    right = alt.Chart(_values(days), width=260, height=190).mark_line(point=True)
    return alt.hconcat(
        left.encode(
            x=alt.X("hours:Q", title="open hours out of stock (16 make a day)"),
            y=alt.Y("longer:Q", title="% of out-of-stocks that last longer"),
            color=colour,
        ),
        right.encode(
            x=alt.X("day:O", sort=None, title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("starts:Q", title="starts, mean day 1", scale=alt.Scale(zero=False)),
            color=colour,
        ),
    )


def _bump(found: Bump) -> Any:  # noqa: ANN401
    import altair as alt

    twin = {name: getattr(found, name) for name in Bump.__slots__}
    bars: Mapping[str, Mapping[str, float]] = {"twin (simulated)": twin, **PUBLISHED}
    rows: list[Row] = [
        {"bar": bar, "part": title, "share": _number(100 * parts[name]), "place": place}
        for bar, parts in bars.items()
        for place, (name, title) in enumerate(BUMP_PARTS.items())
        if name in parts
    ]
    colours = [COLOURS["marketing"], "#b8749f", "#a35389", COLOURS["neutral"], COLOURS["sales"]]
    scale = alt.Scale(domain=list(BUMP_PARTS.values()), range=colours)
    return (
        alt.Chart(_values(rows), width=460, height=alt.Step(34))
        .mark_bar(stroke=COLOURS["card"])
        .encode(
            x=alt.X("share:Q", title="% of what the promoted items gain"),
            y=alt.Y("bar:N", sort=list(bars), title=None, axis=alt.Axis(labelLimit=230)),
            color=alt.Color("part:N", scale=scale),
            order=alt.Order("place:Q"),
        )
    )


def _shoppers(numbers: Numbers) -> Any:  # noqa: ANN401
    """Draw penetration against purchase frequency of every category on both panels."""
    import altair as alt

    names = {REAL: numbers.shoppers_real, SIMULATED: numbers.shoppers_twin}
    rows: list[Row] = [
        {
            "side": side, "category": name.capitalize(), "frequency": _number(each.frequency),
            "penetration": _number(100 * each.penetration), "below": name in BELOW,
        }
        for side, found in names.items()
        for name, each in found.items()
    ]  # fmt: skip
    base = alt.Chart(_values(rows), width=460, height=260).encode(
        x=alt.X("frequency:Q", title="purchases of a buyer in the year",
                scale=alt.Scale(type="log", nice=False, padding=40)),
        y=alt.Y("penetration:Q", title="% of households that buy", scale=alt.Scale(zero=False)),
        color=_colour((REAL, SIMULATED)),
    )  # fmt: skip
    names_at = (
        base.mark_text(dy=dy, fontSize=9)
        .transform_filter(f"datum.side == '{REAL}' && datum.below == {below}")
        .encode(text="category:N", color=alt.value(COLOURS["soft"]))
        for dy, below in ((-9, "false"), (11, "true"))
    )
    return alt.layer(
        base.mark_line(strokeWidth=0.7).encode(
            color=alt.value(COLOURS["line"]), detail="category:N"
        ),
        base.mark_point(filled=True, size=40),
        *names_at,
    )

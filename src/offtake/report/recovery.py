"""The picture of a verification: every estimate around the truth, and coverage against nominal.

It shows what :mod:`offtake.validation` worked out and computes no new numbers.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offtake.report.drawing import COLOURS, chart_json

if TYPE_CHECKING:
    from offtake.validation.harness import Verification
    from offtake.validation.scores import Score

Row = dict[str, object]

NAME = "recovery"
COLUMNS = 5
WIDTH = 170
MOST = 240
"""Points of height of a panel with many worlds; with few, each world gets some points."""
HOLDS, MISSES = "holds the truth", "misses it"
INSIDE, OUTSIDE = "nominal level in the range", "outside"
PNG_SCALE = 2


def caterpillar_rows(verification: Verification) -> list[Row]:
    """Return one row per world and quantity with an estimate: its error and two intervals."""
    titles = [_title(score) for score in verification.scores]
    return [
        {
            "quantity": titles[k],
            "world": each.number,
            "error": float(errors.estimate[k]),
            "low50": float(errors.lower[k, 0]),
            "high50": float(errors.upper[k, 0]),
            "low95": float(errors.lower[k, -1]),
            "high95": float(errors.upper[k, -1]),
            "held": HOLDS if errors.covers[k, -1] else MISSES,
        }
        for each in verification.replicates
        for errors in [each.estimates.less_truth()]
        for k in range(len(titles))
        if errors.usable[k]
    ]


def coverage_rows(verification: Verification) -> list[Row]:
    """Return one row per quantity and level: coverage with its binomial range."""
    return [
        {
            "quantity": _title(score),
            "level": each.level,
            "coverage": each.share,
            "low": each.low,
            "high": each.high,
            "kept": INSIDE if each.nominal_inside else OUTSIDE,
        }
        for score in verification.scores
        for each in score.coverage
    ]


def _title(score: Score) -> str:
    return score.quantity + (f" ({score.failed} failed)" if score.failed else "")


def recovery_chart(verification: Verification) -> str:
    """Return the picture as Vega-Lite JSON, labelled as simulated."""
    import altair as alt

    titles = [_title(score) for score in verification.scores]
    both = alt.vconcat(
        _caterpillars(caterpillar_rows(verification), titles, len(verification.replicates)),
        _coverages(verification, titles),
        spacing=24,
    ).resolve_scale(color="independent")
    record: dict[str, Any] = json.loads(chart_json(both, verification.label))
    del record["autosize"]  # a chart of several panels cannot follow the width of a page
    record["config"]["background"] = COLOURS["card"]
    record["title"]["text"] = f"Simulated data: {verification.trial.name}"
    record["title"]["subtitle"].append(verification.trial.holds)
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def write_recovery(verification: Verification, folder: Path) -> tuple[Path, ...]:
    """Write the picture as ``recovery.json`` (Vega-Lite), ``.svg`` and ``.png``."""
    import vl_convert

    spec = recovery_chart(verification)
    paths = tuple(folder / f"{NAME}.{kind}" for kind in ("json", "svg", "png"))
    paths[0].write_text(f"{spec}\n", encoding="utf-8")
    paths[1].write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
    paths[2].write_bytes(vl_convert.vegalite_to_png(spec, scale=PNG_SCALE))
    return paths


def _caterpillars(rows: list[Row], titles: list[str], worlds: int) -> Any:  # noqa: ANN401
    """Draw the worlds of every quantity in the order of their errors."""
    import altair as alt

    colours = alt.Scale(domain=[HOLDS, MISSES], range=[COLOURS["neutral"], COLOURS["marketing"]])
    height = min(MOST, 60 + 6 * worlds)
    base = (
        alt.Chart(height=height, width=WIDTH)
        .transform_window(place="row_number()", sort=[alt.SortField("error")], groupby=["quantity"])
        .encode(
            y=alt.Y("place:Q", axis=None),
            color=alt.Color("held:N", scale=colours, legend=alt.Legend(title="95 % interval")),
        )
    )
    thick = 3 if worlds <= height // 4 else 1.5
    layers = (
        alt.Chart().mark_rule(color=COLOURS["text"]).encode(x=alt.datum(0)),
        base.mark_rule(strokeWidth=thick / 3).encode(x=_error("low95"), x2="high95:Q"),
        base.mark_rule(strokeWidth=thick).encode(x=_error("low50"), x2="high50:Q"),
        base.mark_point(filled=True, size=8, color=COLOURS["text"]).encode(
            x=_error("error"), color=alt.value(COLOURS["text"])
        ),
    )
    return _facet(layers, rows, titles).resolve_scale(x="independent")


def _error(column: str) -> Any:  # noqa: ANN401
    import altair as alt

    return alt.X(f"{column}:Q", title="estimate less truth", axis=alt.Axis(tickCount=4))


def _coverages(verification: Verification, titles: list[str]) -> Any:  # noqa: ANN401
    """Draw coverage with its binomial range against the nominal level."""
    import altair as alt

    colours = alt.Scale(domain=[INSIDE, OUTSIDE], range=[COLOURS["sales"], COLOURS["marketing"]])
    levels = [each.level for each in verification.scores[0].coverage]
    base = alt.Chart(height=130, width=WIDTH).encode(
        x=alt.X(
            "level:Q",
            title="nominal level",
            axis=alt.Axis(values=levels, format=".0%"),
            scale=alt.Scale(domain=[0.4, 1.0]),
        ),
        color=alt.Color("kept:N", scale=colours, legend=alt.Legend(title="coverage")),
    )
    nominal = base.mark_line(color=COLOURS["line"], strokeWidth=2).encode(
        y="level:Q", color=alt.value(COLOURS["line"])
    )
    layers = (
        nominal,
        base.mark_rule(strokeWidth=3, opacity=0.5).encode(y=_share("low"), y2="high:Q"),
        base.mark_point(filled=True, size=40).encode(y=_share("coverage")),
    )
    return _facet(layers, coverage_rows(verification), titles)


def _share(column: str) -> Any:  # noqa: ANN401
    import altair as alt

    axis = alt.Axis(format=".0%", tickCount=5)
    return alt.Y(f"{column}:Q", title="coverage", axis=axis, scale=alt.Scale(zero=False))


def _facet(layers: tuple[Any, ...], rows: list[Row], titles: list[str]) -> Any:  # noqa: ANN401
    import altair as alt

    header = alt.Header(title=None, labelColor=COLOURS["text"], labelFontSize=12)
    columns = _columns(len(titles))
    return alt.layer(*layers, data=alt.InlineData(values=rows)).facet(
        facet=alt.Facet("quantity:N", sort=titles, header=header), columns=columns
    )


def _columns(count: int) -> int:
    """Return how many panels stand in a row, so that the rows are about equally long."""
    return math.ceil(count / max(1, math.ceil(count / COLUMNS)))

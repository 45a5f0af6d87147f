"""Charts of one run with those of another behind them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from offtake.report.chart_against import Behind, chart_beside
from offtake.report.drawing import COLOURS, chart_json, inline, waterfall

Rows = list[dict[str, Any]]
WEEK, VALUE = {"field": "week", "type": "temporal"}, {"field": "value", "type": "quantitative"}


def spec(rows: Rows, mark: object, **channels: object) -> str:
    return json.dumps({
        "data": {"name": "rows"}, "mark": mark, "encoding": channels, "datasets": {"rows": rows},
        "width": "container",
    })  # fmt: skip


def line(values: list[float], *, kind: str = "") -> str:
    rows = [
        {"week": f"2025-01-{day + 1:02}", "value": value, "kind": kind}
        for day, value in enumerate(values)
    ]
    colour = {"field": "kind", "type": "nominal"}
    mark = {"type": "line", "interpolate": "step"}
    return spec(rows, mark, x=WEEK, y=VALUE, color=colour, tooltip=[VALUE])


def compared(now: str, then: str) -> Behind:
    found = chart_beside(now, then, "the run before", "bilo {}")
    assert found is not None
    return found


def layers(found: Behind) -> list[dict[str, Any]]:
    drawn: list[dict[str, Any]] = json.loads(found.text)["layer"]
    return drawn


def test_weeks_that_were_restated_get_a_dotted_line() -> None:
    now, then = line([10, 12, 14]), line([10, 9, 14])
    one, behind = layers(compared(now, then))
    assert one["mark"]["type"] == "line"
    assert behind["mark"]["strokeDash"] == [2, 2]
    assert behind["mark"]["interpolate"] == "step"
    assert [row["value"] for row in behind["data"]["values"]] == [10, 9, 14]
    assert behind["encoding"]["detail"] == [{"field": "kind", "type": "nominal"}]
    assert behind["encoding"]["stroke"]["datum"] == "the run before"


def test_the_legend_names_the_other_run_and_leaves_that_of_the_chart_alone() -> None:
    _one, behind = layers(compared(line([10, 12]), line([10, 9])))
    assert behind["encoding"]["stroke"]["legend"]["symbolDash"] == [2, 2]
    assert behind["encoding"]["stroke"]["scale"]["domain"] == ["the run before"]
    assert "color" not in behind["encoding"]


def test_only_weeks_of_both_runs_are_drawn() -> None:
    _one, behind = layers(compared(line([10, 12, 14]), line([10, 9])))
    assert [row["week"] for row in behind["data"]["values"]] == ["2025-01-01", "2025-01-02"]


def test_a_chart_that_shows_the_same_stays_as_it_was() -> None:
    now = line([10, 12, 14])
    assert compared(now, line([10, 12])) == Behind(now, same=True)


def test_what_nobody_would_see_is_no_difference() -> None:
    assert compared(line([0, 1000]), line([0, 1001])).same


def test_a_flat_line_that_moved_is_a_difference() -> None:
    assert not compared(line([10, 10]), line([20, 20])).same


@pytest.mark.parametrize(
    "then",
    [line([]), line([1], kind="another"), spec([{"week": "2025-01-01"}], "bar", x=WEEK, y=VALUE)],
    ids=["no rows", "other rows", "another kind of chart"],
)
def test_what_cannot_be_compared_is_not(then: str) -> None:
    assert chart_beside(line([10, 12]), then, "") is None


def test_bars_of_weeks_get_a_short_line_at_what_they_were() -> None:
    def bars(value: float) -> str:
        rows = [{"week": "2025-01-06", "next": "2025-01-13", "value": value}]
        return spec(rows, "bar", x=WEEK, x2={"field": "next"}, y=VALUE, y2={"datum": 0})

    _one, behind = layers(compared(bars(5), bars(8)))
    assert behind["mark"]["type"] == "rule"
    assert set(behind["encoding"]) == {"x", "x2", "y", "stroke"}
    assert behind["data"]["values"][0]["value"] == 8


def test_bars_of_stages_get_a_mark_each() -> None:
    def bars(*values: float) -> str:
        rows = [
            {"stage": "Know it", "brand": b, "value": v} for b, v in zip("AB", values, strict=True)
        ]
        stage = {"field": "stage", "type": "nominal"}
        brand = {"field": "brand", "type": "nominal"}
        return spec(rows, {"type": "bar"}, x=VALUE, y=stage, yOffset=brand)

    _one, behind = layers(compared(bars(50, 40), bars(45, 40)))
    assert behind["mark"]["type"] == "tick"
    assert [(row["brand"], row["value"]) for row in behind["data"]["values"]] == [
        ("A", 45),
        ("B", 40),
    ]


def steps(*labels: str) -> str:
    rows = [
        {"part": text.partition("|")[0], "value": 1.0, "whole": False, "label": text}
        for text in labels
    ]
    return chart_json(waterfall(inline(rows), 38 * len(rows), "units", "sales"))


def test_bars_with_their_figure_say_what_it_was() -> None:
    drawn = json.loads(compared(steps("Price|+5", "Range|+2"), steps("Price|+3", "Gone|+1")).text)
    _zero, bars = drawn["layer"]
    assert [row["label"] for row in bars["data"]["values"]] == ["Price|+5|bilo +3", "Range|+2"]
    assert drawn["height"] > 2 * 38, "three lines need more room than two"


def test_the_order_of_bars_knows_their_longer_names() -> None:
    def bars(text: str) -> str:
        label = {"field": "label", "type": "nominal", "sort": [text]}
        return spec([{"label": text, "value": 1}], "bar", x=VALUE, y=label)

    drawn = json.loads(compared(bars("East|97%"), bars("East|95%")).text)
    assert drawn["encoding"]["y"]["sort"] == ["East|97%|bilo 95%"]


def test_points_come_from_where_they_were() -> None:
    def points(place: float) -> str:
        rows = [{"item": "A", "x": place, "y": 1.0}, {"item": "B", "x": 9.0, "y": 2.0}]
        x, y = {"field": "x", "type": "quantitative"}, {"field": "y", "type": "quantitative"}
        return spec(rows, "point", x=x, y=y)

    _one, behind = layers(compared(points(5), points(3)))
    row = behind["data"]["values"][0]
    assert (row["x"], row["x_now"]) == (3, 5)
    assert behind["encoding"]["x2"] == {"field": "x_now"}


def test_what_it_draws_has_a_colour_that_pages_know() -> None:
    _one, behind = layers(compared(line([10, 12]), line([10, 9])))
    assert behind["encoding"]["stroke"]["scale"]["range"] == [COLOURS["text"]]


def test_a_scale_of_its_own_stays_with_its_layer() -> None:
    def two(value: float) -> str:
        one = json.loads(line([1, value]))
        other = json.loads(line([1000, 2000]))
        sets = {"a": one.pop("datasets")["rows"], "b": other.pop("datasets")["rows"]}
        one["data"], other["data"] = {"name": "a"}, {"name": "b"}
        return json.dumps({"layer": [one, other], "datasets": sets,
                           "resolve": {"scale": {"y": "independent"}}})  # fmt: skip

    first, second = layers(compared(two(2), two(3)))
    assert [each["mark"]["type"] for each in first["layer"]] == ["line", "line"]
    assert "layer" not in second

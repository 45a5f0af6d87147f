"""The scoreboard as one HTML file that needs nothing but itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from offtake.report import story
from offtake.report.charts import COLOURS
from offtake.report.exhibits import absent, absent_words, source_line
from offtake.report.run import Run
from offtake.report.sections import sections
from offtake.report.words import (
    MINUS,
    against_label,
    days_label,
    moment_label,
    name_of,
    simulated_warning,
    weeks_label,
)

if TYPE_CHECKING:
    from jinja2 import Environment

_BUNDLE = "window.vegaEmbed = vegaEmbed;"


def render_scoreboard(run: Run) -> str:
    """Return the scoreboard of a run as HTML.

    The file holds its own style, script, chart library and data; it reaches for nothing. Figures
    are written as they stand in the run's tables: nothing is worked out here.

    Parameters
    ----------
    run
        From :func:`offtake.pipeline.run.read_run`.

    Returns
    -------
    str
        A complete HTML document.
    """
    specs = run.charts()
    frame = run.manifest.frame
    page = _environment().get_template("scoreboard.html.j2")
    return page.render(
        frame=frame,
        simulated=simulated_warning(frame),
        whose=name_of(frame.manufacturer),
        days=days_label(frame.first_week, frame.last_week),
        weeks=weeks_label(frame.first_week, frame.last_week),
        against=against_label(frame),
        before_days=days_label(frame.before_first_week, frame.before_last_week),
        data_weeks=weeks_label(frame.data_first_week, frame.data_last_week),
        vintage=moment_label(max((load.vintage for load in run.manifest.loads), default="")),
        source=source_line(run, run.table_names),
        warned=any(each.label for each in run.manifest.passports.values()),
        headline=story.headline(run),
        sections=sections(run, tuple(specs)),
        absent=absent(run),
        absent_words=absent_words(run),
        manifest=run.manifest,
        created=moment_label(run.manifest.created),
        passports=sorted(run.manifest.passports.values(), key=lambda each: each.title),
        moment=moment_label,
        specs=_for_script(specs),
        colours=_for_script(COLOURS),
        bundle=_chart_library() if specs else "",
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("offtake.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["unbroken"] = _unbroken
    return environment


def _unbroken(text: str) -> str:
    """Keep a sign on the line of its number."""
    return text.replace(MINUS, f"{MINUS}\N{WORD JOINER}")


def _for_script(values: Mapping[str, str]) -> str:
    """Return values as JSON that cannot end the script element it stands in."""
    return json.dumps(dict(values), ensure_ascii=False).replace("<", "\\u003c")


@cache
def _chart_library() -> str:
    """Return the chart library as one script, from the package that carries it."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle(_BUNDLE)
    return bundle.replace("</script", "<\\/script")

"""The scoreboard as one HTML file that needs nothing but itself."""

from __future__ import annotations

from offtake.report import story
from offtake.report.drawing import COLOURS
from offtake.report.exhibits import absent, absent_words, source_line
from offtake.report.page import chart_library, environment, for_script
from offtake.report.run import Run
from offtake.report.sections import sections
from offtake.report.words import (
    against_label,
    days_label,
    moment_label,
    name_of,
    simulated_warning,
    weeks_label,
)


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
    page = environment().get_template("scoreboard.html.j2")
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
        promotions="promotion_events" in run.table_names,
        availability="availability_alerts" in run.table_names,
        shoppers=any(name.startswith("shopper_") for name in run.table_names),
        manifest=run.manifest,
        created=moment_label(run.manifest.created),
        passports=sorted(run.manifest.passports.values(), key=lambda each: each.title),
        moment=moment_label,
        specs=for_script(specs),
        colours=for_script(dict(COLOURS)),
        bundle=chart_library() if specs else "",
    )

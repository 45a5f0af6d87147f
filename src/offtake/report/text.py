"""A run in a few lines for a terminal."""

from __future__ import annotations

import textwrap

from offtake.report import story
from offtake.report.exhibits import OPTIONAL, Charted, absent, absent_words, source_line
from offtake.report.field import field_groups
from offtake.report.minds import mind_groups
from offtake.report.run import Run
from offtake.report.words import (
    against_label,
    moment_label,
    name_of,
    simulated_warning,
    weeks_label,
)

WIDTH = 88


def summary(run: Run) -> str:
    """Return what moved and through what, in plain words.

    Parameters
    ----------
    run
        From :func:`offtake.pipeline.run.read_run`.

    Returns
    -------
    str
        Lines of at most 88 characters.
    """
    frame = run.manifest.frame
    weeks = weeks_label(frame.first_week, frame.last_week)
    title = f"{name_of(frame.manufacturer)} in {frame.category}: {story.period(run)} ({weeks})"
    paragraphs = [
        simulated_warning(frame),
        story.headline(run),
        story.through(run, "households_decomposition"),
        story.through(run, "stores_decomposition"),
        _side("For marketing", story.marketing(run)),
        *(_side(each.title, each.sentence) for each in mind_groups(Charted(run=run))),
        _side("For sales", story.sales(run)),
        *(_side(each.title, each.sentence) for each in field_groups(Charted(run=run))),
        _missing(run),
        _absent(run),
        f"Source: {source_line(run, run.table_names)}. Data loaded "
        f"{moment_label(max((load.vintage for load in run.manifest.loads), default=''))}; "
        f"compared with {against_label(frame)}.",
    ]
    return "\n".join([title, "", *(_wrapped(text) for text in paragraphs if text)])


def _side(name: str, text: str) -> str:
    return f"{name}: {text}" if text else ""


def _missing(run: Run) -> str:
    """Name the tables to load for what could not be shown."""
    gaps = [gap for gap in run.manifest.gaps if not OPTIONAL.keys() & set(gap.load)]
    wanted = sorted({name for gap in gaps for name in gap.load})
    if not wanted:
        return ""
    commands = ", ".join(f"offtake load FILE --as {name}" for name in wanted)
    return f"Not shown yet: {len(gaps)} tables. To see them: {commands}."


def _absent(run: Run) -> str:
    """Name the subjects that nothing was loaded for."""
    names = absent(run)
    if not names:
        return ""
    return (
        f"Not in these data: {absent_words(run)}. To see them: offtake load FILE --as TABLE, with "
        f"TABLE one of {', '.join(names)}."
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)

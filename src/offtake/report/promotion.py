"""Was the promotion a bad idea, or badly executed? One page that answers it."""

from __future__ import annotations

from dataclasses import dataclass

from offtake.data.contracts.simulated import warning
from offtake.report.drawing import COLOURS
from offtake.report.page import SCOREBOARD, chart_library, environment, for_script
from offtake.report.promotion_answer import SHOWN, PromotionAnswer
from offtake.report.promotion_charts import promotion_charts
from offtake.report.promotion_grids import (
    Listed,
    event_columns,
    headings,
    promotions,
    responses,
    results,
    retailers,
    shared,
    tiles,
)
from offtake.report.promotion_picture import cell, expanded, pictures
from offtake.report.promotion_terms import TERMS
from offtake.report.promotion_words import VERDICTS, break_even, headline, sentence
from offtake.report.run import Row
from offtake.report.words import days_label, moment_label, name_of, weeks_label


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not loaded, what would be seen with it, and how to load it."""

    text: str
    commands: tuple[str, ...]


def render_promotions(answer: PromotionAnswer) -> str:
    """Return the answer about a category's promotions as HTML.

    The file holds its own style, script, chart library and data; it reaches for nothing. Figures
    are written as they stand in the tables: nothing is worked out here.

    Parameters
    ----------
    answer
        The tables, and whose they are.

    Returns
    -------
    str
        A complete HTML document.
    """
    found = pictures(answer)
    first = next(iter(found["pictures"].items()), None)
    events = promotions(answer)
    page = environment().get_template("promotions.html.j2")
    return page.render(
        answer=answer,
        others=[("Scoreboard", SCOREBOARD)],
        whose=name_of(answer.manufacturer) or "All manufacturers",
        period=period(answer.events),
        simulated=warning(answer.simulated),
        created=moment_label(answer.created),
        headline=headline(answer),
        tiles=tiles(answer),
        results=results(answer),
        break_even=break_even(answer),
        missing=missing(answer),
        notes=[row["note"] for row in answer.rows("promotion_notes")],
        events=events,
        cut=_cut(answer),
        headings=headings(event_columns(answer), answer.currency),
        retailers=sorted({each.retailer for each in events}),
        verdicts=_verdicts(events),
        first=first[0] if first else "",
        picture=first[1] if first else {},
        rows=expanded(found, first[1]) if first else {},
        cell=cell,
        responses=responses(answer),
        by_retailer=retailers(answer),
        shared=shared(answer),
        terms=TERMS,
        pictures=for_script(found),
        specs=for_script(dict(promotion_charts(answer.simulated))) if first else "{}",
        colours=for_script(dict(COLOURS)),
        bundle=chart_library() if first else "",
    )


def period(events: list[Row]) -> tuple[str, str]:
    """Return the days and the weeks from the first promotion to the last; empty without any."""
    if not events:
        return "", ""
    first = min(str(row["first_week"])[:10] for row in events)
    last = max(str(row["last_week"])[:10] for row in events)
    return days_label(first, last), weeks_label(first, last)


def missing(answer: PromotionAnswer) -> tuple[Missing, ...]:
    """Say what to load for answers that cannot be given yet."""
    if not answer.events:
        return (
            Missing("Promotions show once they are loaded.", ("promotion",)),
        )  # fmt: skip
    found = []
    if not answer.planned:
        found.append(Missing(
            "No plan is known, so the three results are one and the same. They come apart once "
            "planned promotions are loaded: rows of the promotion table with status planned.",
            ("promotion",),
        ))  # fmt: skip
    if not answer.margined:
        found.append(Missing(
            "No promotion has a margin, so there are no returns and no verdicts. Load what a unit "
            "earns, and what promotions cost.",
            ("unit_margin", "promotion_cost"),
        ))  # fmt: skip
    elif not answer.costed:
        found.append(Missing(
            "Margins are known, but not what promotions cost, so there are no returns and no "
            "verdicts. The incremental margin says what each was worth at most; load what they "
            "cost.",
            ("promotion_cost",),
        ))  # fmt: skip
    return tuple(found)


def _cut(answer: PromotionAnswer) -> str:
    count = len(answer.events)
    if count <= SHOWN:
        return ""
    return (
        f"The {SHOWN} with the largest gain of {count:,} promotions; all of them are in the table "
        "promotion_events."
    )


def _verdicts(events: tuple[Listed, ...]) -> dict[str, str]:
    seen = {each.verdict for each in events}
    return {verdict: name for verdict, name in VERDICTS.items() if verdict in seen}


__all__ = ["PromotionAnswer", "render_promotions", "sentence"]

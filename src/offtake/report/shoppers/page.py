"""Is demand growing, and who came back? One page on shoppers, campaigns and the brand."""

from __future__ import annotations

from offtake.data.contracts.simulated import warning
from offtake.models.shoppers.answer import LEFT_OUT
from offtake.report.drawing import COLOURS, chart_json
from offtake.report.exhibits import Group
from offtake.report.page import (
    AVAILABILITY,
    PROMOTIONS,
    SCOREBOARD,
    chart_library,
    environment,
    for_script,
)
from offtake.report.shoppers.answer import ShopperAnswer, note_of
from offtake.report.shoppers.campaigns import campaign_charts, campaign_group
from offtake.report.shoppers.customers import customer_charts, customer_group
from offtake.report.shoppers.funnel import funnel_charts, funnel_group
from offtake.report.shoppers.norms import norm_charts, norm_group
from offtake.report.shoppers.terms import TERMS
from offtake.report.shoppers.trends import trend_charts, trend_group
from offtake.report.shoppers.won import won_charts, won_group
from offtake.report.words import moment_label, name_of

NAMES = {
    "norms": "Size and loyalty", "customers": "Customers", "won": "How won",
    "campaigns": "Campaigns", "funnel": "Funnel", "trends": "Trends",
}  # fmt: skip
"""What subjects are called where there is little room."""
GROUPS = (norm_group, customer_group, won_group, campaign_group, funnel_group, trend_group)
CHARTS = (norm_charts, customer_charts, won_charts, campaign_charts, funnel_charts, trend_charts)
"""Every subject of the page, in its order."""


def render_shoppers(answer: ShopperAnswer) -> str:
    """Return the answer about the shoppers of a category as HTML.

    The file holds its own style, script and data; it reaches for nothing. Figures are written as
    they stand in the tables: nothing is worked out here.

    Parameters
    ----------
    answer
        The tables, and whose they are.

    Returns
    -------
    str
        A complete HTML document.
    """
    groups = groups_of(answer)
    charts = charts_of(answer)
    page = environment().get_template("shoppers.html.j2")
    return page.render(
        answer=answer,
        others=[("Availability", AVAILABILITY), ("Promotions", PROMOTIONS),
                ("Scoreboard", SCOREBOARD)],
        whose=name_of(answer.manufacturer) or "All brands",
        period=answer.period,
        simulated=warning(answer.simulated),
        created=moment_label(answer.created),
        headline=headline(groups),
        tiles=(),
        notes=notes_of(answer),
        groups=groups,
        names=NAMES,
        tables=", ".join(sorted(answer.tables)),
        specs=for_script(charts),
        colours=for_script(dict(COLOURS)),
        bundle=chart_library() if charts else "",
        terms=TERMS,
    )  # fmt: skip


def groups_of(answer: ShopperAnswer) -> tuple[Group, ...]:
    """Return the subjects that there are tables for."""
    return tuple(group for build in GROUPS if (group := build(answer)).filled)


def charts_of(answer: ShopperAnswer) -> dict[str, str]:
    """Return every chart of the page as Vega-Lite JSON, by name."""
    drawn = {name: chart for build in CHARTS for name, chart in build(answer).items()}
    return {name: chart_json(chart, answer.simulated) for name, chart in drawn.items()}


def headline(groups: tuple[Group, ...]) -> str:
    """Say what the page comes to: the sentence of its first subject that has one."""
    return next((each.sentence for each in groups if each.sentence), "Nothing is known yet.")


def notes_of(answer: ShopperAnswer) -> list[str]:
    """Return what to beware of, each note once, subject after subject."""
    names = sorted(name for name in answer.tables if name.endswith("_notes"))
    left_out = [
        f"{NAMES.get(row['subject'], row['subject'])}: {row['reason']}"
        for row in answer.rows(LEFT_OUT)
    ]
    notes = [note_of(row) for name in names for row in answer.rows(name)]
    return list(dict.fromkeys([*left_out, *notes]))

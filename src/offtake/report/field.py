"""Sales' own subjects on the scoreboard: the shelf, the notes from the field, and the teams."""

from __future__ import annotations

from dataclasses import replace

from offtake.measures.dimensions import NOT_STATED
from offtake.measures.people import SMALLEST_GROUP
from offtake.report.exhibits import Charted, Group, kept, spec, tables_of
from offtake.report.figures import By, Grid, Spec, competition, listing, single_tiles, valued
from offtake.report.run import Row, Run
from offtake.report.words import amount

SHELF = (
    spec("availability_time", "Availability, by the clock", "percent"),
    spec("availability_shopper", "Availability, by shoppers", "percent"),
    spec("availability_audit", "Availability, by visits", "percent"),
    spec("weeks_of_cover", "Weeks of cover", "weeks", style="tenth"),
    spec("share_of_shelf", "Share of shelf", "percent"),
    spec("display_found", "Agreed displays seen", "percent"),
    spec("display_days", "Agreed display days kept", "percent"),
)
BY_RETAILER = (
    spec("availability_time_by_retailer", "Availability, by the clock", "percent"),
    spec("availability_audit_by_retailer", "Availability, by visits", "percent"),
    spec("weeks_of_cover_by_retailer", "Weeks of cover", "weeks", style="tenth"),
    spec("share_of_shelf_by_retailer", "Share of shelf", "percent"),
    spec("display_found_by_retailer", "Agreed displays seen", "percent"),
    spec("display_days_by_retailer", "Agreed display days kept", "percent"),
)
SPACE = (
    spec("share_of_shelf", "Share of shelf", "percent"),
    spec("share_of_shelf_cm", "Share of shelf width", "percent"),
    spec("value_share", "Value share", "percent"),
    spec("display_by_maker", "Agreed displays seen", "percent"),
)
WEEKLY_SHELF = ("weekly_availability_time", "weekly_availability_audit")
NOTES = (
    spec("notes_count", "Notes", "count"),
    spec("answer_rate", "Answered in time", "percent"),
    spec("answer_time_median", "Hours to an answer, median", "hours"),
    spec("answer_time_p90", "Hours to an answer, nine in ten", "hours"),
)
TEAMS = (
    spec("quota_attainment", "Target attainment", "percent"),
    spec("quota_share_at_100", "People at 100 % of target", "percent"),
    spec("over_assignment", "Over-assignment", "ratio"),
    spec("headcount", "Headcount", "persons"),
    spec("staff_turnover", "Staff turnover, a year", "percent"),
    spec("staff_turnover_voluntary", "Of it voluntary", "percent"),
)
TARGETS = (
    spec("quota_attainment_by_team", "Target attainment", "percent"),
    spec("quota_share_at_100_by_team", "People at 100 % of target", "percent"),
)
STAFF = (
    spec("headcount_by_team", "Headcount", "persons"),
    spec("staff_turnover_by_team", "Staff turnover, a year", "percent"),
    spec("staff_turnover_voluntary_by_team", "Of it voluntary", "percent"),
)
TEAM = By(column="team", heading="Team")
TOPIC = By(
    column="topic", heading="Topic", label=lambda row: topic_name(row["topic"]), largest="value"
)


def field_groups(of: Charted) -> tuple[Group, ...]:
    """Return the groups on the shelf, the notes and the teams, those that there are data for."""
    return tuple(group for group in (_shelf(of), _notes(of), _teams(of)) if group.filled)


def _shelf(of: Charted) -> Group:
    exhibits = [
        of.exhibit(
            "Availability by week",
            WEEKLY_SHELF,
            text="Per cent of our items that were on shelf: by the clock, of the hours that stores "
            "with stock records were open; by visits, of the target items that were checked. The "
            "axis does not start at zero.",
            chart="weekly_availability",
            wide=True,
        ),
        of.exhibit(
            "On the shelf, by retailer",
            tables_of(BY_RETAILER),
            grid=listing(of.run, "Availability, space and displays by retailer", RETAILER,
                         BY_RETAILER),
            wide=True,
        ),
        of.exhibit(
            "Space and displays, against the main competitors",
            tables_of(SPACE),
            text="Shelf space that visits counted, against value sales in all stores.",
            grid=_space(of.run),
            wide=True,
        ),
    ]  # fmt: skip
    return Group(
        key="shelf",
        title="On the shelf",
        sentence=_shelf_sentence(of.run),
        tiles=single_tiles(of.run, SHELF),
        exhibits=kept(exhibits),
    )


RETAILER = By(column="retailer", heading="Retailer")


def _space(run: Run) -> Grid | None:
    """Set shelf against sales; without shelf space there is nothing to set against sales."""
    if not valued(run, SPACE[:1]):
        return None
    return competition(run, "Share of shelf and of sales", valued(run, SPACE))


def _shelf_sentence(run: Run) -> str:
    clock, visits, displays = (
        _only(run, table) for table in ("availability_time", "availability_audit", "display_found")
    )
    parts = []
    if clock:
        parts.append(
            f"By the stock records it was on the shelf {amount(clock['value'], 'percent')} of the "
            "time that stores were open."
        )
    if visits:
        parts.append(
            f"Visits found {amount(visits['value'], 'percent')} of the "
            f"{amount(visits['items_checked'], 'count')} target items they checked."
        )
    if displays and displays["displays_agreed"]:
        parts.append(
            f"Of {amount(displays['displays_agreed'], 'count')} agreed displays, "
            f"{amount(displays['value'], 'percent')} were seen on the floor."
        )
    return " ".join(parts)


def _only(run: Run, table: str) -> Row:
    """Return the row of a table that has one, with a figure in it; otherwise nothing."""
    rows = run.rows(table)
    return rows[0] if len(rows) == 1 and rows[0]["value"] is not None else {}


def _notes(of: Charted) -> Group:
    exhibits = [
        of.exhibit(
            f"Notes by {by.column}",
            tables_of(specs),
            grid=listing(
                of.run, "Notes, those answered in time, and hours to an answer", by, specs
            ),
        )
        for by, specs in ((TEAM, _by("team")), (TOPIC, _by("topic")))
    ]
    return Group(
        key="notes",
        title="Notes from the field",
        sentence=_notes_sentence(of.run),
        tiles=single_tiles(of.run, NOTES),
        exhibits=kept(exhibits),
    )


def _by(column: str) -> tuple[Spec, ...]:
    return tuple(
        replace(
            each,
            table=f"{each.table}_by_{column}",
            heading=each.heading.removeprefix("Hours to an answer, ").capitalize(),
        )
        for each in NOTES
    )


def topic_name(topic: str) -> str:
    """Write a topic for people.

    Examples
    --------
    >>> topic_name("out_of_stock"), topic_name("(not stated)")
    ('Out of stock', 'Topic not stated')
    """
    return "Topic not stated" if topic == NOT_STATED else topic.replace("_", " ").capitalize()


def _notes_sentence(run: Run) -> str:
    count, rate, time = (
        _only(run, table) for table in ("notes_count", "answer_rate", "answer_time_median")
    )
    if not count or not count["value"]:
        return ""
    text = f"Salespeople wrote {amount(count['value'], 'count')} notes, in all categories"
    if rate:
        text += f"; {amount(rate['value'], 'percent')} of those due were answered in time"
    if time:
        text += f", half of the answers within {amount(time['value'], 'hours')} hours"
    return f"{text}."


def _teams(of: Charted) -> Group:
    exhibits = [
        of.exhibit(
            "Targets by team",
            tables_of(TARGETS),
            text="What was reached of what was asked; the line is 100 %.",
            chart="targets",
            grid=listing(of.run, "Targets by team", target_lines(of.run), TARGETS),
        ),
        of.exhibit(
            "People by team",
            tables_of(STAFF),
            text="A sign of load on a team, never of a person. Rates of fewer than "
            f"{SMALLEST_GROUP} people are not shown.",
            grid=listing(of.run, "Headcount and turnover by team", TEAM, STAFF),
        ),
    ]
    return Group(
        key="teams",
        title="Targets and teams",
        sentence=_teams_sentence(of.run),
        tiles=single_tiles(of.run, TEAMS),
        exhibits=kept(exhibits),
    )


def target_lines(run: Run) -> By:
    """Return what the lines of a table of targets are: teams, or teams and metrics."""
    metrics = {row["metric"] for row in run.rows("quota_attainment_by_team")}
    if len(metrics) < 2:
        return TEAM
    return By(column="team", heading="Team", label=lambda row: f"{row['team']}, {row['metric']}")


def _teams_sentence(run: Run) -> str:
    reached, over, turnover = (
        _only(run, table) for table in ("quota_attainment", "over_assignment", "staff_turnover")
    )
    parts = []
    if reached:
        parts.append(f"Teams reached {amount(reached['value'], 'percent')} of their targets.")
    if over:
        parts.append(
            f"Personal targets add up to {amount(over['value'], 'ratio')} times the company's."
        )
    if turnover:
        parts.append(f"Staff turnover is {amount(turnover['value'], 'percent')} a year.")
    return " ".join(parts)

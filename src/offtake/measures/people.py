"""Targets and people, by team: never by person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import ibis

from offtake.errors import BadInputError
from offtake.measures.dimensions import Kind, of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, condition, grouped, percent, ratio, with_dimensions

if TYPE_CHECKING:
    import ibis.expr.types as ir

TEAM_DIMENSIONS = of_kind("team")
TEAM_SUM: frozenset[Kind] = frozenset(("team",))
TARGET_DIMENSIONS = of_kind("time") | {"team", "metric"}
COMPANY_DIMENSIONS = of_kind("time") | {"metric"}
SMALLEST_GROUP = 5
WEEKS_OF_A_YEAR = 52


def _targets(scope: Scope) -> ir.Table:
    """Return the targets in scope; one belongs to the week that holds its middle day."""
    rows = scope.tables["target"]
    half = (rows.last_day.delta(rows.first_day, unit="day") / 2).floor().cast("int64")
    middle = (rows.first_day + half.as_interval("D")).cast("date")
    week = middle.truncate("W") + ibis.interval(days=7 * scope.weeks_back)
    rows = rows.mutate(week=week.cast("date"))
    if scope.period is not None:
        rows = rows.filter(rows.week.between(scope.period.first_week, scope.period.last_week))
    names = dict.fromkeys([*scope.by, *(f.dimension for f in scope.where)])
    rows = with_dimensions(scope.tables, "target", rows, names)
    return rows.filter([condition(rows, f) for f in scope.where]) if scope.where else rows


def _quota_attainment(scope: Scope) -> ir.Table:
    rows = _of_teams(_targets(scope))
    people = rows.owner.nunique(where=rows.level == "person")
    sums = grouped(
        rows,
        scope.by,
        actual=rows.actual.sum(),
        target=rows.target.sum(),
        metrics=rows.metric.nunique(),
        suppressed=(people > 0) & (people < SMALLEST_GROUP),
    )
    sums = _hidden(sums, "actual", "target")
    return sums.mutate(value=_of_one_metric(sums, percent(sums.actual, sums.target)))


def _of_teams(rows: ir.Table) -> ir.Table:
    """Keep a team's own targets where it has any for the metric, else those of its people."""
    rows = rows.filter(rows.level != "company", rows.actual.notnull())
    own = (rows.level == "team").cast("int64")
    rows = rows.mutate(has_own=own.max().over(ibis.window(group_by=["team", "metric"])))
    return rows.filter((rows.level == "team") | (rows.has_own == 0))


def _hidden(table: ir.Table, *columns: str) -> ir.Table:
    """Empty the columns of the groups that are too small to be shown."""
    return table.mutate(
        **{
            name: ibis.ifelse(table.suppressed, ibis.null(table[name].type()), table[name])
            for name in columns
        }
    )


def _of_one_metric(table: ir.Table, value: ir.FloatingValue) -> ir.FloatingValue:
    """Return the value where it is of one metric; amounts of several cannot be added."""
    return ibis.ifelse(table.metrics == 1, value, ibis.null("float64"))


def _quota_share_at_100(scope: Scope) -> ir.Table:
    rows = _targets(scope)
    rows = rows.filter(rows.level == "person", rows.actual.notnull())
    owners = grouped(
        rows,
        (*scope.by, "owner"),
        actual=rows.actual.sum(),
        target=rows.target.sum(),
        most=rows.metric.max(),
        least=rows.metric.min(),
    )
    owners = owners.filter(owners.target > 0)
    people = owners.count()
    counts = grouped(
        owners,
        scope.by,
        reached=owners.count(where=owners.actual >= owners.target),
        people=people,
        metrics=ibis.ifelse(owners.most.max() == owners.least.min(), 1, 2),
        suppressed=people < SMALLEST_GROUP,
    )
    counts = _hidden(counts, "reached")
    return counts.mutate(value=_of_one_metric(counts, percent(counts.reached, counts.people)))


def _over_assignment(scope: Scope) -> ir.Table:
    rows = _targets(scope)
    sums = grouped(
        rows,
        scope.by,
        personal_targets=rows.target.sum(where=rows.level == "person"),
        company_target=rows.target.sum(where=rows.level == "company"),
        metrics=rows.metric.nunique(where=rows.level != "team"),
    )
    return sums.mutate(
        value=_of_one_metric(sums, ratio(sums.personal_targets, sums.company_target))
    )


def _days(scope: Scope) -> tuple[date, date]:
    """Return the first and last day of the period; without one, of the loaded weeks."""
    weeks = scope.period and (scope.period.first_week, scope.period.last_week)
    weeks = weeks or scope.tables.span
    if weeks is None:
        raise BadInputError(
            "headcount and turnover need days to look at: got no period and no loaded sales, "
            "allowed: a period that names its weeks, such as 2017 or 2017-Q3"
        )
    back = timedelta(weeks=scope.weeks_back)
    return weeks[0] - back, weeks[1] + timedelta(days=6) - back


def _headcount(scope: Scope) -> ir.Table:
    people, last = scope.facts("person"), _days(scope)[1]
    there = (people.hired <= last) & (people.left_on.isnull() | (people.left_on > last))
    return grouped(people, scope.by, value=people.count(where=there))


def _turnover(how: str | None) -> Callable[[Scope], ir.Table]:
    def build(scope: Scope) -> ir.Table:
        people, (first, last) = scope.facts("person"), _days(scope)
        days = (last - first).days + 1
        left = people.left_on.between(first, last)
        counted = left if how is None else left & (people.left_how == how)
        counts = grouped(
            people,
            scope.by,
            leavers=people.count(where=counted),
            average_headcount=_days_employed(people, first, last).sum().cast("float64") / days,
        )
        counts = counts.mutate(suppressed=counts.average_headcount < SMALLEST_GROUP)
        counts = _hidden(counts, "leavers")
        yearly = WEEKS_OF_A_YEAR * 7 / days
        rate = percent(counts.leavers, counts.average_headcount) * yearly
        return counts.mutate(value=rate)

    return build


def _days_employed(people: ir.Table, first: date, last: date) -> ir.IntegerValue:
    start = ibis.greatest(people.hired, ibis.literal(first))
    end = ibis.least(people.left_on.coalesce(ibis.literal(last)), ibis.literal(last))
    return ibis.greatest(end.delta(start, unit="day") + 1, 0)


def _turnover_measure(suffix: str, title: str, how: str | None) -> Measure:
    leavers = f"people who left ({how})" if how else "people who left"
    return Measure(
        id=f"staff_turnover{suffix}",
        title=title,
        definition=f"The {leavers} in the period, set against the average headcount over its "
        f"days and brought to a year of {WEEKS_OF_A_YEAR} weeks. Groups of fewer than "
        f"{SMALLEST_GROUP} people on average are not shown: `suppressed` is true.",
        formula=f"{leavers} / average headcount x {WEEKS_OF_A_YEAR} / weeks x 100",
        unit="percent",
        needs=("person",),
        dimensions=TEAM_DIMENSIONS,
        build=_turnover(how),
        parts=("leavers", "average_headcount", "suppressed"),
        variant=how or "all_leavers",
        trap="A sign of load on a team, never of a person. A short period magnifies one leaver: "
        "a single one in 4 weeks counts as 13 a year.",
    )


MEASURES = (
    Measure(
        id="quota_attainment",
        title="Target attainment",
        definition="What was reached of what was asked. A team's own targets count where it has "
        "any for the metric, otherwise those of its people, and then only where they are "
        f"{SMALLEST_GROUP} or more. A target belongs to the period that holds its middle day; one "
        "without a stated result is left out.",
        formula="actual / target x 100",
        unit="percent",
        needs=("target",),
        dimensions=TARGET_DIMENSIONS,
        build=_quota_attainment,
        parts=("actual", "target", "metrics", "suppressed"),
        trap="Empty where several metrics would be added up (`metrics` above 1): group by metric "
        "or filter on one. A team with monthly and yearly targets for one metric counts both.",
    ),
    Measure(
        id="quota_share_at_100",
        title="People at 100 % of target",
        definition="The part of a team's people who reached their personal target or more, over "
        "the targets whose middle day falls in the period. Groups of fewer than "
        f"{SMALLEST_GROUP} people are not shown: `suppressed` is true.",
        formula="people with actual >= target / people with a target and a result x 100",
        unit="percent",
        needs=("target",),
        dimensions=TARGET_DIMENSIONS,
        build=_quota_share_at_100,
        parts=("reached", "people", "metrics", "suppressed"),
        trap="Empty where several metrics would be added up (`metrics` above 1): group by metric "
        "or filter on one. Falls when targets are over-assigned: read it with over_assignment.",
    ),
    Measure(
        id="over_assignment",
        title="Over-assignment",
        definition="How much the personal targets add up to, as a multiple of what the company "
        "has to reach. 1.08 means that people are asked for 8 % more than the company needs.",
        formula="sum of personal targets / company target",
        unit="ratio",
        needs=("target",),
        dimensions=COMPANY_DIMENSIONS,
        build=_over_assignment,
        parts=("personal_targets", "company_target", "metrics"),
        trap="Empty where several metrics would be added up (`metrics` above 1), or where the "
        "company has no target in the period.",
    ),
    Measure(
        id="headcount",
        title="Headcount",
        definition="People employed at the end of the period's last day; without a period, of the "
        "last loaded week.",
        formula="count of people hired by then and not gone",
        unit="persons",
        needs=("person",),
        dimensions=TEAM_DIMENSIONS,
        build=_headcount,
        additive_over=TEAM_SUM,
        trap="A person belongs to one team and role: the person list keeps no history of moves.",
    ),
    _turnover_measure("", "Staff turnover", None),
    _turnover_measure("_voluntary", "Staff turnover, voluntary", "voluntary"),
    _turnover_measure("_involuntary", "Staff turnover, involuntary", "involuntary"),
)

"""What the library says of plans; kept in memory, by plan and by the run it is held to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from offtake.decisions.planning.activity import (
    LIVE,
    SIDES,
    Activity,
    check_gate,
    check_kind,
    check_state,
)
from offtake.decisions.planning.conflicts import Conflict, conflicts
from offtake.decisions.planning.forecast import Forecast, NotKnown, forecast
from offtake.decisions.planning.guardrails import Broken, broken
from offtake.decisions.planning.readiness import Confirmation, Gate, Readiness, readiness
from offtake.decisions.planning.workflow import Standing
from offtake_web.plans.facts import Known
from offtake_web.plans.guardrails import InForce
from offtake_web.plans.locked_rules import Then
from offtake_web.plans.models import GateName, Plan, State

KEPT = 4096
NEAR = timedelta(weeks=12)
"""How far apart two plans may be and still matter to each other."""
AHEAD = frozenset((State.DRAFT, State.PROPOSED, State.AGREED, State.LOCKED))
"""States in which what stands in the way can still be mended."""


def activity_of(plan: Plan, known: Known) -> Activity:
    """Return a plan as the library's rules take it; no retailer named is every retailer."""
    return Activity(
        key=str(plan.pk or "new"),
        kind=check_kind(plan.kind),
        state=check_state(plan.state),
        name=plan.name,
        first_day=plan.first_day,
        last_day=plan.last_day,
        brands=tuple(plan.brands),
        product_ids=tuple(plan.product_ids),
        retailers=tuple(plan.retailers) or known.facts.retailers,
        store_ids=None if plan.store_ids is None else tuple(plan.store_ids),
        price_cut=float(plan.price_cut),
        display=plan.display,
        feature=plan.feature,
        cost=None if plan.cost is None else float(plan.cost),
        cost_per_unit=float(plan.cost_per_unit or 0),
        message=plan.message,
        touchpoints=tuple(plan.touchpoints),
        audience=plan.audience,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the rules say of a plan.

    Parameters
    ----------
    activity
        What was judged.
    forecast
        What it is expected to do, or why that is not known.
    conflicts
        Where it collides; empty once it is past mending.
    readiness
        Its gates; None once it is past mending.
    broken
        Guardrails of today that it breaks; empty once it is past mending.
    older
        Those of them that let more pass when it was locked, by rule.
    """

    activity: Activity
    forecast: Forecast | NotKnown
    conflicts: tuple[Conflict, ...] = ()
    readiness: Readiness | None = None
    broken: tuple[Broken, ...] = ()
    older: Mapping[str, Then] = field(default_factory=dict)

    @property
    def gates(self) -> tuple[Gate, ...]:
        return self.readiness.gates if self.readiness else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What people said of gates, and of the plan as a whole.

    Parameters
    ----------
    confirmed
        Of the gates of the plan that is judged, by gate.
    coming
        Units on their way for other plans, by their key.
    locked_on
        The day on which the plan was locked; None where it is not. Its lead time is that of then.
    """

    confirmed: Mapping[str, Confirmation]
    coming: Mapping[str, float]
    locked_on: date | None = None


@lru_cache(maxsize=KEPT)
def forecast_of(known: Known, activity: Activity) -> Forecast | NotKnown:
    return forecast(activity, known.facts)


@lru_cache(maxsize=KEPT)
def _conflicts(
    known: Known,
    activity: Activity,
    near: tuple[Activity, ...],
    coming: tuple[tuple[str, float], ...],
) -> tuple[Conflict, ...]:
    forecasts = {each.key: forecast_of(known, each) for each in (activity, *near)}
    return conflicts(activity, near, known.facts, forecasts=forecasts, coming=dict(coming))


def judge(
    activity: Activity,
    others: Iterable[Activity],
    known: Known,
    *,
    guardrails: Iterable[InForce],
    said: Said,
    today: date,
) -> Judged:
    """Judge a plan among others by what the published run knows.

    Parameters
    ----------
    activity
        What is planned.
    others
        The other plans of its market.
    known
        Of the published run.
    guardrails
        Of its market.
    said
        What people said of it.
    today
        The day of the question.
    """
    expected = forecast_of(known, activity)
    if activity.state not in AHEAD:
        return Judged(activity=activity, forecast=expected)
    near = neighbours(activity, others)
    return Judged(
        activity=activity,
        forecast=expected,
        conflicts=_conflicts(known, activity, near, _coming(activity, near, said)),
        readiness=readiness(
            activity,
            known.facts,
            {check_gate(gate): each for gate, each in said.confirmed.items()},
            today=today,
            forecast=expected,
        ),
        broken=broken(
            activity,
            expected,
            guardrails,
            today=said.locked_on or today,
            facts=known.facts,
            others=near,
        ),
    )


def _coming(
    activity: Activity, near: Iterable[Activity], said: Said
) -> tuple[tuple[str, float], ...]:
    """Return the units on their way for a plan and those near it; its conflicts hang on them."""
    own = said.confirmed.get(GateName.STOCK_COVER)
    units = {each.key: said.coming.get(each.key, 0.0) for each in near}
    units[activity.key] = own.units if own else 0.0
    return tuple((key, each) for key, each in units.items() if each)


def neighbours(activity: Activity, others: Iterable[Activity]) -> tuple[Activity, ...]:
    """Return the live plans near enough in time to matter."""
    return tuple(
        each
        for each in others
        if each.key != activity.key
        and each.state in LIVE
        and each.first_day - NEAR <= activity.last_day
        and each.last_day + NEAR >= activity.first_day
    )


def standing_of(
    plan: Plan,
    judged: Judged,
    *,
    overridden: Iterable[str],
    approved: Sequence[str],
    cost_owed: bool,
    today: date,
) -> Standing:
    """Say where a plan stands between its states."""
    yes = {"marketing": plan.marketing_yes, "sales": plan.sales_yes}
    return Standing(
        state=check_state(plan.state),
        content=plan.content_version,
        yes={side: content for side in SIDES if (content := yes[side]) is not None},
        gates={gate.name: gate.status for gate in judged.gates},
        overridden=frozenset(check_gate(gate) for gate in overridden),
        unapproved=tuple(
            each.approver for each in judged.broken if each.guardrail.rule not in approved
        ),
        started=plan.first_day <= today,
        cost_owed=cost_owed,
    )

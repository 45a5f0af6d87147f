"""Plans as lists, timelines and calendars show them: what somebody sees, judged by the rules."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from offtake.decisions.planning.forecast import Forecast, NotKnown
from offtake.decisions.planning.readiness import STATUSES
from offtake.decisions.planning.workflow import FIXED
from offtake_web.accounts.access import may, scope_of
from offtake_web.accounts.models import User
from offtake_web.accounts.queries import USE_NOTED, fingerprint
from offtake_web.common.markets import Market
from offtake_web.plans.calendar_entry import Entry
from offtake_web.plans.facts import known
from offtake_web.plans.guardrails import TERMS
from offtake_web.plans.judging import Judged
from offtake_web.plans.models import Commitment, FeedLink, Plan
from offtake_web.plans.queries import board
from offtake_web.plans.sight import brands_of, visible, within
from offtake_web.plans.wording import in_words


def entries(user: User, market: Market) -> list[Entry]:
    """Return every plan of a market that somebody sees, by its days."""
    plans = visible(user, market).annotate(maker=F("created_by__username"))
    judged, promised = board(market).judged, _promised(market)
    facts, scope, edits = known(market), scope_of(user), may(user, "plan.edit")
    return [
        _entry(
            plan,
            judged.get(plan.pk),
            brands=tuple(sorted(brands_of(plan, facts))),
            people=promised.get(plan.pk, frozenset()) | {plan.maker},
            older=_older(judged.get(plan.pk), facts.currency),
            movable=edits and plan.state not in FIXED and within(scope, plan, facts),
        )
        for plan in plans
    ]


def _promised(market: Market) -> dict[int, frozenset[str]]:
    """Return the sign-in names of those who promised something, by plan."""
    found: dict[int, set[str]] = {}
    pairs = Commitment.objects.filter(plan__market=market.key)
    for plan, name in pairs.values_list("plan", "owner__username"):
        found.setdefault(plan, set()).add(name)
    return {plan: frozenset(names) for plan, names in found.items()}


def _entry(
    plan: Plan,
    judged: Judged | None,
    *,
    brands: tuple[str, ...],
    people: frozenset[str],
    older: tuple[tuple[str, str], ...],
    movable: bool,
) -> Entry:
    light, reason = _light(judged)
    conflicts = judged.conflicts if judged else ()
    return Entry(
        pk=plan.pk,
        version=plan.version,
        kind=plan.kind,
        state=plan.state,
        side=plan.side,
        name=plan.name,
        first_day=plan.first_day,
        last_day=plan.last_day,
        retailers=tuple(plan.retailers),
        brands=brands,
        message=plan.message,
        people=people,
        light=light,
        reason=reason,
        conflicts=len(conflicts),
        serious=sum(each.severity == "serious" for each in conflicts),
        older=older,
        cost=plan.cost,
        gain=_gain(judged),
        updated=plan.updated,
        movable=movable,
    )


def _older(judged: Judged | None, currency: str) -> tuple[tuple[str, str], ...]:
    older = judged.older if judged else {}
    return tuple((str(TERMS[each.rule].label), each.words(currency)) for each in older.values())


def _light(judged: Judged | None) -> tuple[str, str]:
    """Return the worst status of the gates, and the reason of the first gate that has it."""
    gates = judged.gates if judged else ()
    if not gates:
        return "", ""
    worst = max(gates, key=lambda gate: STATUSES.index(gate.status))
    return worst.status, "" if worst.status == "green" else in_words(worst.reason)


def _gain(judged: Judged | None) -> tuple[float, float, float] | None:
    expected: Forecast | NotKnown | None = judged.forecast if judged else None
    if not isinstance(expected, Forecast):
        return None
    gain = expected.planned.incremental
    return gain.value, gain.low, gain.high


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be asked for: what the plans that somebody sees speak of."""

    retailer: tuple[str, ...]
    brand: tuple[str, ...]
    owner: tuple[tuple[str, str], ...]


def choices(plans: list[Entry]) -> Choices:
    """Gather retailers, brands and people, the last with their names for people."""
    usernames = {name for plan in plans for name in plan.people}
    people = User.objects.filter(username__in=usernames)
    return Choices(
        tuple(sorted({name for plan in plans for name in plan.retailers})),
        tuple(sorted({name for plan in plans for name in plan.brands})),
        tuple(sorted(((each.get_username(), str(each)) for each in people), key=lambda e: e[1])),
    )


def promises(user: User, market: Market, plans: list[Entry]) -> dict[int, list[Commitment]]:
    """Return what was promised for some plans, by plan, in the order that it is due."""
    found: dict[int, list[Commitment]] = {each.pk: [] for each in plans}
    shown = Commitment.objects.filter(plan__market=market.key, plan__in=visible(user, market))
    for each in shown.select_related("owner"):
        if each.plan_id in found:
            found[each.plan_id].append(each)
    return found


def feed_owner(market: Market, secret: str) -> User | None:
    """Return whose calendar an address is; None where it is not, or no longer, worth anything.

    One query, and one write a minute at most, which notes that it was used.
    """
    prefix = secret.partition("-")[0]
    link = FeedLink.objects.select_related("user").filter(prefix=prefix, market=market.key).first()
    if link is None or not secrets.compare_digest(link.digest, fingerprint(secret)):
        return None
    if link.revoked or not may(link.user, "plan.view"):
        return None
    now = timezone.now()
    if link.last_used is None or now - link.last_used > USE_NOTED:
        FeedLink.objects.filter(pk=link.pk).update(last_used=now)
    return link.user


def feed_links(user: User, market: Market) -> list[FeedLink]:
    """Return the addresses of somebody's calendars that still work."""
    return list(FeedLink.objects.filter(user=user, market=market.key, revoked=None))

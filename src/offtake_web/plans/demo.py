"""A year of plans for the demo company, made as its people would make them, through the actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from offtake.errors import OfftakeError
from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import Market
from offtake_web.plans import actions, actions_talk, actions_workflow
from offtake_web.plans.demo_year import ALL, YEAR, Entry
from offtake_web.plans.facts import Known, known
from offtake_web.plans.models import Plan, State
from offtake_web.plans.queries import judged
from offtake_web.plans.rules import GATES_OF
from offtake_web.plans.sight import today
from offtake_web.runs.queries import current
from offtake_web.runs.tables import table

PAST = 18
WEEK = timedelta(days=7)
LEARNED = {
    "paid": "It paid: the same again next year.",
    "badly_executed": "It would have paid had all shops done it: agree the stands earlier.",
    "bad_idea": "It does not pay even where everything was done: not again at this price.",
    "open": "It cannot be told apart from breaking even: try it once more, with fewer shops.",
}
ORDER = (State.PROPOSED, State.AGREED, State.LOCKED, State.EXECUTED)

People = Mapping[str, User]


def seed(market: Market) -> int:
    """Make the demo's plans for a market that has none; return how many were made.

    What is past comes from the promotions that the published run measures, in its own weeks; what
    is to come is planned from today on.
    """
    people = _people()
    if (
        Plan.objects.filter(market=market.key).exists()
        or not {*Role} - {Role.ADMINISTRATOR} <= people.keys()
    ):
        return 0
    with transaction.atomic():
        past = [_past(market, event, people) for event in _events(market)]
        coming = [_coming(market, entry, people) for entry in YEAR]
    return len(past) + len(coming)


def _people() -> dict[str, User]:
    """Return the first person of each role."""
    found: dict[str, User] = {}
    for user in User.objects.filter(is_active=True).order_by("pk"):
        found.setdefault(user.role, user)
    return found


def _events(market: Market) -> list[dict[str, Any]]:
    """Return the latest promotions of our own that the run measures."""
    run = current(market)
    if run is None:
        return []
    try:
        rows = table(run, "promotion_events").to_pylist()
    except OfftakeError:
        return []
    ours = run.manifest.frame.manufacturer
    mine = [row for row in rows if row["manufacturer"] == ours and row["kind"] == "named"]
    mine.sort(key=lambda row: (row["last_week"], row["promotion_id"]))
    return mine[-PAST:]


def _past(market: Market, event: Mapping[str, Any], people: People) -> Plan:
    levers = event["levers"]
    values = {
        "kind": "promotion" if event["price_cut"] else "display",
        "name": f"{event['brand']} at {event['retailer']}: {levers}"[:120],
        "side": "sales",
        "first_day": event["first_week"],
        "last_day": event["last_week"] + WEEK - timedelta(days=1),
        "retailers": [event["retailer"]],
        "product_ids": event["product_id"].split(", "),
        "price_cut": round(event["price_cut"] or 0, 1),
        "display": "display" in levers,
        "feature": "feature" in levers,
        "cost": round(event["cost"], 2) if event["cost"] is not None else None,
    }
    plan = actions.create(market, values, by=people[Role.KEY_ACCOUNT_MANAGER])
    plan = _brought(plan, State.EXECUTED, people, ALL)
    plan = actions.link_result(
        plan, event["promotion_id"], version=plan.version, by=people[Role.SALES_LEAD]
    )
    learned = LEARNED.get(event["verdict"])
    if learned:
        plan = actions_workflow.review(
            plan, learned, version=plan.version, by=people[Role.SALES_LEAD]
        )
    return plan


def _coming(market: Market, entry: Entry, people: People) -> Plan:
    who = people[Role.MARKETING if entry.side == "marketing" else Role.SALES_LEAD]
    plan = actions.create(market, _values(market, entry), by=who)
    for role, what, due, done in entry.promises:
        day, owner = today() + timedelta(days=due), people[role]
        row = actions_talk.commit(plan, what, due=day, by=owner)
        if done:
            actions_talk.finish(row, version=row.version, by=owner)
    _talk(plan, entry, people)
    if entry.state == State.CANCELLED:
        return actions_workflow.cancel(plan, version=plan.version, by=who)
    return _brought(plan, entry.state, people, entry.confirmed)


def _values(market: Market, entry: Entry) -> dict[str, Any]:
    first = today() + timedelta(days=entry.starts)
    facts = known(market)
    items, retailers = _best_sellers(facts), facts.facts.retailers
    return {
        "kind": entry.kind,
        "name": entry.name,
        "side": entry.side,
        "first_day": first,
        "last_day": first + timedelta(days=entry.days - 1),
        "product_ids": [items[entry.item % len(items)]] if items and entry.item is not None else [],
        "brands": sorted(facts.brands_of(items)) if entry.item is None else [],
        "retailers": sorted({retailers[each % len(retailers)] for each in entry.retailers})
        if retailers
        else [],
    } | entry.content


def _best_sellers(known: Known) -> list[str]:
    """Return our items, what sells most without promotion first."""
    units: dict[str, float] = {}
    for (item, _retailer), base in known.facts.base.items():
        units[item] = units.get(item, 0) + base.units
    ours = [each for each, item in known.facts.items.items() if item.own]
    return sorted(ours, key=lambda each: (-units.get(each, 0), each))


def _talk(plan: Plan, entry: Entry, people: People) -> None:
    first = None
    for role, text in entry.said:
        said = actions_talk.comment(plan, _named(text, people), by=people[role], reply_to=first)
        first = first or said


def _named(text: str, people: People) -> str:
    """Put user names where a text names roles."""
    return re.sub(r"@(\w+)", lambda found: f"@{people[found[1]].get_username()}", text)


def _brought(plan: Plan, state: str, people: People, confirmed: tuple[str, ...]) -> Plan:
    """Bring a draft to a state, both sides doing their part."""
    for gate in confirmed:
        who = Role.MARKETING if GATES_OF[gate] == "plan.agree_marketing" else Role.SALES_LEAD
        actions_workflow.confirm(plan, gate, version=plan.version, by=people[who])
    for step in ORDER[: ORDER.index(state) + 1 if state in ORDER else 0]:
        plan = _stepped(plan, step, people)
    return plan


def _stepped(plan: Plan, step: str, people: People) -> Plan:
    ana, milan = people[Role.MARKETING], people[Role.SALES_LEAD]
    if step == State.PROPOSED:
        return actions_workflow.propose(plan, version=plan.version, by=milan)
    if step == State.AGREED:
        for who in (milan, ana):
            plan = actions_workflow.agree(plan, version=plan.version, by=who)
        return plan
    if step == State.LOCKED:
        for gate, rule in _in_the_way(plan):
            _let(plan, gate, rule, people)
        return actions_workflow.lock(plan, version=plan.version, by=milan)
    day = min(plan.last_day, today() - timedelta(days=1))
    actions_workflow.record_execution(
        plan, on=max(day, plan.first_day), by=people[Role.REP], note="Seen on the round."
    )
    return Plan.objects.get(pk=plan.pk)


def _in_the_way(plan: Plan) -> Iterator[tuple[str, str]]:
    found = judged(plan)
    yield from ((gate.name, "") for gate in found.gates if gate.status != "green")
    yield from (("", each.guardrail.rule) for each in found.broken)


def _let(plan: Plan, gate: str, rule: str, people: People) -> None:
    ana, milan = people[Role.MARKETING], people[Role.SALES_LEAD]
    if gate:
        reason = "The retailer orders by itself."
        actions_workflow.let_pass(plan, gate, reason, version=plan.version, by=milan)
        return
    hit = next(each for each in judged(plan).broken if each.guardrail.rule == rule)
    who = ana if hit.approver == Role.MARKETING else milan
    actions_workflow.answer_guardrail(
        plan, rule, yes=True, version=plan.version, by=who, note="Agreed for this once."
    )

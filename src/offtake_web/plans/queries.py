"""Plans as somebody sees them: within their scope, and with what the rules say of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from offtake.decisions.planning.activity import DEALS, LIVE
from offtake.decisions.planning.guardrails import Broken
from offtake.decisions.planning.readiness import Confirmation as Word
from offtake.decisions.planning.workflow import Standing
from offtake_web.accounts.access import may, scope_of, side_of
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans.facts import Known, known
from offtake_web.plans.guardrails import InForce, guardrail_of, in_force, tightened
from offtake_web.plans.judging import NEAR, Judged, Said, activity_of, judge, standing_of
from offtake_web.plans.locked_rules import day_of, locked_since, older_rules, past_rules
from offtake_web.plans.models import (
    FIRM,
    Approval,
    Comment,
    Commitment,
    Confirmation,
    GateName,
    Mention,
    Plan,
    State,
)
from offtake_web.plans.rules import AGREE, GATES_OF, LOOKED_UP, UNDECIDED, is_approver
from offtake_web.plans.sight import known_of, today, touches, visible, within
from offtake_web.plans.wording import in_words


def whole(user: User, market: Market, pk: int) -> Plan:
    """Return a plan that somebody sees, with all that hangs on it.

    Raises
    ------
    Plan.DoesNotExist
        Also where it is outside their part of the business.
    """
    comments = Comment.objects.select_related("author").prefetch_related("mentions__user")
    people = ("commitments__owner", "confirmations__by", "overrides__by", "approvals__by")
    found = (
        Plan.objects.filter(market=market.key)
        .select_related("created_by", "updated_by")
        .prefetch_related(*people, "executions__by", Prefetch("comments", comments))
        .get(pk=pk)
    )
    if not touches(scope_of(user), found, known(market)):
        raise Plan.DoesNotExist
    return found


@dataclass(frozen=True, slots=True)
class Board:
    """All plans of a market as the rules see them, by primary key."""

    judged: Mapping[int, Judged]


def board(market: Market) -> Board:
    """Return what the rules say of every plan of a market; anew when a plan or a rule changes."""
    plans = Plan.objects.filter(market=market.key)
    seen = plans.aggregate(Count("pk"), Sum("changes"), Max("updated"))
    rules = in_force(market.key)
    return _board(market.key, known(market), tuple(seen.values()), rules, today())


@lru_cache(maxsize=8)
def _board(
    market: str,
    facts: Known,
    _seen: tuple[object, ...],
    rules: tuple[InForce, ...],
    day: date,
) -> Board:
    plans = list(Plan.objects.filter(market=market))
    words = _words(plan_ids=[plan.pk for plan in plans])
    activities = {plan.pk: activity_of(plan, facts) for plan in plans}
    coming = {str(pk): word.units for pk, found in words.items()
              if (word := found.get(GateName.STOCK_COVER))}  # fmt: skip
    since = locked_since(plans)
    found = {
        pk: judge(
            activity,
            activities.values(),
            facts,
            guardrails=rules,
            said=Said(confirmed=words.get(pk, {}), coming=coming, locked_on=day_of(since.get(pk))),
            today=day,
        )
        for pk, activity in activities.items()
    }
    return Board(_with_older(market, found, since))


def _with_older(
    market: str, found: Mapping[int, Judged], since: Mapping[int, datetime]
) -> dict[int, Judged]:
    """Add which guardrails let more pass when a plan was locked that breaks them now."""
    asked = [pk for pk, each in found.items() if pk in since and each.broken]
    past = past_rules(market) if asked else {}
    older = {
        pk: older_rules(found[pk].activity.kind, found[pk].broken, since[pk], past) for pk in asked
    }
    return {pk: replace(each, older=older.get(pk, {})) for pk, each in found.items()}


def _words(plan_ids: Iterable[int]) -> dict[int, dict[str, Word]]:
    found: dict[int, dict[str, Word]] = defaultdict(dict)
    for each in Confirmation.objects.filter(plan__in=plan_ids).select_related("by"):
        found[each.plan_id][each.gate] = Word(str(each.by), each.on, each.note, each.units)
    return found


_OF_STOCK = Q(confirmations__gate=GateName.STOCK_COVER)


def judged(plan: Plan, facts: Known | None = None) -> Judged:
    """Return what the rules say of one plan, saved or not, as it is now."""
    facts = facts or known_of(plan)
    others = Plan.objects.filter(
        market=plan.market,
        state__in=LIVE,
        first_day__lte=plan.last_day + NEAR,
        last_day__gte=plan.first_day - NEAR,
    ).exclude(pk=plan.pk)
    others = others.annotate(coming=Sum("confirmations__units", filter=_OF_STOCK))
    words = {each.gate: Word(str(each.by), each.on, each.note, each.units)
             for each in (plan.confirmations.all() if plan.pk else ())}  # fmt: skip
    since = locked_since([plan])
    found = judge(
        activity_of(plan, facts),
        [activity_of(each, facts) for each in others],
        facts,
        guardrails=in_force(plan.market),
        said=Said(
            confirmed=words,
            coming={str(each.pk): each.coming or 0 for each in others},
            locked_on=day_of(since.get(plan.pk)),
        ),
        today=today(),
    )
    return _with_older(plan.market, {plan.pk: found}, since)[plan.pk]


def standing(plan: Plan, of: Judged) -> Standing:
    """Say where a plan stands, and with it which moves exist."""
    return standing_of(
        plan,
        of,
        overridden=[
            each.gate
            for each in plan.overrides.all()
            if each.content_version == plan.content_version
        ],
        approved=[rule for rule, each in holding(plan, of).items() if each.yes],
        cost_owed=_owes_cost(plan),
        today=today(),
    )


def _owes_cost(plan: Plan) -> bool:
    """Whether a plan that can be locked states no cost, and did when it was locked before."""
    if plan.state != State.AGREED or not (plan.cost is None and plan.cost_per_unit is None):
        return False
    known = Q(cost__isnull=False) | Q(cost_per_unit__isnull=False)
    firm = plan.history.filter(state__in=FIRM, promotion_id="", kind__in=sorted(DEALS))
    return bool(firm.filter(known).exists())


def answers(plan: Plan) -> dict[str, Approval]:
    """Return the last answer of each guardrail's approver to the content as it is now."""
    return {
        each.rule: each
        for each in plan.approvals.all()
        if each.content_version == plan.content_version
    }


def holding(plan: Plan, of: Judged) -> dict[str, Approval]:
    """Return the answers that still hold: to this content, and to a limit no tighter since."""
    said = answers(plan)
    return {
        each.guardrail.rule: answer
        for each in of.broken
        if (answer := said.get(each.guardrail.rule)) and not outdated(answer, each)
    }


def outdated(answer: Approval, broken: Broken) -> bool:
    """Whether a yes was given under a limit that lets more pass than the one in force."""
    rule = guardrail_of(broken)
    return answer.yes and tightened(rule.rule, was=answer.limit, now=rule.given)


def mentions_of(user: User, market: Market) -> QuerySet[Mention]:
    """Return where somebody was named and has not looked yet, the latest first."""
    return (
        Mention.objects.filter(user=user, read=None, comment__plan__in=visible(user, market))
        .select_related("comment__author", "comment__plan")
        .order_by("-comment")
    )


def people() -> QuerySet[User]:
    """Return who can be named in a comment or promise something."""
    return User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")


def owners(plan: Plan, user: User, among: Iterable[User]) -> list[User]:
    """Return in whose name somebody can promise: their side's others who see the plan."""
    side, facts = side_of(user), known_of(plan)
    if side is None or not may(user, "plan.edit"):
        return []
    return [
        each
        for each in among
        if each.pk != user.pk
        and side_of(each) == side
        and may(each, "plan.view")
        and touches(scope_of(each), plan, facts)
    ]


Matter = Literal["agree", "approve", "confirm", "commitment", "mention"]
OPEN = (State.PROPOSED, State.AGREED, State.LOCKED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for somebody.

    Parameters
    ----------
    matter
        What kind of thing.
    plan
        Which plan it is about.
    text
        What is to do, in words.
    due
        By when; None where nothing says.
    late
        Whether that day has passed.
    """

    matter: Matter
    plan: Plan
    text: str
    due: date | None = None
    late: bool = field(default=False)


def waiting_for(user: User, market: Market) -> list[Waiting]:
    """Return what waits for somebody, what is due first before the rest."""
    if not may(user, "plan.view"):
        return []
    plans = list(visible(user, market).filter(state__in=OPEN).prefetch_related("approvals"))
    found = [
        *_to_agree(user, plans, known(market)),
        *_by_the_rules(user, plans, market),
        *_promised(user, market),
        *_mentioned(user, market),
    ]
    return sorted(found, key=lambda each: (each.due or date.max, each.plan.pk))


def _to_agree(user: User, plans: Iterable[Plan], facts: Known) -> Iterator[Waiting]:
    side = side_of(user)
    if side is None or not may(user, AGREE[side]):
        return
    for plan in plans:
        asked = plan.state == State.PROPOSED and not plan.yes_of(side)
        if asked and within(scope_of(user), plan, facts):
            yield Waiting("agree", plan, _("Agree, or say what has to change"), plan.first_day)


def _by_the_rules(user: User, plans: list[Plan], market: Market) -> Iterator[Waiting]:
    """Return guardrails to approve and gates to confirm."""
    asked = may(user, "plan.approve") or any(may(user, each) for each in GATES_OF.values())
    if not (asked and plans):
        return
    judged_by_pk, facts, scope = board(market).judged, known(market), scope_of(user)
    for plan in plans:
        found = judged_by_pk.get(plan.pk)
        if found is not None and within(scope, plan, facts):
            yield from _to_approve(user, plan, found)
            yield from _to_confirm(user, plan, found)


def _to_approve(user: User, plan: Plan, found: Judged) -> Iterator[Waiting]:
    if plan.state not in UNDECIDED:
        return
    said = holding(plan, found)
    for each in found.broken:
        if each.guardrail.rule not in said and is_approver(user, each):
            yield Waiting("approve", plan, in_words(each.reason), plan.first_day)


def _to_confirm(user: User, plan: Plan, found: Judged) -> Iterator[Waiting]:
    for gate in found.gates:
        permission = GATES_OF.get(gate.name)
        asked = gate.name not in LOOKED_UP and gate.status != "green"
        if asked and permission and may(user, permission):
            late = gate.due < today()
            yield Waiting("confirm", plan, in_words(gate.reason), gate.due, late)


def _promised(user: User, market: Market) -> Iterator[Waiting]:
    promised = Commitment.objects.filter(
        owner=user, done_on=None, plan__market=market.key, plan__in=visible(user, market)
    ).exclude(plan__state__in=(State.CANCELLED, State.REVIEWED))
    for each in promised.select_related("plan"):
        yield Waiting("commitment", each.plan, each.what, each.due, each.due < today())


def _mentioned(user: User, market: Market) -> Iterator[Waiting]:
    for each in mentions_of(user, market):
        words = {"who": each.comment.author, "text": each.comment.text[:200]}
        yield Waiting("mention", each.comment.plan, _("%(who)s: %(text)s") % words)

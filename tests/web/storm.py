"""What people can do to plans and to each other, drawn at random; for the storm."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from offtake_web.accounts import actions as people
from offtake_web.accounts.actions import Details
from offtake_web.accounts.models import Role, User
from offtake_web.accounts.queries import rules
from offtake_web.plans import actions, actions_talk, actions_workflow
from offtake_web.plans.actions_feed import make_feed_link, revoke_feed_link
from offtake_web.plans.actions_guardrails import change_guardrail
from offtake_web.plans.guardrails import one_of
from offtake_web.plans.models import Commitment, FeedLink, GateName, Plan
from offtake_web.plans.queries import board
from tests.web.plan_cast import day, ready
from tests.web.work import market

Act = Callable[[], object]
Acts = dict[str, Act]
STALE = 0.1
"""Share of the acts that start from a version before the last."""
AHEAD = {
    "draft": ("propose",),
    "proposed": ("agree",),
    "agreed": ("get ready", "lock"),
    "locked": ("execute",),
    "executed": ("execute", "review"),
    "reviewed": ("link", "copy"),
    "cancelled": ("reopen",),
}
"""What brings a plan on, by where it stands."""


class Storm:
    """Draws what one thread does next.

    Parameters
    ----------
    seed
        Of what is drawn.
    plans
        Keys of the plans that everybody writes; all threads share the list.
    """

    def __init__(self, seed: int, plans: list[int]) -> None:
        self.dice, self.plans = random.Random(seed), plans  # no secret

    def next(self) -> tuple[str, Act]:
        """Return an act with its name, by somebody and on rows as they are read now."""
        kinds = (self._ahead, self._move, self._write, self._talk, self._manage)
        acts = self.dice.choices(kinds, (8, 2, 2, 3, 3))[0]()
        name = self.dice.choice(sorted(acts))
        return name, acts[name]

    def _ahead(self) -> Acts:
        """Draw among what brings a plan on from where it stands."""
        plan = self._plan()
        acts = self._moves(plan)
        return {name: acts[name] for name in AHEAD[plan.state]}

    def _move(self) -> Acts:
        return self._moves(self._plan())

    def _who(self, *names: str) -> User:
        return User.objects.get(first_name=self.dice.choice(names))

    def _plan(self) -> Plan:
        return Plan.objects.get(pk=self.dice.choice(self.plans))

    def _at(self, version: int, by: User) -> dict[str, Any]:
        return {"version": version - (self.dice.random() < STALE), "by": by}

    def _moves(self, plan: Plan) -> Acts:
        by = self._who("ana", "mira", "milan")
        at, flow = self._at(plan.version, by), actions_workflow
        confirmed = ("brief_acknowledged", "material_delivered", "slot_confirmed")
        looked_up = (GateName.DISTRIBUTION, GateName.STOCK_COVER)
        rule = self.dice.choice(("deepest_price_cut", "most_days"))
        return {
            "propose": partial(flow.propose, plan, **at),
            "agree": partial(flow.agree, plan, **at),
            "withdraw": partial(flow.withdraw, plan, **at),
            "cancel": partial(flow.cancel, plan, **at),
            "reopen": partial(flow.reopen, plan, **at),
            "copy": partial(self._go_on_with_a_copy, plan, by),
            "get ready": partial(self._get_ready, plan),
            "lock": partial(flow.lock, plan, **at),
            "review": partial(flow.review, plan, "Again.", **at),
            "execute": partial(flow.record_execution, plan, on=day(-1), by=by),
            "confirm": partial(flow.confirm, plan, self.dice.choice(confirmed), **at),
            "let pass": partial(
                flow.let_pass, plan, self.dice.choice(looked_up), "So be it.", **at
            ),
            "answer": partial(flow.answer_guardrail, plan, rule, yes=True, **at),
            "link": partial(actions.link_result, plan, f"promo-{self.dice.random()}", **at),
        }

    def _get_ready(self, plan: Plan) -> None:
        """Give every word that a plan needs to be locked, one after the other."""
        ready(plan, marketing=self._who("ana", "mira"), sales=self._who("milan"))

    def _go_on_with_a_copy(self, plan: Plan, by: User) -> None:
        new = actions.copy(plan, by=by)
        self.plans[:] = [new.pk if each == plan.pk else each for each in self.plans]

    def _write(self) -> Acts:
        plan, by = self._plan(), self._who("ana", "mira", "milan")
        at = self._at(plan.version, by)
        text = self.dice.choice(("name", "benefit", "message", "audience"))
        gate = self.dice.choice(("brief_acknowledged", "slot_confirmed"))
        return {
            "rewrite": partial(actions.change, plan, {text: f"{self.dice.random()}"}, **at),
            "recut": partial(actions.change, plan, {"price_cut": self.dice.choice((10, 50))}, **at),
            "undo": partial(actions.undo, plan, **at),
            "unconfirm": partial(actions_workflow.unconfirm, plan, gate, by=by),
        }

    def _talk(self) -> Acts:
        plan, by = self._plan(), self._who("ana", "mira", "milan")
        acts: Acts = {
            "comment": partial(actions_talk.comment, plan, "@ana and @milan: when?", by=by),
            "seen": partial(actions_talk.read_mentions, plan, by=by),
            "commit": partial(actions_talk.commit, plan, "Call", due=day(1), by=by),
            "board": partial(board, market()),
            "address": partial(make_feed_link, market(), "phone", by=by),
        }
        promise = Commitment.objects.select_related("plan").order_by("?").first()
        if promise is not None:
            at = self._at(promise.version, by)
            acts["finish"] = partial(actions_talk.finish, promise, **at)
            acts["drop"] = partial(actions_talk.drop, promise, **at)
        link = FeedLink.objects.filter(user=by, revoked=None).first()
        return acts | ({"revoke": partial(revoke_feed_link, link, by=by)} if link else {})

    def _manage(self) -> Acts:
        by, whom = self._who("eva", "dragan"), self._who("eva", "dragan", "mira", "olga")
        rule = self.dice.choice(("deepest_price_cut", "most_days"))
        limit, row = self.dice.choice((30, 60)), one_of(market().key, rule)
        role = self.dice.choice((Role.ADMINISTRATOR, whom.role, whom.role))
        details = Details(
            username=f"{whom.first_name}{self.dice.randrange(5)}", first_name=whom.first_name,
            role=Role.MARKETING if whom.first_name == "mira" else role,
        )  # fmt: skip
        return {
            "change": partial(people.change_person, whom, details, **self._at(whom.version, by)),
            "close": partial(people.close_account, whom, by=by),
            "reopen account": partial(people.reopen_account, whom, by=by),
            "make link": partial(people.make_link, whom, by=by),
            "end sessions": partial(people.end_sessions, whom, by=by),
            "own details": partial(
                people.change_own_details,
                by=whom,
                first_name=whom.first_name,
                last_name="",
                language="",
            ),
            "demand": partial(people.demand_second_factor, [role], **self._at(rules().version, by)),
            "guardrail": partial(
                change_guardrail, market(), rule, {"limit": limit}, **self._at(row.version, by)
            ),
        }

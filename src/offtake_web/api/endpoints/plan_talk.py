from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from offtake_web.accounts.access import signed_in
from offtake_web.accounts.models import User
from offtake_web.api.endpoints.markets import market_at
from offtake_web.api.endpoints.plan_shown import comment_shown, commitment_shown
from offtake_web.api.endpoints.plans import plan_at
from offtake_web.api.frame.group import Group
from offtake_web.api.frame.problems import Problem
from offtake_web.api.frame.versions import version_read, versioned
from offtake_web.api.schemas.base import Key, Number
from offtake_web.api.schemas.plans import (
    CommentSent,
    CommentShown,
    CommitmentDone,
    CommitmentSent,
    CommitmentShown,
    Seen,
)
from offtake_web.plans import actions_talk
from offtake_web.plans.models import Comment, Commitment
from offtake_web.plans.queries import people
from offtake_web.plans.writing import StaleVersionError

group = Group("Promises and comments")
ONE = "/markets/{market}/plans/{plan_id}"


@group.post(f"{ONE}/commitments", "plan.commit", gives=CommitmentShown, status=201,
            problems=("conflict",))  # fmt: skip
def promise(
    request: HttpRequest, response: HttpResponse, market: Key, plan_id: Number, sent: CommitmentSent
) -> dict[str, Any]:
    """Promise something by a day, for yourself or for somebody of your side."""
    plan = plan_at(request, market_at(market), plan_id)
    owner = _named(sent.owner) if sent.owner else None
    row = actions_talk.commit(plan, sent.what, due=sent.due, by=signed_in(request), owner=owner)
    response["Location"] = f"/api/v1/markets/{market}/plans/{plan_id}/commitments/{row.pk}"
    versioned(request, row.version)
    return commitment_shown(row)


def _named(username: str) -> User:
    found = people().filter(username=username).first()
    if found is None:
        fault = {"field": "body.owner", "got": username, "allowed": _("the username of somebody")}
        raise Problem("not-valid", more={"errors": [fault]})
    return found


@group.get(f"{ONE}/commitments/{{commitment_id}}", "plan.view", gives=CommitmentShown)
def get_commitment(
    request: HttpRequest, market: Key, plan_id: Number, commitment_id: Number
) -> dict[str, Any]:
    """One promise."""
    row = _commitment(request, market, plan_id, commitment_id)
    versioned(request, row.version)
    return commitment_shown(row)


@group.patch(f"{ONE}/commitments/{{commitment_id}}", "plan.commit", gives=CommitmentShown,
             changes=True, problems=("conflict",))  # fmt: skip
def finish_commitment(
    request: HttpRequest, market: Key, plan_id: Number, commitment_id: Number, sent: CommitmentDone
) -> dict[str, Any]:
    """Say that a promise is kept, or that it is open again after all."""
    row = _commitment(request, market, plan_id, commitment_id)
    try:
        changed = actions_talk.finish(
            row, version=version_read(request), by=signed_in(request), done=sent.done
        )
    except StaleVersionError:
        raise _stale(row) from None
    versioned(request, changed.version)
    return commitment_shown(changed)


@group.delete(f"{ONE}/commitments/{{commitment_id}}", "plan.commit", status=204, changes=True,
              problems=("conflict",))  # fmt: skip
def drop_commitment(
    request: HttpRequest, market: Key, plan_id: Number, commitment_id: Number
) -> None:
    """Take a promise back; its history stays."""
    row = _commitment(request, market, plan_id, commitment_id)
    try:
        actions_talk.drop(row, version=version_read(request), by=signed_in(request))
    except StaleVersionError:
        raise _stale(row) from None


def _commitment(request: HttpRequest, market: str, plan_id: int, number: int) -> Commitment:
    plan = plan_at(request, market_at(market), plan_id)
    found = plan.commitments.filter(pk=number).select_related("owner", "plan").first()
    if found is None:
        raise Http404
    return found


def _stale(row: Commitment) -> Problem:
    row.refresh_from_db()
    etag = {"ETag": f'"{row.version}"'}
    return Problem("stale", more={"current": commitment_shown(row)}, headers=etag)


@group.post(f"{ONE}/comments", "plan.comment", gives=CommentShown, status=201)
def comment_on_plan(
    request: HttpRequest, response: HttpResponse, market: Key, plan_id: Number, sent: CommentSent
) -> dict[str, Any]:
    """Say something on a plan; people named with @ are told."""
    plan = plan_at(request, market_at(market), plan_id)
    above = _above(plan.comments.all(), sent.reply_to)
    said = actions_talk.comment(plan, sent.text, by=signed_in(request), reply_to=above)
    response["Location"] = f"/api/v1/markets/{market}/plans/{plan_id}"
    return comment_shown(said)


def _above(comments: Iterable[Comment], number: int | None) -> Comment | None:
    if number is None:
        return None
    found = next((each for each in comments if each.pk == number), None)
    if found is None:
        fault = {"field": "body.reply_to", "got": number, "allowed": _("a comment on this plan")}
        raise Problem("not-valid", more={"errors": [fault]})
    return found


@group.post(f"{ONE}/mentions/read", "plan.view", gives=Seen)
def read_mentions(request: HttpRequest, market: Key, plan_id: Number) -> dict[str, int]:
    """Note that you have seen where you are named on a plan."""
    plan = plan_at(request, market_at(market), plan_id)
    return {"read": actions_talk.read_mentions(plan, by=signed_in(request))}

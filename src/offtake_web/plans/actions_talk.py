"""What people say to each other on a plan: promises, comments, and who is named in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from offtake_web.accounts.access import demand, may, scope_of, side_of
from offtake_web.accounts.models import User
from offtake_web.plans.mentions import names_in
from offtake_web.plans.models import Comment, Commitment, Mention, Plan, State
from offtake_web.plans.queries import people
from offtake_web.plans.sight import known_of, today, touches
from offtake_web.plans.writing import (
    PlanRuleError,
    StaleVersionError,
    demand_words,
    opened,
    remember,
    touch,
)

ENDED = (State.REVIEWED, State.CANCELLED)


def commit(plan: Plan, what: str, *, due: date, by: User, owner: User | None = None) -> Commitment:
    """Promise something by a day, for oneself or for somebody of one's own side.

    Raises
    ------
    PermissionDenied
        If somebody may not, the plan is outside their part, or it is another side's to promise.
    PlanRuleError
        If the plan has ended.
    ValidationError
        If nothing is said.
    """
    words, owner = demand_words(what, "what", 300), owner or by
    with transaction.atomic():
        now = opened(plan, "plan.commit", by=by, reach=touches)
        if now.state in ENDED:
            raise PlanRuleError(_("The plan has ended."))
        side = side_of(owner)
        if side is None or side != side_of(by) or not _sees(owner, now):
            raise PermissionDenied(_("Only your own side's people can be named."))
        if owner.pk != by.pk:
            demand(by, "plan.edit")
        row = Commitment(plan=now, side=side, owner=owner, what=words, due=due)
        remember(row, by=by, what=gettext_noop("promised"))
        row.save()
        touch(now)
        return row


def finish(commitment: Commitment, *, version: int, by: User, done: bool = True) -> Commitment:
    """Say that a promise is kept, or that it is open again after all.

    Raises
    ------
    PermissionDenied
        If it is neither theirs nor one that they may look after for their side.
    StaleVersionError
        If it has changed since.
    PlanRuleError
        If it was taken back since.
    """
    with transaction.atomic():
        row = _own(commitment, version=version, by=by)
        row.done_on = today() if done else None
        row.version += 1
        remember(row, by=by, what=gettext_noop("kept") if done else gettext_noop("open again"))
        row.save()
        touch(row.plan)
        return row


def drop(commitment: Commitment, *, version: int, by: User) -> None:
    """Take a promise back; its history stays.

    Raises
    ------
    PermissionDenied, StaleVersionError, PlanRuleError
        As for :func:`finish`.
    """
    with transaction.atomic():
        row = _own(commitment, version=version, by=by)
        remember(row, by=by, what=gettext_noop("taken back"))
        touch(row.plan)
        row.delete()


def _own(commitment: Commitment, *, version: int, by: User) -> Commitment:
    plan = opened(commitment.plan, "plan.commit", by=by, reach=touches)
    row = Commitment.objects.select_for_update(no_key=True).filter(pk=commitment.pk).first()
    if row is None:
        raise PlanRuleError(_("This promise was taken back meanwhile."))
    row.plan = plan
    leads = row.side == side_of(by) and may(by, "plan.edit")
    if row.owner_id != by.pk and not leads:
        raise PermissionDenied(_("This promise is not yours."))
    if row.version != version:
        raise StaleVersionError(plan, plan.version)
    return row


def comment(plan: Plan, text: str, *, by: User, reply_to: Comment | None = None) -> Comment:
    """Say something on a plan; people named with @ are told, and one's own mentions are read.

    Raises
    ------
    PermissionDenied
        If somebody may not, or the plan is outside their part of the business.
    ValidationError
        If nothing is said, or the reply is to another plan's comment.
    """
    words = demand_words(text, "text", 2000)
    with transaction.atomic():
        now = opened(plan, "plan.comment", by=by, reach=touches)
        if reply_to is not None and reply_to.plan_id != now.pk:
            raise ValidationError({"reply_to": _("That is a comment on another plan.")})
        said = Comment.objects.create(plan=now, author=by, text=words, reply_to=reply_to)
        Mention.objects.bulk_create(Mention(comment=said, user=each) for each in _named(words, now))
        _read(now, by)
        return said


def read_mentions(plan: Plan, *, by: User) -> int:
    """Note that somebody has seen where they are named on a plan; return how many that were."""
    demand(by, "plan.view")
    return _read(plan, by)


def _read(plan: Plan, user: User) -> int:
    unread = Mention.objects.filter(user=user, comment__plan=plan, read=None)
    return unread.update(read=timezone.now())


def _named(text: str, plan: Plan) -> Iterator[User]:
    """Return who is named in a text and may see the plan."""
    names = {each.casefold() for each in names_in(text)}
    if not names:
        return
    for user in people():
        if user.get_username().casefold() in names and _sees(user, plan):
            yield user


def _sees(user: User, plan: Plan) -> bool:
    return may(user, "plan.view") and touches(scope_of(user), plan, known_of(plan))

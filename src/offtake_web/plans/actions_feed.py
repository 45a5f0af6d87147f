"""Secret addresses of calendars: making one for oneself, and making one worthless."""

from __future__ import annotations

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from offtake_web.accounts.access import demand
from offtake_web.accounts.models import User
from offtake_web.accounts.queries import fingerprint
from offtake_web.common.markets import Market
from offtake_web.plans.models import FeedLink

MOST_LINKS = 20


def make_feed_link(market: Market, name: str, *, by: User) -> tuple[FeedLink, str]:
    """Make a secret address and return it with its secret, which cannot be had again.

    Raises
    ------
    PermissionDenied
        If the person does not see plans.
    ValidationError
        If the name is empty or too long, or the person has too many addresses.
    """
    demand(by, "plan.view")
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise ValidationError({"name": _("A name of 1 to 80 characters is needed.")})
    prefix = secrets.token_hex(6)
    secret = f"{prefix}-{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        _demand_room(by)
        link = FeedLink.objects.create(
            user=by, market=market.key, name=name, prefix=prefix, digest=fingerprint(secret)
        )
    return link, secret


def _demand_room(by: User) -> None:
    """Refuse one address too many; who asks is held, so that two cannot both be the last."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if FeedLink.objects.filter(user=by, revoked=None).count() >= MOST_LINKS:
        most = {"most": MOST_LINKS}
        raise ValidationError(_("There are %(most)s addresses; withdraw one first.") % most)


def revoke_feed_link(link: FeedLink, *, by: User) -> None:
    """Make an address worthless: one's own, or anybody's where one manages people."""
    demand(by, "plan.view" if link.user_id == by.pk else "people.manage")
    FeedLink.objects.filter(pk=link.pk, revoked=None).update(revoked=timezone.now())

from __future__ import annotations

from django.db.models import Q, QuerySet

from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.dashboards.models import SavedView


def saved_views(user: User, market: Market) -> QuerySet[SavedView]:
    """Return somebody's own views of a market and those shared with everybody."""
    mine_or_shared = Q(owner=user) | Q(shared=True)
    return SavedView.objects.filter(mine_or_shared, market=str(market)).select_related("owner")


def own_view(user: User, market: Market, pk: int) -> SavedView | None:
    """Return a view that somebody may change: their own."""
    return SavedView.objects.filter(owner=user, market=str(market), pk=pk).first()

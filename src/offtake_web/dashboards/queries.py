from __future__ import annotations

from django.db.models import Q, QuerySet

from offtake_web.accounts.access import may
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.dashboards.models import SavedView
from offtake_web.plans.models import Plan
from offtake_web.plans.results import parts_of, plans_behind


def saved_views(user: User, market: Market) -> QuerySet[SavedView]:
    """Return somebody's own views of a market and those shared with everybody."""
    mine_or_shared = Q(owner=user) | Q(shared=True)
    return SavedView.objects.filter(mine_or_shared, market=str(market)).select_related("owner")


def plans_of(user: User, market: Market, promotion: str) -> list[Plan]:
    """Return the plans whose result a promotion of a run is, those that somebody may see."""
    if not may(user, "plan.view"):
        return []
    return plans_behind(user, market, parts_of(promotion))


def own_view(user: User, market: Market, pk: int) -> SavedView | None:
    """Return a view that somebody may change: their own."""
    return SavedView.objects.filter(owner=user, market=str(market), pk=pk).first()

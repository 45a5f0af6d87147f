"""What every page knows: the markets, and which of them it is about."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from offtake_web.common.markets import Market, markets
from offtake_web.common.themes import theme_of


def workspace(request: HttpRequest) -> dict[str, Any]:
    return {"markets": markets(), "market": market_of(request), "theme": theme_of(request)}


def market_of(request: HttpRequest) -> Market:
    match = request.resolver_match
    named = match.kwargs.get("market") if match else None
    return named if isinstance(named, Market) else markets()[0]

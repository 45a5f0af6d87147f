"""Advertising pressure: share of voice, and how far it exceeds the share of sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.measures.dimensions import of_kind
from offtake.measures.measure import Measure
from offtake.measures.scope import Scope, either, percent
from offtake.measures.shares import own_and_all, share_of_market, with_market

if TYPE_CHECKING:
    import ibis.expr.types as ir

BRAND_DIMENSIONS = of_kind("time") | {"brand", "category"}
MEDIA_DIMENSIONS = BRAND_DIMENSIONS | {"channel", "region"}


def _share_of_voice(scope: Scope) -> ir.Table:
    rows = scope.marked("media")
    return share_of_market(scope, rows, rows.spend, own="spend", whole="market_spend")


def _esov(scope: Scope) -> ir.Table:
    media, sales = scope.marked("media"), scope.marked("sales")
    spent = own_and_all(scope, media, media.spend, own="spend", whole="market_spend")
    sold = own_and_all(scope, sales, sales["value"], own="sales_value", whole="market_value")
    both = with_market(scope, either(sold, spent, scope.by), "market_spend", "market_value")
    if scope.by:
        both = both.filter(both.spend.notnull() | both.sales_value.notnull())
    shares = both.mutate(
        share_of_voice=percent(both.spend.fill_null(0.0), both.market_spend),
        value_share=percent(both.sales_value.fill_null(0.0), both.market_value),
    )
    return shares.mutate(value=shares.share_of_voice - shares.value_share)


MEASURES = (
    Measure(
        id="share_of_voice",
        title="Share of voice",
        definition="The brand's part of all media spending in its market: same category, "
        "channel, region and weeks.",
        formula="media spend / market media spend x 100",
        unit="percent",
        needs=("media",),
        dimensions=MEDIA_DIMENSIONS,
        build=_share_of_voice,
        additive_over=frozenset(("item",)),
        parts=("spend", "market_spend"),
        trap="Only as good as the figures for competitors. National spend carries the region "
        "'all', and spend for no single category the category 'all': a filter on a region or "
        "category leaves it out.",
    ),
    Measure(
        id="esov",
        title="Excess share of voice",
        definition="How far a brand's share of voice exceeds its share of value sales in the same "
        "market and weeks. Brands above zero tend to grow.",
        formula="share of voice - value share",
        unit="points",
        needs=("media", "sales"),
        dimensions=BRAND_DIMENSIONS,
        build=_esov,
        parts=("share_of_voice", "value_share"),
        trap="Says nothing of what the money was spent on. Media and sales must name brands and "
        "categories alike; a brand that only one of them knows gets 0 for the other.",
    ),
)

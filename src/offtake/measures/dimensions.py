"""The groupings a measure can be asked by, and how a fact reaches each of them.

A *dimension* is a column of a master table (brand of the product, region of the store, quarter of
the week) or of the fact itself (channel of media, topic of a note). Dimensions come in kinds,
because a denominator often ignores some of them: a brand's share is taken of its market, a
market's penetration of all households.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from offtake.data.contracts.registry import CONTRACTS

Kind = Literal["item", "market", "store", "time", "household", "team", "other"]

NOT_STATED = "(not stated)"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One grouping.

    Parameters
    ----------
    name
        What it is called in ``--by`` and ``--where``.
    kind
        ``item`` (which products), ``market`` (which part of the market), ``store``, ``time``,
        ``household``, ``team`` or ``other``.
    home
        Contract whose master table carries it; empty where only facts do.
    column
        Its column there.
    """

    name: str
    kind: Kind
    home: str
    column: str


def _dimensions(kind: Kind, home: str, *names: str) -> dict[str, Dimension]:
    return {name: Dimension(name, kind, home, name) for name in names}


DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        **_dimensions("item", "product", "product_id", "brand", "manufacturer", "pack_size",
                      "is_private_label"),
        **_dimensions("market", "product", "department", "category", "subcategory"),
        **_dimensions("store", "store", "store_id", "retailer", "banner", "format", "region",
                      "territory", "city"),
        **_dimensions("time", "calendar", "week", "month", "period_4w", "quarter", "year",
                      "iso_year", "nrf_year", "nrf_quarter", "nrf_month"),
        **_dimensions("household", "household", "age", "income", "home_ownership",
                      "marital_status", "composition", "children", "lifestyle"),
        "household_size": Dimension("household_size", "household", "household", "size"),
        **_dimensions("team", "person", "team", "role"),
        **_dimensions("other", "", "channel", "topic", "check_name", "purpose", "status", "metric",
                      "segment", "campaign_id", "display_location", "feature_location"),
    }
)  # fmt: skip

PRODUCT_KINDS: frozenset[Kind] = frozenset(("item", "market"))
LINKS: Mapping[str, str] = MappingProxyType(
    {
        "product": "product_id",
        "store": "store_id",
        "calendar": "week",
        "household": "household_id",
        "person": "person_id",
    }
)


def of_kind(*kinds: Kind) -> frozenset[str]:
    """Return the names of the dimensions of some kinds.

    Examples
    --------
    >>> sorted(of_kind("market"))
    ['category', 'department', 'subcategory']
    """
    return frozenset(d.name for d in DIMENSIONS.values() if d.kind in kinds)


def reached_from(contract: str) -> frozenset[str]:
    """Return the names of the dimensions that a contract's rows can be grouped by.

    Examples
    --------
    >>> "brand" in reached_from("sales"), "income" in reached_from("sales")
    (True, False)
    """
    own = CONTRACTS[contract].column_names
    linked = {home for home, key in LINKS.items() if key in own}
    return frozenset(d.name for d in DIMENSIONS.values() if d.name in own or d.home in linked)

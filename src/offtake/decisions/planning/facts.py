"""What is known when plans are judged: read once from the tables of a published run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from offtake.decisions.planning.response import Response, read_response

if TYPE_CHECKING:
    import pyarrow as pa

Pair = tuple[str, str]
"""An item and a retailer."""
TABLES = (
    "planning_items",
    "planning_stores",
    "planning_distribution",
    "planning_cover",
    "planning_base",
    "planning_season",
    "planning_responses",
    "planning_parameters",
    "planning_execution",
    "planning_errors",
)
"""Tables of a run that planning reads."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of the category."""

    product_id: str
    description: str
    brand: str
    manufacturer: str
    subcategory: str
    pack_size: str
    own: bool


@dataclass(frozen=True, slots=True)
class Shop:
    """A store; `share` is its part of the category's sales of its retailer, percent."""

    store_id: str
    name: str
    retailer: str
    region: str
    territory: str
    share: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """Where an item is at a retailer.

    Parameters
    ----------
    stores
        Stores of the retailer that sold anything in the latest four weeks.
    listed
        Stores that have it on the distribution list; None where no list is loaded.
    selling
        Stores that sold it in the latest four weeks.
    numeric, weighted
        Percent: of stores, and of their sales of the category.
    listed_later
        Stores in which a listing begins after the latest week.
    """

    stores: int
    listed: int | None
    selling: int
    numeric: float
    weighted: float
    listed_later: int = 0


@dataclass(frozen=True, slots=True)
class Cover:
    """Stock of an item at a retailer.

    Parameters
    ----------
    on_hand
        Units by the latest records.
    stores
        Stores with a record.
    as_of
        Day of the latest record.
    """

    on_hand: float
    stores: int
    as_of: date


@dataclass(frozen=True, slots=True)
class Base:
    """What an item sells at a retailer without promotions.

    Parameters
    ----------
    units, log_sd
        Expected units a week at the season's mean without the brand's promotions, and the error
        of their log that is its own.
    sold
        Units a week as sold lately, promotions and all.
    stores
        Stores that sell it.
    price, margin
        Latest regular price and margin, money per unit; None where not known.
    """

    units: float
    stores: int
    price: float | None = None
    margin: float | None = None
    log_sd: float = 0.0
    sold: float = 0.0


@dataclass(frozen=True, slots=True)
class Usual:
    """What a retailer's stores usually do of what was agreed, percent of base units.

    Parameters
    ----------
    display, feature, price_cut
        Of base units in stores with one agreed, those where it was done; None where none was
        agreed.
    agreed
        Store-item-weeks that this rests on.
    """

    display: float | None
    feature: float | None
    price_cut: float | None
    agreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningFacts:
    """Everything that plans are judged by.

    Parameters
    ----------
    items, stores
        By id.
    distribution, cover, base
        By item and retailer; `cover` is None where no stock is loaded, `distribution` and `base`
        are empty where nothing is known.
    season
        Index by ISO week, 1 to 53, around 1; empty where less than two years are loaded.
    execution
        By retailer.
    response
        What the fitted promotion model knows; None where none is.
    last_week
        Monday of the latest week loaded; None where not known.
    """

    items: Mapping[str, Item] = field(default_factory=dict)
    stores: Mapping[str, Shop] = field(default_factory=dict)
    distribution: Mapping[Pair, Distribution] = field(default_factory=dict)
    cover: Mapping[Pair, Cover] | None = None
    base: Mapping[Pair, Base] = field(default_factory=dict)
    season: Mapping[int, float] = field(default_factory=dict)
    execution: Mapping[str, Usual] = field(default_factory=dict)
    response: Response | None = None
    last_week: date | None = None

    @property
    def retailers(self) -> tuple[str, ...]:
        """Retailers with a store, by name."""
        return tuple(sorted({shop.retailer for shop in self.stores.values()}))

    def name_of(self, item: str) -> str:
        """Return what people call an item, or its id where it has no description."""
        known = self.items.get(item)
        return known.description or item if known else item

    def in_season(self, monday: date) -> float:
        """Return the index of a week's season; 1 where no season is known."""
        return self.season.get(monday.isocalendar().week, 1.0)

    def share_of_stores(self, retailer: str, store_ids: tuple[str, ...] | None) -> float:
        """Return the part, 0 to 1, of a retailer's category sales that some stores have."""
        if store_ids is None:
            return 1.0
        chosen = set(store_ids)
        mine = [shop for shop in self.stores.values() if shop.retailer == retailer]
        whole = sum(shop.share for shop in mine)
        part = sum(shop.share for shop in mine if shop.store_id in chosen)
        return part / whole if whole else 0.0


def planning_facts(tables: Mapping[str, pa.Table]) -> PlanningFacts:
    """Read the tables of a run into what planning needs.

    Parameters
    ----------
    tables
        Arrow tables by name, those of `TABLES` that the run has; others are not looked at.

    Examples
    --------
    >>> planning_facts({}).response is None
    True
    """
    base = _rows(tables, "planning_base")
    return PlanningFacts(
        items={row["product_id"]: _item(row) for row in _rows(tables, "planning_items")},
        stores={row["store_id"]: _shop(row) for row in _rows(tables, "planning_stores")},
        distribution={
            _pair(row): Distribution(
                row["stores"],
                row["listed"],
                row["selling"],
                row["numeric"],
                row["weighted"],
                row["listed_later"] or 0,
            )
            for row in _rows(tables, "planning_distribution")
        },
        cover=_cover(tables),
        base={
            _pair(row): Base(
                row["units"], row["stores"], row["price"], row["margin"], row["log_sd"], row["sold"]
            )
            for row in base
        },
        season={row["iso_week"]: row["index"] for row in _rows(tables, "planning_season")},
        execution={
            row["retailer"]: Usual(row["display"], row["feature"], row["price_cut"], row["agreed"])
            for row in _rows(tables, "planning_execution")
        },
        response=read_response(tables),
        last_week=base[0]["last_week"] if base else None,
    )


def _rows(tables: Mapping[str, pa.Table], name: str) -> list[dict[str, Any]]:
    return tables[name].to_pylist() if name in tables else []


def _pair(row: Mapping[str, Any]) -> Pair:
    return row["product_id"], row["retailer"]


def _item(row: Mapping[str, Any]) -> Item:
    names = ("description", "brand", "manufacturer", "subcategory", "pack_size")
    return Item(
        product_id=row["product_id"], own=row["own"], **{name: row[name] or "" for name in names}
    )


def _shop(row: Mapping[str, Any]) -> Shop:
    names = ("name", "retailer", "region", "territory")
    return Shop(
        store_id=row["store_id"],
        share=row["share"] or 0.0,
        **{name: row[name] or "" for name in names},
    )


def _cover(tables: Mapping[str, pa.Table]) -> Mapping[Pair, Cover] | None:
    if "planning_cover" not in tables:
        return None
    return {
        _pair(row): Cover(row["on_hand"], row["stores"], row["as_of"])
        for row in _rows(tables, "planning_cover")
    }

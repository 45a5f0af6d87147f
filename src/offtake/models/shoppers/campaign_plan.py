"""Campaigns that touch a category, and who was sent what: from the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from offtake.data.store import Store, Tables
from offtake.errors import MissingContractError
from offtake.measures.baskets import bought
from offtake.models.names import Integers, Names, coded, texts

if TYPE_CHECKING:
    import ibis.expr.types as ir

Days = NDArray[np.datetime64]
NEEDED = ("campaign", "campaign_contact", "basket_line", "product")
FIRST_FEW = 0.05
"""Share of the contacts of a campaign with which it has begun."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All C campaigns loaded.

    Parameters
    ----------
    ids, names, kinds, brands
        (C,) what they are called; `UNNAMED` where not known.
    first
        (C,) first day, as it is loaded.
    start, stop
        (C,) day by which the first few were sent it, or its first day, and last day.
    products
        (C,) products of the category asked for that it is for.
    by_coupon
        (C,) whether these come from its coupons, else from its brand.
    """

    ids: Names
    names: Names
    kinds: Names
    brands: Names
    first: Days
    start: Days
    stop: Days
    products: Integers
    by_coupon: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Contacts:
    """H households and the campaigns that they were sent.

    Parameters
    ----------
    households
        (H,) ids in order.
    household, campaign
        (N,) places in `households` and in the plan, one pair for every contact.
    """

    households: Names
    household: Integers
    campaign: Integers

    def of(self, campaign: int) -> NDArray[np.bool_]:
        """Return who was sent a campaign, (H,)."""
        chosen = np.zeros(self.households.size, bool)
        chosen[self.household[self.campaign == campaign]] = True
        return chosen


def demand_contracts(tables: Tables) -> None:
    """Raise an error that names what to load, where something needed is not there.

    Raises
    ------
    MissingContractError
        When a contract that campaigns need is empty.
    """
    absent = [name for name in NEEDED if name not in tables.filled]
    if absent:
        raise MissingContractError(
            f"the effect of campaigns needs {', '.join(NEEDED)}; nothing has been loaded into "
            f"{', '.join(absent)}. Load it: offtake load FILE --as {absent[0]}"
        )


def promoted(tables: Tables, category: str) -> ir.Table:
    """Return campaign_id and product_id of the category's products that campaigns are for.

    Those on its coupons; for a campaign without coupons in the category, those of its brand.
    """
    products = tables["product"]
    products = products.filter(products.category == category).select("product_id", "brand")
    coupons = tables["coupon"].select("campaign_id", "product_id").distinct()
    by_coupon = coupons.semi_join(products, "product_id").mutate(by_coupon=True)
    campaigns = tables["campaign"]
    campaigns = campaigns.filter(campaigns.brand.notnull()).select("campaign_id", "brand")
    others = campaigns.anti_join(by_coupon, "campaign_id")
    by_brand = others.inner_join(products, "brand").select("campaign_id", "product_id")
    return by_coupon.union(by_brand.mutate(by_coupon=False))


def campaign_plan(store: Store, tables: Tables, category: str) -> Plan:
    """Return all campaigns loaded, with how many products of a category each is for."""
    rows = promoted(tables, category)
    counts = rows.group_by("campaign_id").aggregate(
        products=rows.product_id.nunique(), by_coupon=rows.by_coupon.any()
    )
    contacts = tables["campaign_contact"]
    dated = contacts.filter(contacts.contacted.notnull())
    sent = dated.group_by(["campaign_id", "contacted"]).aggregate(many=dated.count())
    campaigns = tables["campaign"].left_join(counts, "campaign_id").drop("campaign_id_right")
    found = columns(store, campaigns.order_by(["first_day", "campaign_id"]))
    first = found["first_day"].astype("datetime64[D]")
    ids = texts(found["campaign_id"])
    sent_day = _sent(ids, columns(store, sent.order_by(["campaign_id", "contacted"])))
    return Plan(
        ids=ids,
        names=texts(found["name"]),
        kinds=texts(found["kind"]),
        brands=texts(found["brand"]),
        first=first,
        start=np.where(np.isnat(sent_day), first, sent_day),
        stop=found["last_day"].astype("datetime64[D]"),
        products=np.nan_to_num(found["products"].astype(np.float64)).astype(np.int64),
        by_coupon=np.array([bool(each) for each in found["by_coupon"]], dtype=bool),
    )


def _sent(ids: Names, dated: dict[str, NDArray[Any]]) -> Days:
    """Return the day by which a campaign had been sent to the first few, (C,); NaT where unknown.

    A contact that is dated long before all others is a mistake, and no start.
    """
    found = np.full(ids.size, np.datetime64("NaT", "D"))
    names, day = texts(dated["campaign_id"]), dated["contacted"].astype("datetime64[D]")
    for place, name in enumerate(ids):
        mine = names == name
        many = np.cumsum(dated["many"][mine])
        if many.size:
            found[place] = day[mine][np.searchsorted(many, FIRST_FEW * many[-1])]
    return found


def campaign_contacts(store: Store, tables: Tables, plan: Plan) -> Contacts:
    """Return every household that was sent a campaign or ever bought anything."""
    # Contacts of a campaign that is not loaded are nobody's.
    known = tables["campaign_contact"].semi_join(tables["campaign"], "campaign_id")
    pairs = columns(store, known.select("campaign_id", "household_id"))
    shopping = bought(tables["basket_line"]).select("household_id").distinct()
    others = columns(store, shopping.order_by("household_id"))["household_id"]
    households, code = coded(np.concatenate([pairs["household_id"], others]))
    order = np.argsort(plan.ids)
    place = order[np.searchsorted(plan.ids[order], texts(pairs["campaign_id"]))]
    return Contacts(households, code[: place.size], place.astype(np.int64))


def columns(store: Store, expression: ir.Table) -> dict[str, NDArray[Any]]:
    """Return the columns of an expression as arrays."""
    table = store.run(expression)
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}

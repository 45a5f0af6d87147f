"""What the published run knows that plans are judged by; read once per run, which never changes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import pyarrow as pa

from offtake.decisions.planning.facts import TABLES, PlanningFacts, planning_facts
from offtake.errors import OfftakeError
from offtake.report.run import Run
from offtake_web.common.markets import Market
from offtake_web.runs.queries import current
from offtake_web.runs.tables import table

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A run's id and currency, what it knows for planning, and where its territories are."""

    run_id: str = ""
    facts: PlanningFacts = field(default_factory=PlanningFacts)
    currency: str = ""
    simulated: str = ""
    territories: dict[str, frozenset[str]] = field(default_factory=dict)

    def territories_of(
        self, retailers: Collection[str], store_ids: Iterable[str] | None
    ) -> frozenset[str]:
        """Return the territories of stores, or of all stores of retailers (none named: of all)."""
        if store_ids is not None:
            shops = (self.facts.stores.get(store) for store in store_ids)
            return frozenset(shop.territory for shop in shops if shop)
        parts = (found for name, found in self.territories.items() if _among(name, retailers))
        return frozenset().union(*parts)

    def brands_of(self, product_ids: Iterable[str]) -> frozenset[str]:
        items = (self.facts.items.get(each) for each in product_ids)
        return frozenset(item.brand for item in items if item and item.brand)


def _among(name: str, named: Collection[str]) -> bool:
    return not named or name in named


NOTHING = Known()


def known(market: Market) -> Known:
    """Return what the published run knows; nothing where none is published."""
    run = current(market)
    return NOTHING if run is None else _read(_Kept(run))


class _Kept:
    """A run, told from others by its folder."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def __hash__(self) -> int:
        return hash(self.run.folder)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.run.folder == self.run.folder


@lru_cache(maxsize=8)
def _read(kept: _Kept) -> Known:
    run = kept.run
    try:
        facts = planning_facts(_tables(run))
    except (OfftakeError, KeyError):
        logger.exception("the planning tables of run %r cannot be read", run.run_id)
        facts = PlanningFacts()
    territories: dict[str, set[str]] = {}
    for shop in facts.stores.values():
        territories.setdefault(shop.retailer, set()).add(shop.territory)
    frame = run.manifest.frame
    return Known(
        run_id=run.run_id,
        facts=facts,
        currency=frame.currency,
        simulated=frame.simulated,
        territories={name: frozenset(found) for name, found in territories.items()},
    )


def _tables(run: Run) -> dict[str, pa.Table]:
    has = {entry.name for entry in run.manifest.tables}
    return {name: table(run, name) for name in TABLES if name in has}

"""What the fitted promotion model knows, as arrays that a forecast needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LEVERS = ("price_cut", "display", "feature", "display_feature")
"""What an item responds to: log of what is left of the price, and three supports."""
DRAWS = 1000
"""Draws of the parameters that intervals are read from; a multiple of 2."""
SEED = 20260105
NEEDED = ("planning_responses", "planning_parameters", "planning_errors")


@dataclass(frozen=True, slots=True)
class Errors:
    """What a forecast errs by beyond the parameters, standard deviations of logs.

    Parameters
    ----------
    base_common
        Of the base: what all items err by together.
    event
        Of what single promotions sell around what the responses say.
    """

    base_common: float
    event: float


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """Responses of M pairs of item and retailer.

    Parameters
    ----------
    at
        Row of every pair.
    brands, makers
        What each item competes as, and who makes it.
    mates, rivals
        (M,) weight of the item in the pull on its brand's other items, and on other brands.
    beside_mates, beside_rivals
        (M,) share of the others' units at the retailer that is sold in stores with the item.
    known
        (4,) whether the data tell the response to each lever.
    levers
        (1 + D, M, 4) responses: as estimated first, then drawn.
    dips
        (1 + D, L) share of a promotion's log gain lost so many weeks later.
    own_pulls, rival_pulls
        (1 + D, M) share of the log gain that others lose, by the item that pulls.
    dips_known
        Whether the data tell the dips.
    ratio
        (1 + D,) response of stores that do not execute over that of those which do.
    errors
        What else a forecast errs by.
    """

    at: Mapping[tuple[str, str], int]
    brands: tuple[str, ...]
    makers: tuple[str, ...]
    mates: Floats
    rivals: Floats
    beside_mates: Floats
    beside_rivals: Floats
    known: tuple[bool, bool, bool, bool]
    levers: Floats
    dips: Floats
    own_pulls: Floats
    rival_pulls: Floats
    dips_known: bool
    ratio: Floats
    errors: Errors

    @property
    def after(self) -> int:
        """Weeks after a promotion in which it still acts."""
        return int(self.dips.shape[1])

    @property
    def other_weeks(self) -> float | None:
        """Share of the log gain that later weeks lose; None where the data do not tell."""
        return float(self.dips[0].sum()) if self.dips_known else None


def read_response(tables: Mapping[str, pa.Table]) -> Response | None:
    """Read the responses of a run; None where no promotion model was fitted.

    Parameters
    ----------
    tables
        Arrow tables by name.
    """
    if not all(name in tables and tables[name].num_rows for name in NEEDED):
        return None
    pairs = tables["planning_responses"].to_pydict()
    given = tables["planning_parameters"].to_pydict()
    errors = {row["name"]: row["value"] for row in tables["planning_errors"].to_pylist()}
    drawn = _drawn(given, errors["degrees"])
    kind = np.array(given["kind"])
    known = np.array(given["known"], dtype=bool)
    dips = kind == "dip"
    pullers = np.array(pairs["puller"], dtype=np.int64)
    return Response(
        at={pair: row for row, pair in enumerate(zip(pairs["product_id"], pairs["retailer"],
                                                     strict=True))},
        brands=tuple(pairs["brand"]),
        makers=tuple(pairs["manufacturer"]),
        mates=np.array(pairs["mates"], dtype=np.float64),
        rivals=np.array(pairs["rivals"], dtype=np.float64),
        beside_mates=np.array(pairs["beside_mates"], dtype=np.float64),
        beside_rivals=np.array(pairs["beside_rivals"], dtype=np.float64),
        known=_known(known[kind == "item"]),
        levers=_levers(pairs, drawn, kind),
        dips=drawn[:, dips],
        own_pulls=drawn[:, kind == "own_pull"][:, pullers],
        rival_pulls=drawn[:, kind == "rival_pull"][:, pullers],
        dips_known=bool(known[dips].any()),
        ratio=_ratio(errors["ratio"], errors["ratio_sd"]),
        errors=Errors(errors["base_common"], errors["event"]),
    )  # fmt: skip


def _known(of_items: NDArray[np.bool_]) -> tuple[bool, bool, bool, bool]:
    """Return which levers the responses of any items are told of: others are drawn to these."""
    told = of_items.reshape(-1, len(LEVERS)).any(axis=0).reshape(-1)
    told = np.asarray(told, dtype=bool)
    return bool(told[0]), bool(told[1]), bool(told[2]), bool(told[3])


def _drawn(given: Mapping[str, list[Any]], degrees: float) -> Floats:
    """Return the parameters, (1 + D, K): as estimated, and drawn around it by Student's t."""
    value = np.array(given["value"], dtype=np.float64)
    covariance = np.array(given["covariance"], dtype=np.float64)
    spread, axes = np.linalg.eigh(covariance)
    rng = np.random.default_rng(SEED)
    plain = rng.standard_normal((DRAWS // 2, value.size))
    scale = np.sqrt(degrees / rng.chisquare(degrees, (DRAWS // 2, 1)))
    around = (plain * scale) @ (axes * np.sqrt(np.maximum(spread, 0.0))).T
    found: Floats = np.concatenate([value[None], value + around, value - around])
    return found


def _ratio(value: float, error: float) -> Floats:
    rng = np.random.default_rng(SEED + 1)
    drawn = value + error * rng.standard_normal(DRAWS)
    return np.concatenate([[value], np.maximum(drawn, 0.0)])


def _levers(pairs: Mapping[str, list[Any]], drawn: Floats, kind: NDArray[np.str_]) -> Floats:
    """Return responses of every pair: those of its item, and what its retailer adds."""
    items = drawn[:, kind == "item"].reshape(len(drawn), -1, len(LEVERS))
    added = drawn[:, kind == "retailer"].reshape(len(drawn), -1, len(LEVERS))
    found: Floats = items[:, np.array(pairs["item_set"], dtype=np.int64)]
    shares = np.array(pairs["contrasts"], dtype=np.float64)
    if added.shape[1]:
        shares = shares.reshape(len(shares), -1, len(LEVERS))
        found = found + np.einsum("mck,dck->dmk", shares, added, optimize=True)
    return found

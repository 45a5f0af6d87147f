"""How buyers were won and what kinds of buyers there are, as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from offtake.models.columns import Columns, as_table
from offtake.models.kernels.normal_ends import normal_ends, student_ends
from offtake.models.kernels.share_intervals import shares_of_counts, shares_of_sums
from offtake.models.kernels.survival import returned
from offtake.models.shoppers.buyer_types import LOADER, TYPES, Buyers, buyers
from offtake.models.shoppers.won_effects import Effects, effects
from offtake.models.shoppers.won_notes import rules, won_notes
from offtake.models.shoppers.won_rows import Flags, Floats, Integers, WonRows, won_rows
from offtake.models.shoppers.won_spec import LEVEL, WonSpec
from offtake.models.shoppers.won_triggers import (
    DAYS,
    SUPPORTED,
    TRIGGERS,
    After,
    Triggers,
    after,
    triggers,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables

PERCENT = 100.0
CURVE_WEEKS = 26
"""Weeks since the first purchase up to which curves are drawn."""
EVERY = "(all)"
KINDS = len(TRIGGERS)
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Won:
    """All that is known of how the buyers of a category were won.

    Parameters
    ----------
    rows
        Purchases and first purchases.
    won, then
        What won first-time buyers, and what they did after.
    told
        Differences in repeat.
    buyers
        Every buyer with its kind.
    spec
        What was asked.
    """

    rows: WonRows
    won: Triggers
    then: After
    told: Effects
    buyers: Buyers
    spec: WonSpec


def won_tables(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: WonSpec | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return how the buyers of a category were won, by name of the table.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        What is asked: brands or manufacturers, and the rules that tell kinds of buyers apart.
    progress
        Called with what is being done and how far it is (0 to 100).

    Returns
    -------
    dict
        ``shopper_won`` by group and trigger, ``shopper_won_category`` by trigger,
        ``shopper_won_combinations``, ``shopper_won_curves``, ``shopper_buyer_types`` and
        ``shopper_won_notes``. Shares are percent; ``_low`` and ``_high`` are the ends of 80 %
        intervals; what is not known is empty.

    Raises
    ------
    MissingContractError
        When no basket lines or products are loaded.
    BadInputError
        When no household bought anything of the category.
    """
    spec = spec or WonSpec()
    report = progress or (lambda _step, _share: None)
    report("first purchases", 0.0)
    rows = won_rows(store, tables, category, grouping=spec.by)
    report("what won them", 50.0)
    won, then = triggers(rows), after(rows)
    known = Won(rows, won, then, effects(rows, won, then, spec), buyers(rows, spec), spec)
    report("tables", 90.0)
    return {
        "shopper_won": won_table(known),
        "shopper_won_category": category_table(known),
        "shopper_won_combinations": combination_table(known),
        "shopper_won_curves": curve_table(known),
        "shopper_buyer_types": type_table(known),
        "shopper_won_notes": as_table(
            {"note": list(won_notes(known.rows, known.won, known.buyers, known.told.liking))}
        ),
    }


def won_table(known: Won) -> pa.Table:
    """Return ``shopper_won``: first-time buyers by group and what won them, and what came of it.

    ``repeat`` is of those followed, as the measure repeat_rate_first_time_buyers_who_rebuy counts
    it; ``further_days`` how many more days each bought on, ``twice_or_more`` who did on two or
    more. ``difference`` is in points of repeat, to buyers like them won at full price, less what
    comes of support winning those who like a group less, and drawn together with what other groups
    show; ``own_difference`` is from the group's buyers alone. What
    they later cover with the group (``scr``), how much of that they buy on deal (``deal_share``)
    and what each is worth (``value_per_buyer``, ``margin_per_buyer``) are of the follow-up.
    """
    rows = known.rows
    code = rows.trials.group * KINDS + known.won.trigger
    size = rows.groups.size * KINDS
    cells = np.flatnonzero(np.bincount(code, minlength=size))
    group, kind = cells // KINDS, cells % KINDS
    return as_table({
        "by": np.full(cells.size, rows.grouping),
        "name": rows.groups[group],
        "trigger": np.array(TRIGGERS)[kind],
        **_counted(known, code, size, cells),
        **_differences(known, group, kind),
        **_later(known, code, size, cells),
    })  # fmt: skip


def category_table(known: Won) -> pa.Table:
    """Return ``shopper_won_category``: the same by what won them, over all groups.

    A household counts once for every group that it was won for. ``difference`` is over all
    first-time buyers that the trigger won.
    """
    kind, told = np.arange(KINDS), known.told
    reach = normal_ends(LEVEL) * told.overall_error
    columns: Columns = {
        "difference": told.overall,
        "difference_low": told.overall - reach,
        "difference_high": told.overall + reach,
    }
    lacking = np.full(KINDS - len(SUPPORTED), np.nan)
    return as_table({
        "by": np.full(KINDS, known.rows.grouping),
        "trigger": np.array(TRIGGERS),
        **_counted(known, known.won.trigger, KINDS, kind),
        **{name: PERCENT * np.append(each, lacking) for name, each in columns.items()},
        **_later(known, known.won.trigger, KINDS, kind),
    })  # fmt: skip


def _counted(known: Won, code: Integers, size: int, cells: Integers) -> Columns:
    then = known.then

    def count(which: Floats | Flags) -> Integers:
        found: Integers = np.bincount(code, which, minlength=size)[cells].astype(np.int64)
        return found

    everyone = np.ones(code.size)
    followed, repeaters = count(then.followed), count(then.followed & then.again)
    repeat = shares_of_counts(repeaters, followed, level=LEVEL)
    return {
        "first_time_buyers": count(everyone),
        "followed": followed,
        "not_yet_followed": count(~then.followed),
        "repeaters": repeaters,
        "repeat": PERCENT * repeat.share,
        "repeat_low": PERCENT * repeat.low,
        "repeat_high": PERCENT * repeat.high,
        "further_days": _mean(known, code, size, then.days)[cells],
        "twice_or_more": PERCENT * _mean(known, code, size, then.days >= 2)[cells],
    }


def _mean(known: Won, code: Integers, size: int, values: Floats | Flags) -> Floats:
    """Return means over those followed, (size,); NaN where there are none."""
    kept = known.then.followed
    total = np.bincount(code[kept], values[kept], minlength=size)
    number = np.bincount(code[kept], minlength=size)
    found: Floats = np.divide(total, number, out=np.full(size, np.nan), where=number > 0)
    return found


def _differences(known: Won, group: Integers, kind: Integers) -> Columns:
    told, supported = known.told, kind < len(SUPPORTED)
    place = group, np.minimum(kind, len(SUPPORTED) - 1)

    def at(values: Floats) -> Floats:
        found: Floats = np.where(supported, PERCENT * values[place], np.nan)
        return found

    own = at(told.own)
    reach = student_ends(LEVEL, told.own_degrees[place]) * at(told.own_error)
    both = np.isfinite(own)
    basis = np.select(
        [both, np.isfinite(at(told.pooled))],
        ["its own buyers and other groups", "other groups: too few of its own"],
        default="",
    )
    return {
        "compared_with": np.where(supported, told.compared[group], 0),
        "difference": at(told.pooled),
        "difference_low": at(told.low),
        "difference_high": at(told.high),
        "difference_from": [each or None for each in basis.tolist()],
        "own_difference": own,
        "own_difference_low": own - reach,
        "own_difference_high": own + reach,
    }


def _later(known: Won, code: Integers, size: int, cells: Integers) -> Columns:
    then, kept = known.then, known.then.followed
    scr = shares_of_sums(
        then.units[kept], then.category_units[kept], code[kept], size=size, level=LEVEL
    )
    deals = shares_of_sums(
        then.deal_units[kept], then.units[kept], code[kept], size=size, level=LEVEL
    )
    found: Columns = {}
    for name, each in (("scr", scr), ("deal_share", deals)):
        found[name] = PERCENT * each.share[cells]
        found[f"{name}_low"] = PERCENT * each.low[cells]
        found[f"{name}_high"] = PERCENT * each.high[cells]
    found["units_per_buyer"] = _mean(known, code, size, then.units)[cells]
    found["value_per_buyer"] = _mean(known, code, size, then.value)[cells]
    margin = then.margin if np.isfinite(known.rows.lines.margin).any() else then.margin * np.nan
    found["margin_per_buyer"] = _mean(known, code, size, margin)[cells]
    return found


def combination_table(known: Won) -> pa.Table:
    """Return ``shopper_won_combinations``: all that was there when households first bought."""
    rows, won = known.rows, known.won
    flags = np.column_stack([won.coupon, won.display, won.leaflet, won.on_deal])
    key = rows.trials.group * 16 + flags @ (1 << np.arange(4))
    each, number = np.unique(key, return_counts=True)
    names = ("coupon", "display", "leaflet", "on_deal")
    return as_table({
        "by": np.full(each.size, rows.grouping),
        "name": rows.groups[each // 16],
        **{name: (each % 16 >> bit & 1).astype(np.bool_) for bit, name in enumerate(names)},
        "first_time_buyers": number,
    })  # fmt: skip


def curve_table(known: Won) -> pa.Table:
    """Return ``shopper_won_curves``: the share that has bought again by weeks since the first.

    Kaplan and Meier's estimate, so that those not yet followed count for as long as they are
    watched. Groups with as many first-time buyers by a trigger as the specification asks, and all
    groups together (`EVERY`), which is no sum of the others.
    """
    rows, then = known.rows, known.then
    last = max(1, min(CURVE_WEEKS, rows.last // DAYS))
    weeks = np.arange(1, last + 1)
    code = rows.trials.group * KINDS + known.won.trigger
    whole = rows.groups.size * KINDS + known.won.trigger
    many = np.bincount(np.append(code, whole), minlength=(rows.groups.size + 1) * KINDS)
    names = np.append(rows.groups.astype(object), EVERY)
    pieces: dict[str, list[object]] = {}
    for cell in np.flatnonzero(many >= known.spec.least):
        mine = (code == cell) | (whole == cell)
        found = returned(then.watched[mine], then.came[mine], DAYS * weeks, level=LEVEL)
        columns = {
            "by": np.full(last, rows.grouping),
            "name": np.full(last, names[cell // KINDS]),
            "trigger": np.full(last, TRIGGERS[cell % KINDS]),
            "weeks_since_trial": weeks,
            "bought_again": PERCENT * found.share,
            "bought_again_low": PERCENT * found.low,
            "bought_again_high": PERCENT * found.high,
            "still_watched": found.watched,
        }
        for name, values in columns.items():
            pieces.setdefault(name, []).extend(values.tolist())
    return as_table(pieces or _no_curves())


def _no_curves() -> Columns:
    texts = {name: np.array([], dtype=object) for name in ("by", "name", "trigger")}
    numbers = ("bought_again", "bought_again_low", "bought_again_high")
    counts = {"weeks_since_trial": np.zeros(0, dtype=np.int64)}
    watched = {"still_watched": np.zeros(0, dtype=np.int64)}
    return texts | counts | {name: np.zeros(0) for name in numbers} | watched


def type_table(known: Won) -> pa.Table:
    """Return ``shopper_buyer_types``: buyers of every group by kind, and what they buy.

    ``by_chance``: how many would be called pantry loaders if their days on deal fell at random.
    """
    rows, found = known.rows, known.buyers
    size = len(TYPES)
    code = found.group * size + found.type
    cells = np.arange(rows.groups.size * size)
    group, kind = cells // size, cells % size

    def total(values: Floats) -> Floats:
        sums: Floats = np.bincount(code, values, minlength=cells.size).astype(np.float64)
        return sums

    def share(values: Floats) -> Floats:
        whole = np.bincount(group, values)[group]
        part: Floats = np.divide(values, whole, out=np.full(cells.size, np.nan), where=whole > 0)
        return PERCENT * part

    homes, units, value = total(np.ones(code.size)), total(found.units), total(found.value)
    chance = np.bincount(found.group, found.by_chance, minlength=rows.groups.size)[group]
    with np.errstate(invalid="ignore", divide="ignore"):
        scr = PERCENT * units / total(found.category_units)
        deals = PERCENT * total(found.deal_units) / units
    return as_table({
        "by": np.full(cells.size, rows.grouping),
        "name": rows.groups[group],
        "type": np.array(TYPES)[kind],
        "rule": np.array(rules(known.spec))[kind],
        "households": homes.astype(np.int64),
        "share_of_households": share(homes),
        "units": units,
        "share_of_units": share(units),
        "value": value,
        "share_of_value": share(value),
        "scr": scr,
        "deal_share": deals,
        "by_chance": np.where(kind == LOADER, chance, np.nan),
    })  # fmt: skip

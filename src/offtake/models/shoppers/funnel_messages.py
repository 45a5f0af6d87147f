"""Which messages were noticed where, what was taken from them, and which contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from offtake.measures.dimensions import NOT_STATED
from offtake.measures.scope import Filter, Scope
from offtake.measures.survey import known_answers
from offtake.models.columns import Columns, as_table
from offtake.models.names import coded, joint, texts
from offtake.models.shoppers.funnel_draws import Funnel, interval, step_draws
from offtake.models.shoppers.funnel_fit import fit_step
from offtake.models.shoppers.funnel_rows import DAYS, SURVEY, Counts, SurveyRows
from offtake.models.shoppers.funnel_shares import posterior_shares
from offtake.models.shoppers.funnel_spec import FunnelSpec
from offtake.models.shoppers.funnel_tables import Z_80, both_ends

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from offtake.data.store import Store, Tables

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

RECALL = "message_recall"
MESSAGE = ("brand", "message", "touchpoint")
PERCENT = 100.0
WITHIN = 26
"""Weeks before the latest wave within which a message still counts as running."""
CLASH = 0.1
"""Share, above what people say of anything, from which two messages contradict each other."""
MISTAKES = 20.5
"""Answers without a mistake that are put beside those of people who noticed a single message."""
FEWEST = 10
"""People who noticed both, without whom nothing is said of a pair."""
NOTICED_STEP = "aware"
"""The step of the funnel whose smoother, and whose random numbers, serve for noticing."""


@dataclass(frozen=True, slots=True, eq=False)
class Recall:
    """Message by message and touchpoint: N of them.

    Parameters
    ----------
    names
        Brand, message and touchpoint, (N,) each.
    funnel
        Noticing, smoothed over waves: the messages stand in the place of brands.
    """

    names: dict[str, NDArray[np.str_]]
    funnel: Funnel


def fit_recall(
    store: Store, tables: Tables, category: str, spec: FunnelSpec | None = None
) -> Recall | None:
    """Smooth how many notice each message at each touchpoint; None where nobody was asked.

    Parameters
    ----------
    store, tables
        Where the answers are.
    category
        As the survey calls it.
    spec
        What is assumed.
    """
    spec = spec or FunnelSpec()
    rows = _recall(tables, category)
    keys = [*MESSAGE, "house", "week"]
    sums = rows.group_by(keys).aggregate(
        base=rows.weight.sum(),
        yes=rows.weight.sum(where=rows.noticed),
        squares=(rows.weight * rows.weight).sum(),
    )
    found = store.run(sums.order_by(keys))
    if not found.num_rows:
        return None
    return _fitted(found, category, spec)


def _recall(tables: Tables, category: str) -> ir.Table:
    scope = Scope(tables, by=("week",), where=(Filter("category", (category,)),))
    rows = scope.facts(RECALL)
    return rows.mutate(weight=rows.weight.fill_null(1.0), house=rows.house.fill_null(NOT_STATED))


def _fitted(found: pa.Table, category: str, spec: FunnelSpec) -> Recall:
    parts = {name: coded(_column(found, name)) for name in MESSAGE}
    series = joint(joint(parts["brand"][1], parts["message"][1]), parts["touchpoint"][1])
    first = np.unique(series, return_index=True)[1]
    names = {name: parts[name][0][parts[name][1][first]] for name in MESSAGE}
    houses, house = coded(_column(found, "house"))
    weeks, week = np.unique(
        found["week"].to_numpy(zero_copy_only=False).astype("datetime64[D]"), return_inverse=True
    )
    base, yes, squares = (_numbers(found, name) for name in ("base", "yes", "squares"))
    size = np.divide(base**2, squares, out=np.zeros_like(base), where=squares > 0)
    share = np.divide(yes, base, out=np.zeros_like(base), where=base > 0)
    asked, said = np.zeros((2, first.size, weeks.size, 1, houses.size))
    asked[series, week, 0, house], said[series, week, 0, house] = size, size * share
    counts = Counts(said, asked)
    rows = SurveyRows(
        category=category,
        group="region",
        brands=np.arange(first.size).astype(np.str_),
        groups=np.array(["all"]),
        houses=houses,
        weeks=weeks,
        people=np.ones(1),
        counts={NOTICED_STEP: counts},
    )
    return Recall(names, Funnel(rows, {NOTICED_STEP: fit_step(rows, counts, spec)}, spec))


def _column(found: pa.Table, name: str) -> NDArray[Any]:
    return texts(found[name].to_numpy(zero_copy_only=False))


def _numbers(found: pa.Table, name: str) -> Floats:
    values: Floats = found[name].to_numpy(zero_copy_only=False).astype(np.float64)
    return np.nan_to_num(values)


def message_table(store: Store, tables: Tables, category: str, recall: Recall) -> pa.Table:
    """Return ``shopper_messages``: what became of each message at each touchpoint.

    Of the messages asked about within the latest half year. ``noticed`` is smoothed to the last
    wave in which it was asked (``week``), with what houses do taken off; ``noticed_raw`` is that
    of the half year. ``understood``, ``right_brand`` and ``contradicts`` are percent of those who
    noticed it, over the half year, pooled over messages. ``considers_more`` is by how many points
    more of those who noticed it would consider the brand. That is no effect of the message: who
    buys a brand notices it more.

    Parameters
    ----------
    store, tables
        Where the answers are.
    category
        As the survey calls it.
    recall
        From :func:`fit_recall`.
    """
    last = recall.funnel.rows.weeks[-1].astype(object)
    taken = _by_message(store.run(_taken(tables, category, last)), recall)
    asked = recall.funnel.rows.counts[NOTICED_STEP].asked.sum(axis=(2, 3))
    place = asked.shape[1] - 1 - (asked[:, ::-1] > 0).argmax(axis=1)
    live = np.flatnonzero(taken["respondents"] > 0)
    drawn = np.stack(
        [step_draws(recall.funnel, NOTICED_STEP, int(one))[:, place[one], 0] for one in live]
    )
    middle, low, high = interval(PERCENT * drawn.T)
    found: Columns = {name: recall.names[name][live] for name in MESSAGE}
    found |= {
        "week": recall.funnel.rows.weeks[place[live]],
        "respondents": taken["respondents"][live].astype(np.int64),
        "noticed_raw": PERCENT * _over(taken["noticed_w"], taken["weight_w"])[live],
        "noticed": middle, "noticed_low": low, "noticed_high": high,
    }  # fmt: skip
    random = np.random.default_rng([recall.funnel.spec.seed, 400])
    for name in ("understood", "right_brand", "contradicts"):
        known = taken[f"{name}_n"][live]
        yes = known * _over(taken[f"{name}_w"], taken[f"{name}_base"])[live]
        shares = posterior_shares(yes, known, draws=recall.funnel.spec.draws, random=random)
        middle, low, high = interval(PERCENT * shares.T)
        found |= {name: middle, f"{name}_low": low, f"{name}_high": high}
    return as_table(found | _considers_more(store, tables, category, (recall, live, last)))


def _over(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _recent(rows: ir.Table, last: Any) -> ir.Table:  # noqa: ANN401  # a date, as the engine has it
    first = ibis.literal(last) - ibis.interval(days=DAYS * WITHIN)
    return rows.filter(rows.week > first)


def _taken(tables: Tables, category: str, last: Any) -> ir.Table:  # noqa: ANN401  # as above
    rows = _recent(_recall(tables, category), last)
    asked = {
        "understood": (rows.take_out, rows.take_out == rows.message),
        "right_brand": (rows.attributed_to, rows.attributed_to == rows.brand),
        "contradicts": (rows.fit, rows.fit == "contradicts"),
    }
    sums: dict[str, ir.Scalar] = {
        "respondents": rows.count(),
        "noticed_w": rows.weight.sum(where=rows.noticed),
        "weight_w": rows.weight.sum(),
    }
    for name, (answer, hit) in asked.items():
        base = rows.noticed & answer.notnull()
        weight, squares = rows.weight.sum(where=base), (rows.weight**2).sum(where=base)
        sums |= {
            f"{name}_w": rows.weight.sum(where=base & hit), f"{name}_base": weight,
            f"{name}_n": weight * weight / squares.nullif(0.0),
        }  # fmt: skip
    return rows.group_by(list(MESSAGE)).aggregate(**sums)


def _by_message(found: pa.Table, recall: Recall) -> dict[str, Floats]:
    """Return the columns of an answer in the order of the messages, 0 where it has none."""
    keys = list(zip(*(recall.names[name] for name in MESSAGE), strict=True))
    place = {tuple(str(part) for part in key): number for number, key in enumerate(keys)}
    rows = list(zip(*(found[name].to_pylist() for name in MESSAGE), strict=True))
    at = [place[row] for row in rows]
    columns: dict[str, Floats] = {}
    for name in found.column_names:
        if name not in MESSAGE:
            columns[name] = np.zeros(len(keys))
            columns[name][at] = _numbers(found, name)
    return columns


def _considers_more(
    store: Store, tables: Tables, category: str, of: tuple[Recall, Integers, Any]
) -> Columns:
    """Return by how much consideration is higher among those who noticed, in points."""
    recall, live, last = of
    nothing = np.full(live.size, np.nan)
    names = ("considers_more", "considers_more_low", "considers_more_high")
    if SURVEY not in tables.filled:
        return dict.fromkeys(names, nothing)
    rows = _recent(_recall(tables, category), last)
    answers = known_answers(tables[SURVEY])
    keys = ["respondent_id", "brand", "week"]
    slim = answers.filter(answers.considers.notnull()).select(*keys, "considers")
    both = rows.inner_join(slim, keys)
    sums: dict[str, ir.Scalar] = {}
    for name, mine in (("in", both.noticed), ("out", ~both.noticed)):
        weight = both.weight.sum(where=mine)
        sums |= {
            f"{name}_w": weight, f"{name}_yes": both.weight.sum(where=mine & both.considers),
            f"{name}_n": weight**2 / (both.weight**2).sum(where=mine).nullif(0.0),
        }  # fmt: skip
    found = _by_message(store.run(both.group_by(list(MESSAGE)).aggregate(**sums)), recall)
    share = {name: _over(found[f"{name}_yes"], found[f"{name}_w"])[live] for name in ("in", "out")}
    size = {name: found[f"{name}_n"][live] for name in ("in", "out")}
    enough = (size["in"] >= FEWEST) & (size["out"] >= FEWEST)
    safe = {name: np.maximum(size[name], 1.0) for name in size}
    # Half a yes and half a no more, so that an error does not vanish where all say the same.
    near = {name: (share[name] * size[name] + 0.5) / (size[name] + 1) for name in size}
    error = np.sqrt(sum(near[name] * (1 - near[name]) / safe[name] for name in size))
    middle = np.where(enough, PERCENT * (share["in"] - share["out"]), np.nan)
    reach = Z_80 * PERCENT * error
    return dict(zip(names, (middle, middle - reach, middle + reach), strict=True))


def conflict_table(store: Store, tables: Tables, category: str, recall: Recall) -> pa.Table:
    """Return ``shopper_message_conflicts``: touchpoints of a brand that contradict each other.

    A row per pair of messages that ran in the same waves of the latest half year, at one touchpoint
    or two, of people who noticed these two and no other of the brand, weighted. ``contradicts`` is
    the percent of them who say of either that it contradicts what else they noticed; ``usual`` is
    what it would be if they spoke as people do who noticed a single message, that can contradict
    nothing; empty where none of these were asked.
    ``different_take_out`` is the percent who took two different things away. ``finding`` is
    ``contradict each other``, ``go together`` or ``cannot tell``.

    Parameters
    ----------
    store, tables
        Where the answers are.
    category
        As the survey calls it.
    recall
        From :func:`fit_recall`.
    """
    spec, last = recall.funnel.spec, recall.funnel.rows.weeks[-1].astype(object)
    single, pairs = _pairs(_recent(_recall(tables, category), last))
    usual = _usual(store.run(single).to_pylist()[0])
    order = ["brand", "touchpoint", "message", "touchpoint_2", "message_2"]
    found = store.run(pairs.order_by(order))
    size, weight = _numbers(found, "size"), _numbers(found, "weight")
    hits, other = (_over(_numbers(found, name), weight) for name in ("hits", "different"))
    random = np.random.default_rng([spec.seed, 401])
    shares = posterior_shares(size * hits, size, draws=spec.draws, random=random)
    above = (shares > np.nan_to_num(usual) + CLASH).mean(axis=1)
    enough, sure = size >= FEWEST, both_ends(spec.sure)
    finding = np.full(size.size, "cannot tell", dtype="<U21")
    finding[enough & (above >= sure)] = "contradict each other"
    finding[enough & (above <= 1 - sure)] = "go together"
    middle, low, high = interval(PERCENT * shares.T)
    return as_table({
        "brand": _column(found, "brand"),
        "touchpoint": _column(found, "touchpoint"), "message": _column(found, "message"),
        "touchpoint_2": _column(found, "touchpoint_2"), "message_2": _column(found, "message_2"),
        "respondents": _numbers(found, "respondents").astype(np.int64),
        "contradicts": middle, "contradicts_low": low, "contradicts_high": high,
        "usual": np.full(size.size, PERCENT * usual),
        "different_take_out": np.where(size > 0, PERCENT * other, np.nan),
        "probability": PERCENT * above,
        "finding": finding,
    })  # fmt: skip


def _usual(alone: dict[str, float | None]) -> float:
    """Return how many of two messages are called contradictory by mistake; NaN if nobody can tell.

    People who noticed a single message have nothing that it could contradict. Where there are few
    of them, mistakes are taken to be rare.
    """
    size, hits, weight = (alone[name] or 0.0 for name in ("size", "hits", "weight"))
    if not size or not weight:
        return float("nan")
    noise = (size * hits / weight + 0.5) / (size + MISTAKES)
    return 1 - (1 - noise) ** 2


def _pairs(rows: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Return how those speak who noticed one message of a brand, and who noticed two."""
    person = ["respondent_id", "brand", "week"]
    rows = rows.filter(rows.noticed)
    counts = rows.group_by(person).aggregate(seen=rows.count())
    told = rows.filter(rows.fit.notnull()).select(
        *person, "touchpoint", "message", "take_out", "weight", clash=rows.fit == "contradicts"
    )
    known = told.inner_join(counts, person)
    one = known.filter(known.seen == 1)
    single = one.aggregate(**_weighed(one), hits=one.weight.sum(where=one.clash))
    two = known.filter(known.seen == 2).drop("seen")
    other = two.drop("weight").rename({
        "touchpoint_2": "touchpoint", "message_2": "message", "take_out_2": "take_out",
        "clash_2": "clash",
    })  # fmt: skip
    both = two.inner_join(other, person)
    same = both.touchpoint == both.touchpoint_2
    both = both.filter(
        (both.touchpoint < both.touchpoint_2) | (same & (both.message < both.message_2))
    )
    names = ["brand", "touchpoint", "message", "touchpoint_2", "message_2"]
    pairs = both.group_by(names).aggregate(
        **_weighed(both),
        respondents=both.count(),
        hits=both.weight.sum(where=both.clash | both.clash_2),
        different=both.weight.sum(where=both.take_out != both.take_out_2),
    )
    return single, pairs


def _weighed(rows: ir.Table) -> dict[str, ir.Scalar]:
    """Return the weight of rows, and how many they are worth (Kish)."""
    weight = rows.weight.sum()
    return {"weight": weight, "size": weight * weight / (rows.weight**2).sum().nullif(0.0)}

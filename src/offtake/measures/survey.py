"""What shoppers say of brands: the funnel, mental share, and mental against physical share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import ibis

from offtake.errors import BadInputError
from offtake.measures.baskets import across
from offtake.measures.dimensions import DIMENSIONS, of_kind
from offtake.measures.distribution import any_item
from offtake.measures.measure import Measure
from offtake.measures.proportions import INTERVAL_PARTS, proportion, sample, with_interval
from offtake.measures.scope import Scope, beside, grouped, percent
from offtake.measures.stores import sized_stores

if TYPE_CHECKING:
    import ibis.expr.types as ir

Build = Callable[[Scope], "ir.Table"]

STAGES = ("aware", "considers", "tried", "repeats", "loyal")
SURVEY_DIMENSIONS = of_kind("time") | {"brand", "category", "region", "segment"}
SHARED_DIMENSIONS = of_kind("time") | {"brand", "category", "region"}
INTERVAL = (
    "low to high is the 95 % interval: Wilson's, with Kish's effective sample size, so that "
    "unequal survey weights widen it."
)
PAIRS = "Without brand in the grouping it is an average over the brands asked about."


def known_answers(rows: ir.Table) -> ir.Table:
    """Return survey answers with every stage of the funnel filled in where it is known.

    A question that was not asked because the answer to the stage before was no is a no; an answer
    that is missing otherwise stays empty.

    Parameters
    ----------
    rows
        Rows of 'survey_answer'.
    """
    rows = rows.mutate(weight=rows.weight.fill_null(1.0))
    for before, stage in pairwise(STAGES):
        no = ibis.ifelse(~rows[before], False, ibis.null("boolean"))
        rows = rows.mutate(**{stage: rows[stage].coalesce(no)})
    return rows


def _level(stage: str) -> Build:
    def build(scope: Scope) -> ir.Table:
        rows = known_answers(scope.facts("survey_answer"))
        known = rows.filter(rows[stage].notnull())
        return proportion(known, known[stage], scope.by)

    return build


def _conversion(stage: str) -> Build:
    before = STAGES[STAGES.index(stage) - 1]

    def build(scope: Scope) -> ir.Table:
        rows = known_answers(scope.facts("survey_answer"))
        there = rows.filter(rows[before], rows[stage].notnull())
        return proportion(there, there[stage], scope.by)

    return build


def _respondents(scope: Scope) -> ir.Table:
    rows = known_answers(scope.facts("survey_answer"))
    counts = sample(rows, scope.by)
    return counts.mutate(value=counts.respondents)


def _mental_share(named: str) -> Build:
    def build(scope: Scope) -> ir.Table:
        rows = known_answers(scope.marked("survey_answer"))
        rows = rows.mutate(named=rows[named].fill_null(False))
        own = rows.filter(rows.own)
        hits = grouped(own, scope.by, hits=own.weight.sum(where=own.named))
        base = sample(rows.filter(rows.named), scope.market_by)
        return with_interval(beside(hits, base, scope.market_by))

    return build


def _mental_vs_physical(named: str) -> Build:
    mental_share = _mental_share(named)

    def build(scope: Scope) -> ir.Table:
        if "brand" not in scope.by:
            raise BadInputError(
                f"mental against physical share sets brands against each other: got the grouping "
                f"{list(scope.by)}, allowed: brand, alone or with {sorted(SHARED_DIMENSIONS)}"
            )
        mental = mental_share(scope)
        mental = mental.select(*scope.by, mental_share=mental["value"])
        both = beside(mental, _physical_share(scope), scope.by)
        return both.mutate(value=both.mental_share - both.physical_share)

    return build


def _physical_share(scope: Scope) -> ir.Table:
    """Return each surveyed brand's part of the summed weighted distribution of those brands."""
    market = replace(
        scope, where=tuple(f for f in scope.where if DIMENSIONS[f.dimension].kind != "item")
    )
    surveyed = market.facts("survey_answer").select(*scope.by).distinct()
    sellers = any_item(market, sized_stores(market), market.universe_by)
    sellers = sellers.select(*scope.by, "acv_selling")
    sellers = beside(surveyed, sellers, scope.by)
    sellers = sellers.mutate(acv_selling=sellers.acv_selling.fill_null(0.0))
    whole = across(sellers.acv_selling, scope.market_by)
    return sellers.select(*scope.by, physical_share=percent(sellers.acv_selling, whole))


def _funnel_level(name: str, stage: str, words: str) -> Measure:
    return Measure(
        id=f"funnel_{name}",
        title=f"Funnel: {name}",
        definition=f"The part of the respondents asked about the brand who {words}, weighted. "
        f"{INTERVAL}",
        formula=f"weight of respondents who {words} / weight of respondents asked x 100",
        unit="percent",
        needs=("survey_answer",),
        dimensions=SURVEY_DIMENSIONS,
        build=_level(stage),
        parts=INTERVAL_PARTS,
        trap=f"What people say, not what they do. {PAIRS} A later question that was not put to "
        "somebody who said no earlier counts as a no.",
    )


def _funnel_conversion(name: str, stage: str, words: tuple[str, str]) -> Measure:
    before, now = words
    return Measure(
        id=f"funnel_conversion_{name}",
        title=f"Funnel: conversion to {name}",
        definition=f"Of the respondents who {before}, the part who also {now}, weighted. "
        f"{INTERVAL}",
        formula=f"weight of respondents who {before} and {now} / weight of respondents who "
        f"{before} x 100",
        unit="percent",
        needs=("survey_answer",),
        dimensions=SURVEY_DIMENSIONS,
        build=_conversion(stage),
        parts=INTERVAL_PARTS,
        trap=f"Equals stage / previous stage where nobody skips a stage. {PAIRS} A low conversion "
        "of a large brand may only mean that it is known to nearly all.",
    )


def _mental(suffix: str, named: str, words: str) -> Measure:
    return Measure(
        id=f"mental_share{suffix}",
        title="Mental share, consideration" if suffix else "Mental share",
        definition=f"The brand's part of all cases of a respondent {words}, weighted. The market "
        f"is every brand asked about in the same category, region and weeks. {INTERVAL}",
        formula="weighted cases for the brand / weighted cases for all brands x 100",
        unit="percent",
        needs=("survey_answer",),
        dimensions=SURVEY_DIMENSIONS,
        build=_mental_share(named),
        parts=INTERVAL_PARTS,
        variant="consideration" if suffix else "first_mention",
        trap="A share among the brands asked about: a brand left out of the survey makes the "
        "others look larger.",
    )


def _mental_physical(suffix: str, named: str, words: str) -> Measure:
    return Measure(
        id=f"mental_vs_physical{suffix}",
        title="Mental against physical share" + (", consideration" if suffix else ""),
        definition=f"Mental share (cases of a respondent {words}) less physical share: the "
        "brand's part of the summed weighted distribution of the same brands. Above 0 the brand "
        "is stronger in heads than in stores, and more stores are the lever; below 0 it is the "
        "other way round.",
        formula="mental share - weighted distribution of the brand / sum of weighted distribution "
        "of the brands asked about x 100",
        unit="points",
        needs=("survey_answer", "sales"),
        dimensions=SHARED_DIMENSIONS,
        build=_mental_vs_physical(named),
        parts=("mental_share", "physical_share"),
        variant="consideration" if suffix else "first_mention",
        trap="Brands, categories and regions must be spelt alike in the survey and in the item "
        "and store lists: a brand without sales has a physical share of 0.",
    )


SALIENT = ("", "first_mention", "naming a brand first, unprompted")
CONSIDERED = ("_consideration", "considers", "considering a brand")

MEASURES = (
    Measure(
        id="survey_respondents",
        title="Survey sample",
        definition="Respondents who were asked, each once, and what their number is worth after "
        "weighting (Kish's effective sample size).",
        formula="count of different respondents",
        unit="persons",
        needs=("survey_answer",),
        dimensions=SURVEY_DIMENSIONS,
        build=_respondents,
        parts=("effective_sample",),
        trap="The same respondent counts once however many brands or waves were answered.",
    ),
    _funnel_level("aware", "aware", "know it"),
    _funnel_level("considered", "considers", "would consider buying it"),
    _funnel_level("tried", "tried", "have bought it"),
    _funnel_level("repeat", "repeats", "have bought it again"),
    _funnel_level("loyal", "loyal", "buy it most"),
    _funnel_conversion("consideration", "considers", ("know it", "would consider buying it")),
    _funnel_conversion("trial", "tried", ("would consider buying it", "have bought it")),
    _funnel_conversion("repeat", "repeats", ("have bought it", "have bought it again")),
    _funnel_conversion("loyalty", "loyal", ("have bought it again", "buy it most")),
    _mental(*SALIENT),
    _mental(*CONSIDERED),
    _mental_physical(*SALIENT),
    _mental_physical(*CONSIDERED),
)

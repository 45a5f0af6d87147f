"""What the library says of a run: its measures and terms, its gaps, and the steps to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_noop as _

from offtake.data.contracts.simulated import NOT_EVIDENCE
from offtake.measures.catalogue import CATALOGUE
from offtake.pipeline.derived import DERIVED, Derived
from offtake.pipeline.modelled import ModelTable
from offtake.pipeline.models import MODELS
from offtake.pipeline.notes import REGISTRY
from offtake.pipeline.scoreboard import questions
from offtake.report import availability_terms, promotion_terms
from offtake.report.shoppers import terms as shopper_terms
from offtake.units import UNITS, unit_label
from offtake_web.common.said import sentences_in

GAPS = (
    _("%(code_figure)s needs %(code_needs)s; nothing has been loaded into %(code_missing)s."),
    _(
        "%(code_figure)s says nothing without %(code_contract)s, into which nothing has been "
        "loaded."
    ),
    _("Load it with: offtake load FILE --as %(code_contract)s"),
    _("unknown %(kind)s %(code_name)s."),
    _("Did you mean %(code_name)s?"),
    _("Allowed: %(code_names)s."),
    _("the %(code_model)s model needs %(code_contracts)s"),
    _("models are not installed: %(code_command)s"),
    _("%(table)s needs %(code_contracts)s"),
    _("%(table)s: nothing is known of %(category)s"),
    _(
        "category: got %(category)s, in which no promotion was seen or planned; see: "
        "%(code_command)s"
    ),
    _(
        "category: got %(category)s, in which nothing sold where promotions are known; see: "
        "%(code_command)s"
    ),
    _("category: got %(category)s, in which no price is known"),
    _(
        "category: got %(category)s, with too few weeks of sales to tell anything; allowed: three "
        "weeks or more, as the first and the last week of an item in a store are no evidence, "
        "unless distribution_list is loaded"
    ),
    _(
        "promotion, discount: got %(most)s percent at most, allowed: percent of the regular price, "
        "such as 20 for a fifth off; load the promotions again with discounts in percent"
    ),
    _(
        "category: got %(category)s, in which no store-item sold %(least)s units a step or more "
        "over %(steps)s steps: too few to tell an empty shelf from a quiet one; see: "
        "%(code_command)s"
    ),
)
STEPS = (
    _("writing the scoreboard"),
    _("done"),
    _("planning: where items are"),
    _("%(category)s: reading"),
    _("%(category)s: responses"),
    _("%(category)s: partial pooling"),
    _("%(category)s: effects of %(count)s promotions"),
    _("%(category)s: shelves of %(count)s store-items"),
    _("%(category)s: lost sales"),
    _("%(category)s: done"),
    _("purchases of every household"),
    _("norms of the brands"),
    _("reading purchases of households"),
    _("fitting the customers of %(name)s"),
    _("valuing the customers of %(name)s"),
    _("first purchases"),
    _("what won them"),
    _("tables"),
    _("campaign %(name)s"),
    _("smoothing %(step)s by %(group)s"),
    _("messages"),
    _("weekly shares"),
    _("changes"),
)
ERRORS = (
    _("a scoreboard needs sales; nothing has been loaded into sales."),
    _(
        "weeks: got %(weeks)s, allowed: 1 to %(most)s, as %(held)s weeks are loaded and as many "
        "are needed before the period"
    ),
    _("%(code_runs)s shows a run of %(before)s; a run of %(after)s would take its place unseen."),
    _("real data"),
    _("simulated data (%(origin)s)"),
    _("Publish it in a folder of its own: --runs FOLDER"),
    _("there is no store at %(code_place)s; load data first: offtake load FILE --as sales"),
    _(
        "%(code_place)s is being written by another process; wait for it to finish, or stop it, "
        "and try again"
    ),
)
LABELS = (
    NOT_EVIDENCE,
    _("index"),
    _("%(currency)s per unit"),
)


def _passports() -> Iterator[str]:
    """Give the words of every passport that a run can have."""
    for measure in CATALOGUE.values():
        yield from (measure.title, measure.definition, measure.formula, measure.trap)
        yield measure.additivity
    tables: list[Derived | ModelTable] = [*DERIVED]
    tables += [table for model in MODELS for table in model.tables]
    for table in tables:
        yield from (table.title, table.definition, table.formula, table.caveat, table.additivity)


def _terms() -> Iterator[str]:
    for terms in (promotion_terms.TERMS, availability_terms.TERMS, shopper_terms.TERMS):
        for term in terms:
            yield from (term.title, term.meaning, term.formula)


def _sources() -> Iterator[str]:
    """Give what sources warn of."""
    for source in REGISTRY:
        _label, notes = source()
        yield from (*notes.labels.values(), *notes.notes.values())


def _questions() -> Iterator[str]:
    """Give what a refresh says while it answers a question."""
    for question in (*questions("previous"), *questions("year-ago")):
        yield question.name.replace("_", " ")


def _templates(texts: Iterable[str]) -> tuple[str, ...]:
    parts = (part for text in texts if text for part in sentences_in(text))
    return tuple(dict.fromkeys(part.replace("%", "%%") for part in parts))


CATALOGUED = _templates(
    (*_passports(), *_terms(), *_sources(), *_questions(), *(unit_label(unit) for unit in UNITS))
)
"""What the library keeps in catalogues of its own; whoever adds to them is told to translate."""
CLAUSES = LABELS
SENTENCES = (*CATALOGUED, *GAPS, *STEPS, *ERRORS, *LABELS)

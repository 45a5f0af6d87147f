"""What a figure means, how it is worked out and where it comes from: its passport."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from offtake.report import availability_terms, promotion_terms
from offtake.report.manifest import Passport
from offtake.report.promotion_terms import Term
from offtake.report.shoppers import terms as shopper_terms
from offtake_web.common.said import said, worded
from offtake_web.dashboards.reading import Context, Reading
from offtake_web.dashboards.scoped import ScopedRun

MEASURES = "measures"
TERMS: Mapping[str, tuple[Sequence[Term], str]] = {
    "promotions": (promotion_terms.TERMS, "promotion_events"),
    "availability": (availability_terms.TERMS, "availability_totals"),
    "shoppers": (shopper_terms.TERMS, "shopper_"),
}
"""Terms by subject, and the table that their figures come from, or how its name begins."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A figure's passport, of a measure or of a model's term."""

    subject: str
    key: str
    title: str
    definition: str
    formula: str
    passport: Passport | None
    tables: tuple[str, ...] = ()


def passport(reading: Reading, subject: str, key: str) -> Context | None:
    """Return the passport of a figure; None where the run knows no such figure."""
    found = meaning(reading.run, subject, key)
    return None if found is None else {"meaning": found}


def meaning(run: ScopedRun, subject: str, key: str) -> Meaning | None:
    if subject == MEASURES:
        known = run.manifest.passports.get(key)
        return None if known is None else _of_measure(run, known)
    terms, table = TERMS.get(subject, ((), ""))
    term = next((each for each in terms if each.key == key), None)
    return None if term is None else _of_term(run, subject, term, table)


def _of_measure(run: ScopedRun, known: Passport) -> Meaning:
    names = tuple(each.name for each in run.manifest.tables if each.measure == known.measure)
    return Meaning(
        MEASURES, known.measure, known.title, known.definition, known.formula, known, names
    )


def _of_term(run: ScopedRun, subject: str, term: Term, table: str) -> Meaning:
    names = tuple(name for name in run.table_names if name.startswith(table))
    behind = run.passport(names[0]) if names else None
    return Meaning(subject, term.key, term.title, term.meaning, term.formula, behind, names)


def glossary(reading: Reading) -> Context:
    """Return every term that a run's figures use, in order."""
    run = reading.run
    words = reading.request.GET.get("words", "").casefold().split()
    found = [_of_measure(run, each) for each in run.manifest.passports.values()]
    found += [
        _of_term(run, subject, term, table)
        for subject, (terms, table) in TERMS.items()
        for term in terms
    ]
    kept = [one for one in found if all(word in _spoken(one) for word in words)]
    return {
        "meanings": sorted(kept, key=lambda one: worded(one.title).casefold()),
        "words": " ".join(words),
    }


def _spoken(one: Meaning) -> str:
    told = said(one.definition) or one.definition
    return f"{worded(one.title)} {one.title} {one.key} {told}".casefold()

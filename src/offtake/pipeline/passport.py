"""Passports: where a figure comes from, when, by which definition and formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC

from offtake.calendars.period import week_range_label
from offtake.data.ledger import Load
from offtake.measures.catalogue import measure
from offtake.pipeline.derived import Derived
from offtake.pipeline.modelled import ModelTable
from offtake.pipeline.notes import notes_of
from offtake.pipeline.question import Ground
from offtake.report.manifest import LoadEntry, Passport
from offtake.units import unit_label


def load_entry(load: Load) -> LoadEntry:
    """Return a load as the manifest shows it."""
    return LoadEntry(
        load_id=load.load_id,
        contract=load.contract,
        file=load.file,
        source=load.source,
        vintage=load.started.replace(tzinfo=UTC).isoformat(timespec="seconds"),
        rows_in=load.rows_in,
        loaded=load.loaded,
        replaced=load.replaced,
        set_aside=load.set_aside,
        duplicate=load.duplicate,
        combined=load.combined,
    )


def measure_passport(ground: Ground, measure_id: str, inputs: Sequence[str]) -> Passport:
    """Return the passport of a catalogue measure over the contracts it read."""
    known = measure(measure_id)
    return _passport(
        ground,
        inputs,
        measure=known.id,
        title=known.title,
        definition=known.definition,
        formula=known.formula,
        unit=unit_label(known.unit),
        additivity=known.additivity,
        variant=known.variant,
        caveat=known.trap,
    )


def table_passport(ground: Ground, inputs: Sequence[str], table: Derived | ModelTable) -> Passport:
    """Return the passport of a table that is no measure: worked out from others, or modelled."""
    return _passport(
        ground,
        inputs,
        measure=table.name,
        title=table.title,
        definition=table.definition,
        formula=table.formula,
        unit=unit_label(table.unit),
        additivity=table.additivity,
        variant="",
        caveat=table.caveat,
    )


def _passport(ground: Ground, inputs: Sequence[str], **words: str) -> Passport:
    loads = [load for load in ground.loads if load.contract in inputs]
    span = ground.tables.span
    labels = [notes_of(load.source).labels.get(load.contract, "") for load in loads]
    return Passport(
        **words,
        sources=_unique(load.source for load in loads),
        notes=_unique(notes_of(load.source).notes.get(load.contract, "") for load in loads),
        label="; ".join(_unique([ground.tables.label, *labels])),
        vintage=max((load_entry(load).vintage for load in loads), default=""),
        weeks=week_range_label(*span) if span else "",
    )


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))

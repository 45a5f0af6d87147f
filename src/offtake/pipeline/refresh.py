"""One refresh: what the store holds becomes a published run with its scoreboard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from offtake.data.code_version import code_version
from offtake.data.contracts.simulated import origin_words
from offtake.data.ledger import loads
from offtake.data.store import Store
from offtake.errors import BadInputError, OfftakeError
from offtake.pipeline.derived import DERIVED, Derived
from offtake.pipeline.modelled import Modelled, ModelTable
from offtake.pipeline.models import MODELS, chosen
from offtake.pipeline.passport import load_entry, measure_passport, table_passport
from offtake.pipeline.question import (
    Ground,
    Posed,
    filters,
    fingerprint,
    pose,
    settled,
)
from offtake.pipeline.run import Draft, damaged_files, publish, read_run, start_run
from offtake.pipeline.scoreboard import questions
from offtake.pipeline.view import View, framed
from offtake.report.availability import availability_of, render_availability
from offtake.report.gallery import charts
from offtake.report.manifest import Frame, Gap, Manifest, Passport, TableEntry
from offtake.report.page import AVAILABILITY, PROMOTIONS, SCOREBOARD, SHOPPERS
from offtake.report.promotion import render_promotions
from offtake.report.promotion_answer import answer_of
from offtake.report.run import Run
from offtake.report.scoreboard import render_scoreboard
from offtake.report.shoppers.answer import shoppers_of
from offtake.report.shoppers.page import render_shoppers

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.measures.scope import Filter

Progress = Callable[[str, float], None]
Known = Mapping[str, tuple[TableEntry, Path]]
FITTED_FROM, FITTED_TO = 40, 95
"""Where on the way, in percent, models are fitted."""


def refresh(
    store: Store,
    runs_dir: Path | str,
    view: View,
    *,
    progress: Progress | None = None,
    keep: bool = False,
) -> Run:
    """Answer every question of the scoreboard and publish the answers as a run.

    A table whose question, loads and code are those of the published run, or of a refresh that
    was cut short, is copied instead of being worked out again.

    Parameters
    ----------
    store
        Where the data are; it is only read.
    runs_dir
        The runs folder, made where it is absent.
    view
        Whose scoreboard.
    progress
        Called with what is being done and how far it is (0 to 100).
    keep
        Whether to return the published run as it is where nothing has changed: neither the
        questions, the loads, the view nor the code.

    Returns
    -------
    Run
        The published run.

    Raises
    ------
    BadInputError
        When the category or the manufacturer is not in the store, or too few weeks are; when the
        run would be simulated and the published one is of real data, or the other way round.
    MissingContractError
        When no sales have been loaded.
    StoreBusyError
        When another refresh is at work in the same folder.
    """
    runs_dir = Path(runs_dir)
    before = _published(runs_dir)
    ground = _ground(store, view)
    _demand_same_kind(runs_dir, before, ground.framed.frame)
    asked = [pose(ground, question) for question in questions(ground.framed.against)]
    posed = [each for each in asked if isinstance(each, Posed)]
    gaps = [each for each in asked if isinstance(each, Gap)]
    models = chosen(view.models)
    prints = _prints(ground, posed, models)
    if keep and before is not None and _unchanged(before, ground, prints):
        _report(progress, "done", 100)
        return before
    with start_run(runs_dir, fingerprint(list(prints.values()))) as draft:
        work = _Work(ground, draft, _known(before) | dict(draft.leftovers), progress)
        entries = work.answer(posed)
        entries += work.derive(entries)
        gaps += _derived_gaps(entries, gaps)
        for place, model in enumerate(models):
            made, missing = work.model(model, (place / len(models), (place + 1) / len(models)))
            entries, gaps = entries + made, gaps + missing
        run = Run(draft.folder, _manifest(ground, draft, entries, gaps))
        _report(progress, "writing the scoreboard", 95)
        _write_pages(draft, run)
        run = publish(draft, replace(run.manifest, files=draft.other_files()))
    _report(progress, "done", 100)
    return run


def _ground(store: Store, view: View) -> Ground:
    tables = store.tables()
    return Ground(store, tables, tuple(loads(store)), framed(store, tables, view))


def _published(runs_dir: Path) -> Run | None:
    """Return the published run; None where there is none, or it cannot be read."""
    with suppress(OfftakeError):
        return read_run(runs_dir)
    return None


def _demand_same_kind(runs_dir: Path, before: Run | None, frame: Frame) -> None:
    """Refuse to put simulated figures where real ones are looked at, and the other way round."""
    if before is None or bool(before.manifest.frame.simulated) == bool(frame.simulated):
        return
    kinds = [
        f"simulated data ({origin_words(one.simulated)})" if one.simulated else "real data"
        for one in (frame, before.manifest.frame)
    ]
    raise BadInputError(
        f"{runs_dir} shows a run of {kinds[1]}; a run of {kinds[0]} would take its place unseen. "
        "Publish it in a folder of its own: --runs FOLDER"
    )


def _prints(ground: Ground, posed: Sequence[Posed], models: Sequence[Modelled]) -> dict[str, str]:
    """Return the fingerprint of every table that the run is to have, derived ones apart."""
    asked = {each.question.name: each.fingerprint for each in posed}
    for model in models:
        asked |= {table.name: model.print_of(ground, table) for table in model.told(ground)}
    return asked


def _unchanged(before: Run, ground: Ground, asked: Mapping[str, str]) -> bool:
    """Say whether a run answers the same questions of the same loads, and is whole."""
    held = {entry.name: entry.fingerprint for entry in before.manifest.tables}
    derived = {each.name for each in DERIVED}
    # A model that found nothing to fit said so in the gaps, and will again.
    gaps = {gap.name for gap in before.manifest.gaps}
    return (
        {name: found for name, found in held.items() if name not in derived}
        == {name: found for name, found in asked.items() if name not in gaps}
        and before.manifest.frame == ground.framed.frame
        and before.manifest.loads == tuple(load_entry(load) for load in ground.loads)
        and not damaged_files(before)
    )


def _known(run: Run | None) -> dict[str, tuple[TableEntry, Path]]:
    """Return the tables of the published run by fingerprint."""
    if run is None:
        return {}
    return {
        entry.fingerprint: (
            replace(entry, reused_from=entry.reused_from or run.run_id),
            run.folder / "tables" / f"{entry.name}.parquet",
        )
        for entry in run.manifest.tables
    }


def _report(progress: Progress | None, step: str, share: float) -> None:
    if progress is not None:
        progress(step, share)


class _NotToldError(LookupError):
    """A model was fitted and has nothing to say in one of its tables."""


@dataclass(frozen=True, slots=True)
class _Work:
    """Tables being made for one draft."""

    ground: Ground
    draft: Draft
    known: Known
    progress: Progress | None

    def answer(self, posed: Sequence[Posed]) -> list[TableEntry]:
        """Make the table of every question."""
        entries = []
        for place, each in enumerate(posed):
            _report(
                self.progress,
                each.question.name.replace("_", " "),
                FITTED_FROM * place / len(posed),
            )
            entry = self._entry(each)
            entries.append(self._made(entry, partial(self._run, each)))
        return entries

    def _run(self, posed: Posed) -> pa.Table:
        return settled(self.ground.store.run(posed.expression))

    def _made(self, entry: TableEntry, build: Callable[[], pa.Table]) -> TableEntry:
        """Copy a table that is known, or build it; note that it is there."""
        before = self.known.get(entry.fingerprint)
        if before is not None and self.draft.copy_table(*before):
            entry = before[0]
        else:
            clock = time.monotonic()
            table = build()
            checksum = self.draft.write_table(entry.name, table)
            seconds = round(time.monotonic() - clock, 4)
            entry = replace(entry, sha256=checksum, rows=table.num_rows, seconds=seconds)
        self.draft.done(entry)
        return entry

    def _entry(self, posed: Posed) -> TableEntry:
        question, view = posed.question, self.ground.framed
        period = getattr(view, question.span)
        return TableEntry(
            name=question.name,
            measure=question.measure,
            by=question.by,
            where=tuple(_words(f) for f in filters(view, question)),
            first_week=period.first_week.isoformat(),
            last_week=period.last_week.isoformat(),
            against=view.against if question.compared else "",
            inputs=posed.inputs,
            fingerprint=posed.fingerprint,
            sha256="",
            rows=0,
            seconds=0.0,
        )

    def model(
        self, model: Modelled, part: tuple[float, float]
    ) -> tuple[list[TableEntry], list[Gap]]:
        """Make every table of a model, from one fit at most; or say why not.

        `part` is where on the way of all fits this one begins and ends (0 to 1).
        """
        told, missing = model.told(self.ground), model.gaps(self.ground)
        made: list[TableEntry] = []

        @cache
        def fitted() -> Mapping[str, pa.Table]:
            return model.fit(self.ground, partial(self._while_fitting, part))

        for table in told:
            try:
                build = partial(_picked, fitted, table.name)
                made.append(self._made(self._modelled(model, table), build))
            except _NotToldError:
                reason = f"{table.title}: nothing is known of {self.ground.framed.frame.category}"
                missing.append(model.missing(table, reason))
            except BadInputError as error:
                return [], model.all_missing(str(error))
        return made, missing

    def _while_fitting(self, part: tuple[float, float], step: str, share: float) -> None:
        way = part[0] + (part[1] - part[0]) * share / 100
        _report(self.progress, step, FITTED_FROM + (FITTED_TO - FITTED_FROM) * way)

    def _modelled(self, model: Modelled, table: ModelTable) -> TableEntry:
        view = self.ground.framed
        return TableEntry(
            name=table.name,
            measure=table.name,
            where=tuple(_words(each) for each in view.category),
            first_week=view.everything.first_week.isoformat(),
            last_week=view.everything.last_week.isoformat(),
            inputs=model.reads,
            fingerprint=model.print_of(self.ground, table),
            sha256="",
            rows=0,
            seconds=0.0,
        )

    def derive(self, entries: Sequence[TableEntry]) -> list[TableEntry]:
        """Make every table that is worked out from others and has all it needs."""
        made = {entry.name: entry for entry in entries}
        return [
            self._derived(derived, [made[name] for name in derived.needs])
            for derived in DERIVED
            if set(derived.needs) <= made.keys()
        ]

    def _derived(self, derived: Derived, sources: Sequence[TableEntry]) -> TableEntry:
        first = sources[-1]
        entry = TableEntry(
            name=derived.name,
            measure=derived.name,
            where=first.where,
            first_week=first.first_week,
            last_week=first.last_week,
            inputs=derived.needs,
            fingerprint=fingerprint(derived.name, [source.sha256 for source in sources]),
            sha256="",
            rows=0,
            seconds=0.0,
        )
        return self._made(entry, lambda: derived.build(*map(self._rows, derived.needs)))

    def _rows(self, name: str) -> list[dict[str, object]]:
        import pyarrow.parquet as pq

        rows: list[dict[str, object]] = pq.read_table(self.draft.table_path(name)).to_pylist()
        return rows


def _picked(fitted: Callable[[], Mapping[str, pa.Table]], name: str) -> pa.Table:
    found = fitted()
    if name not in found:
        raise _NotToldError(name)
    return found[name]


def _words(wanted: Filter) -> str:
    return f"{wanted.dimension}{'!=' if wanted.negated else '='}{'|'.join(wanted.values)}"


def _derived_gaps(entries: Sequence[TableEntry], gaps: Sequence[Gap]) -> list[Gap]:
    made = {entry.name for entry in entries}
    by_name = {gap.name: gap for gap in gaps}
    return [
        replace(by_name[missing], name=derived.name, title=derived.title)
        for derived in DERIVED
        if derived.name not in made
        for missing in [name for name in derived.needs if name in by_name][:1]
    ]


def _manifest(
    ground: Ground, draft: Draft, entries: Sequence[TableEntry], gaps: Sequence[Gap]
) -> Manifest:
    return Manifest(
        run_id=draft.run_id,
        created=draft.created.isoformat(timespec="milliseconds"),
        code_version=code_version(),
        frame=ground.framed.frame,
        loads=tuple(load_entry(load) for load in ground.loads),
        tables=tuple(entries),
        gaps=tuple(gaps),
        passports=dict(_passports(ground, entries)),
    )


def _passports(ground: Ground, entries: Sequence[TableEntry]) -> Iterator[tuple[str, Passport]]:
    inputs = {entry.name: entry.inputs for entry in entries}
    derived = {each.name: each for each in DERIVED}
    modelled = {table.name: table for model in MODELS for table in model.tables}
    for entry in entries:
        if entry.name in derived:
            needs = derived[entry.name].needs
            contracts = sorted({name for need in needs for name in inputs[need]})
            yield entry.name, table_passport(ground, contracts, derived[entry.name])
        elif entry.name in modelled:
            yield entry.name, table_passport(ground, entry.inputs, modelled[entry.name])
        else:
            yield entry.measure, measure_passport(ground, entry.measure, entry.inputs)


def _write_pages(draft: Draft, run: Run) -> None:
    for name, spec in charts(run).items():
        draft.write_text(f"charts/{name}.json", spec)
    draft.write_text(SCOREBOARD, render_scoreboard(run))
    promotions = answer_of(run)
    if promotions is not None:
        draft.write_text(PROMOTIONS, render_promotions(promotions))
    availability = availability_of(run)
    if availability is not None:
        draft.write_text(AVAILABILITY, render_availability(availability))
    shoppers = shoppers_of(run)
    if shoppers is not None:
        draft.write_text(SHOPPERS, render_shoppers(shoppers))


__all__ = ["Progress", "View", "refresh"]

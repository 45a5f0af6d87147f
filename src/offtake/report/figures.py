"""Figures as they are shown: tiles and tables of text, each with the passport it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from offtake.report.run import Row, Run
from offtake.report.words import NO_CHANGE, Change, amount, change, name_of, signed
from offtake.units import Unit, unit_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Which column of which table to show, under which heading.

    Parameters
    ----------
    table, heading
        Table of the run and heading on the page.
    unit
        Unit of the figure.
    column
        Column of the table.
    signed
        ``"sign"`` writes a plus before what is above zero.
    """

    table: str
    heading: str
    unit: Unit
    column: str = "value"
    style: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure as text."""

    text: str
    change: Change = NO_CHANGE


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that stands alone."""

    heading: str
    measure: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: what it is, its passport and its unit."""

    text: str
    measure: str
    unit: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `own` marks ours."""

    name: str
    own: bool
    cells: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it is shown."""

    caption: str
    first: str
    headings: tuple[Heading, ...]
    lines: tuple[Line, ...]


def held(run: Run, specs: Iterable[Spec]) -> tuple[Spec, ...]:
    """Keep the specs whose table the run holds."""
    return tuple(spec for spec in specs if spec.table in run.table_names)


def tiles(run: Run, specs: Iterable[Spec]) -> tuple[Tile, ...]:
    """Return our own figures of some tables as tiles."""
    own = run.manifest.frame.manufacturer
    return tuple(
        Tile(
            spec.heading,
            run.entry(spec.table).measure,
            _shown(run, spec, _own_row(run, spec, own)),
        )
        for spec in held(run, specs)
    )


def _own_row(run: Run, spec: Spec, own: str) -> Row:
    rows = run.rows(spec.table)
    return next((row for row in rows if row.get("manufacturer", own) == own), {})


def _shown(run: Run, spec: Spec, row: Mapping[str, float | None]) -> Shown:
    currency = run.manifest.frame.currency
    write = signed if spec.style == "sign" else amount
    text = write(row.get(spec.column), spec.unit, currency)
    compared = spec.column == "value" and "change" in row
    return Shown(text, change(dict(row), spec.unit) if compared else NO_CHANGE)


def competition(run: Run, caption: str, specs: Iterable[Spec]) -> Grid | None:
    """Set ours and the main competitors' figures side by side; None where no table is there.

    Parameters
    ----------
    run
        The run.
    caption
        What the table says.
    specs
        One per column; tables by manufacturer.
    """
    specs = held(run, specs)
    if not specs:
        return None
    found = [{row["manufacturer"]: row for row in run.rows(spec.table)} for spec in specs]
    frame = run.manifest.frame
    lines = tuple(
        Line(
            name_of(name),
            name == frame.manufacturer,
            tuple(
                _shown(run, spec, rows.get(name, {}))
                for spec, rows in zip(specs, found, strict=True)
            ),
        )
        for name in frame.shown
    )
    return Grid(caption, "", _headings(run, specs), lines)


def _headings(run: Run, specs: Sequence[Spec]) -> tuple[Heading, ...]:
    currency = run.manifest.frame.currency
    return tuple(
        Heading(spec.heading, run.entry(spec.table).measure, _unit(spec.unit, currency))
        for spec in specs
    )


def _unit(unit: Unit, currency: str) -> str:
    return unit_label(unit, currency=currency)


def pairs(run: Run, table: str, caption: str) -> Grid | None:
    """Return a square table: of the buyers of each row, the part that also bought the column's.

    Parameters
    ----------
    run
        The run.
    table
        With ``manufacturer``, ``also_bought`` and ``value`` in per cent.
    caption
        What the table says.
    """
    found = {(row["manufacturer"], row["also_bought"]): row for row in run.rows(table)}
    if not found:
        return None
    shown = run.manifest.frame.shown
    measure = run.entry(table).measure
    spec = Spec(table=table, heading="", unit="percent")
    lines = tuple(
        Line(
            name_of(one),
            one == run.manifest.frame.manufacturer,
            tuple(
                Shown("") if one == other else _shown(run, spec, found.get((one, other), {}))
                for other in shown
            ),
        )
        for one in shown
    )
    heads = tuple(Heading(name_of(name), measure, "% of buyers") for name in shown)
    return Grid(caption, "Buyers of", heads, lines)

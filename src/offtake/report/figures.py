"""Figures as they are shown: tiles and tables of text, each with the passport it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from offtake.measures.people import SMALLEST_GROUP
from offtake.report.run import Row, Run
from offtake.report.words import NO_CHANGE, Change, amount, change, name_of, signed
from offtake.units import Unit, format_value, unit_label


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
    style
        ``"sign"`` writes a plus before what is above zero, ``"tenth"`` one decimal.
    """

    table: str
    heading: str
    unit: Unit
    column: str = "value"
    style: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure as text; `interval` is the range it lies in, where the measure has one.

    `value` and `unit` are what the text was written from; a figure of words has none.
    """

    text: str
    change: Change = NO_CHANGE
    interval: str = ""
    value: float | None = field(default=None, compare=False)
    unit: Unit | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure that stands alone."""

    heading: str
    measure: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading: what it is, its passport and its unit; `words` stand to the left."""

    text: str
    measure: str
    unit: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `own` marks ours."""

    name: str
    own: bool
    cells: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """What the lines of a table stand for.

    Parameters
    ----------
    column
        The column that names them.
    heading
        What they are.
    names
        Only these, in this order; empty takes all, as they come.
    own
        Those that are ours.
    label
        How a row is named.
    largest
        Column of the first table to sort by, largest first; empty leaves the order.
    """

    column: str
    heading: str
    names: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    label: Callable[[Row], str] | None = None
    largest: str = ""

    def name(self, row: Row) -> str:
        """Return what the line of a row is called."""
        return self.label(row) if self.label else str(row[self.column])


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
    value = row.get(spec.column)
    if row.get("suppressed") and value is None:
        return Shown(f"under {SMALLEST_GROUP} people")
    text = _written(value, spec, currency)
    compared = spec.column == "value" and "change" in row
    moved = change(dict(row), spec.unit) if compared else NO_CHANGE
    return Shown(text, moved, _interval(spec, row, currency), value, spec.unit)


def _written(value: float | None, spec: Spec, currency: str) -> str:
    if spec.style == "tenth":
        return format_value(value, spec.unit, decimals=1)
    return (signed if spec.style == "sign" else amount)(value, spec.unit, currency)


def _interval(spec: Spec, row: Mapping[str, float | None], currency: str) -> str:
    low, high = row.get("low"), row.get("high")
    if spec.column != "value" or low is None or high is None:
        return ""
    return f"{amount(low, spec.unit, currency)} to {amount(high, spec.unit, currency)}"


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


def valued(run: Run, specs: Iterable[Spec]) -> tuple[Spec, ...]:
    """Keep the specs whose table the run holds, with at least one figure in their column."""
    return tuple(
        spec
        for spec in held(run, specs)
        if any(
            row.get(spec.column) is not None or row.get("suppressed")
            for row in run.rows(spec.table)
        )
    )


def single_tiles(run: Run, specs: Iterable[Spec]) -> tuple[Tile, ...]:
    """Return figures that stand alone as tiles, those that there are.

    A table of several rows (targets in two metrics, say) has no single figure and is left out,
    unless it is by manufacturer: then it is ours that counts.
    """
    return tiles(run, [each for each in valued(run, specs) if _stands_alone(run, each)])


def _stands_alone(run: Run, spec: Spec) -> bool:
    rows = run.rows(spec.table)
    return len(rows) == 1 or "manufacturer" in rows[0]


def listing(run: Run, caption: str, by: By, specs: Iterable[Spec]) -> Grid | None:
    """Set figures of several tables side by side, one line per team, retailer or the like.

    Parameters
    ----------
    run
        The run.
    caption
        What the table says.
    by
        What the lines are.
    specs
        One per column; tables that hold the column of `by`. Those without a figure fall away.

    Returns
    -------
    Grid or None
        None where there is nothing to show.
    """
    specs = valued(run, specs)
    rows = [run.rows(spec.table) for spec in specs]
    found = [{by.name(row): row for row in table} for table in rows]
    names = _line_names(by, found)
    if not names:
        return None
    lines = tuple(
        Line(
            name,
            name in by.own,
            tuple(
                _shown(run, spec, table.get(name, {}))
                for spec, table in zip(specs, found, strict=True)
            ),
        )
        for name in names
    )
    return Grid(caption, by.heading, _headings(run, specs), lines)


def _line_names(by: By, found: Sequence[Mapping[str, Row]]) -> list[str]:
    names = list(dict.fromkeys(name for table in found for name in table))
    if by.names:
        return [name for name in by.names if name in names]
    if by.largest:
        first = found[0] if found else {}
        names.sort(key=lambda name: -(first.get(name, {}).get(by.largest) or 0.0))
    return names


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

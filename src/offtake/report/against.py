"""Figures of one run beside those of another: each says what it was, and by how much it moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from offtake.report.exhibits import Exhibit, Group
from offtake.report.figures import Grid, Line, Shown, Tile
from offtake.report.sections import Section
from offtake.report.words import NO_CHANGE, Change, signed
from offtake.units import Unit


def beside(now: Shown, then: Shown | None, currency: str = "") -> Shown:
    """Return a figure whose change is that from another run, in place of the period before.

    Parameters
    ----------
    now, then
        The figure in both runs; None where the other has none.
    currency
        Sign or code; may be empty.

    Examples
    --------
    >>> beside(Shown("30.0%", value=30.0, unit="percent"),
    ...        Shown("27.5%", value=27.5, unit="percent")).change
    Change(text='was 27.5%, +2.5 pts', direction='up')
    >>> beside(Shown("30.0%", value=30.0, unit="percent"), None).change
    Change(text='new', direction='')
    """
    if then is None:
        return replace(now, change=Change("new", ""))
    if now.text == then.text:
        # Of words nobody expects to hear that they are the same.
        return replace(now, change=Change("same", "flat") if now.unit else NO_CHANGE)
    return replace(now, change=_moved(now, then, currency))


def _moved(now: Shown, then: Shown, currency: str) -> Change:
    if now.value is None or then.value is None or now.unit is None:
        return Change(f"was {then.text}", "")
    step = now.value - then.value
    return Change(
        f"was {then.text}, {_step(step, now.unit, currency)}", "up" if step > 0 else "down"
    )


def _step(step: float, unit: Unit, currency: str) -> str:
    if unit in ("percent", "index", "points"):
        return f"{signed(step, 'points')} pts"
    return signed(step, unit, currency)


def tiles_beside(now: Iterable[Tile], then: Iterable[Tile], currency: str = "") -> tuple[Tile, ...]:
    """Set tiles beside those of another run with the same heading."""
    before = {tile.heading: tile.shown for tile in then}
    return tuple(
        replace(tile, shown=beside(tile.shown, before.get(tile.heading), currency)) for tile in now
    )


def grid_beside(now: Grid, then: Grid | None, currency: str = "") -> Grid:
    """Set the cells of a table beside those of another run, by their line and heading.

    Examples
    --------
    >>> from offtake.report.figures import Heading
    >>> heads = (Heading("Sales", "own_sales", "units"),)
    >>> was, now = (Grid("Sales", "Shop", heads, (Line("A", False, (Shown(f"{n}", value=n,
    ...             unit="units"),)),)) for n in (5, 7))
    >>> grid_beside(now, was).lines[0].cells[0].change.text
    'was 5, +2'
    """
    before = {
        (line.name, heading.text): cell
        for line in (then.lines if then else ())
        for heading, cell in zip(then.headings if then else (), line.cells, strict=True)
    }
    lines = tuple(
        Line(line.name, line.own, tuple(
            beside(cell, before.get((line.name, heading.text)), currency)
            if cell.text else cell
            for heading, cell in zip(now.headings, line.cells, strict=True)))
        for line in now.lines
    )  # fmt: skip
    return replace(now, lines=lines)


def exhibits_beside(
    now: Iterable[Exhibit], then: Iterable[Exhibit], currency: str = ""
) -> tuple[Exhibit, ...]:
    """Set the tables of exhibits beside those of another run; charts stay as they are."""
    before = {each.title: each.grid for each in then}
    return tuple(
        replace(each, grid=grid_beside(each.grid, before.get(each.title), currency))
        if each.grid
        else each
        for each in now
    )


def groups_beside(
    now: Iterable[Group], then: Iterable[Group], currency: str = ""
) -> tuple[Group, ...]:
    """Set the subjects of a page beside those of another run."""
    before = {each.key: each for each in then}
    return tuple(
        replace(
            each,
            tiles=tiles_beside(each.tiles, _tiles(before.get(each.key)), currency),
            exhibits=exhibits_beside(each.exhibits, _exhibits(before.get(each.key)), currency),
        )
        for each in now
    )


def section_beside(now: Section, then: Section, currency: str = "") -> Section:
    """Set a part of the scoreboard beside that of another run."""
    return replace(
        now,
        tiles=tiles_beside(now.tiles, then.tiles, currency),
        exhibits=exhibits_beside(now.exhibits, then.exhibits, currency),
        groups=groups_beside(now.groups, then.groups, currency),
    )


def _tiles(group: Group | None) -> tuple[Tile, ...]:
    return group.tiles if group else ()


def _exhibits(group: Group | None) -> tuple[Exhibit, ...]:
    return group.exhibits if group else ()

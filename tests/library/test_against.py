"""Figures of one run beside those of another."""

from __future__ import annotations

import pytest

from offtake.report.against import beside, grid_beside, groups_beside, tiles_beside
from offtake.report.exhibits import Exhibit, Group
from offtake.report.figures import Grid, Heading, Line, Shown, Tile
from offtake.report.words import Change
from offtake.units import Unit


def shown(value: float, unit: Unit = "units") -> Shown:
    return Shown(f"{value:g}", Change("+1%", "up"), value=value, unit=unit)


@pytest.mark.parametrize(
    ("now", "then", "unit", "text", "direction"),
    [
        (12.0, 10.0, "units", "was 10, +2", "up"),
        (10.0, 12.0, "units", "was 12, \N{MINUS SIGN}2", "down"),
        (30.0, 27.5, "percent", "was 27.5, +2.5 pts", "up"),
        (98.0, 100.0, "index", "was 100, \N{MINUS SIGN}2.0 pts", "down"),
        (5.0, 5.0, "units", "same", "flat"),
    ],
)
def test_a_figure_says_what_it_was(
    now: float, then: float, unit: Unit, text: str, direction: str
) -> None:
    found = beside(shown(now, unit), shown(then, unit))
    assert found.change == Change(text, direction)  # type: ignore[arg-type]  # a direction
    assert found.text == f"{now:g}"


def test_money_has_its_currency() -> None:
    assert beside(shown(1200, "money"), shown(1000, "money"), "$").change.text == "was 1000, +$200"


def test_what_the_other_run_does_not_have_is_new() -> None:
    assert beside(shown(1), None).change == Change("new", "")


def test_words_are_only_set_beside_each_other() -> None:
    assert beside(Shown("open"), Shown("paid")).change == Change("was paid", "")


def test_words_that_stayed_say_nothing() -> None:
    assert beside(Shown("open"), Shown("open")).change == Change("", "")


def test_an_empty_cell_stays_empty() -> None:
    grid = Grid("", "", (Heading("B", "m", ""),), (Line("A", True, (Shown(""),)),))
    assert grid_beside(grid, None) == grid


def test_cells_are_found_by_line_and_heading_whatever_their_place() -> None:
    def grid(*rows: tuple[str, float, float], heads: str) -> Grid:
        lines = tuple(Line(name, False, (shown(a), shown(b))) for name, a, b in rows)
        return Grid("", "", tuple(Heading(each, "m", "") for each in heads), lines)

    now = grid(("x", 1, 2), ("y", 3, 4), heads="AB")
    then = grid(("y", 40, 30), ("x", 20, 10), heads="BA")
    texts = [cell.change.text for line in grid_beside(now, then).lines for cell in line.cells]
    assert [text.split(",")[0] for text in texts] == ["was 10", "was 20", "was 30", "was 40"]


def test_tiles_and_groups_keep_what_they_are() -> None:
    tile = Tile("Sales", "own_sales", shown(2))
    group = Group(key="shelf", title="Shelf", sentence="s", tiles=(tile,),
                  exhibits=(Exhibit(title="Chart", chart="c"),))  # fmt: skip
    (found,) = groups_beside((group,), ())
    assert found.tiles[0].shown.change.text == "new"
    assert found.exhibits == group.exhibits
    assert tiles_beside((tile,), (Tile("Sales", "x", shown(1)),))[0].measure == "own_sales"

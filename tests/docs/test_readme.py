"""What the README shows is true: its Python runs, its commands and links exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from offtake.cli.main import app
from offtake.data.intake import load_file
from offtake.data.store import Store

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/README.md")]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").mkdir()
    products, sales = tmp_path / "products.csv", tmp_path / "sales.csv"
    products.write_text("product_id,category,manufacturer\nP1,BAG SNACKS,544\nP2,BAG SNACKS,69\n")
    sales.write_text(
        "store_id,product_id,week,units,value\nS1,P1,2017-01-02,3,9\nS1,P2,2017-01-02,1,3\n"
    )
    with Store(tmp_path / "demo" / "offtake.duckdb") as store:
        load_file(store, products, as_contract="product")
        load_file(store, sales, as_contract="sales")
    (code,) = blocks(ROOT / "README.md", "python")
    exec(compile(code, "README.md", "exec"), {})
    assert "'manufacturer': '544'" in capsys.readouterr().out


def test_every_command_shown_exists() -> None:
    top = get_command(app).commands  # type: ignore[attr-defined]  # it is a group
    groups = {
        name: command.commands for name, command in top.items() if hasattr(command, "commands")
    }
    shown = {
        match
        for path in PAGES
        for block in blocks(path, "console")
        for match in re.findall(r"offtake ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?", block)
    }
    assert {first for first, _ in shown} <= set(top)
    nested = {(first, second) for first, second in shown if first in groups and second}
    assert nested <= {(name, each) for name, group in groups.items() for each in group}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [t for t in local if not (path.parent / t).exists()] == []

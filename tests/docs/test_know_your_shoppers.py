"""The guide to shoppers: its Python runs, it names every view, and its measures exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offtake.cli.fit_shoppers import ShoppersBy
from offtake.measures.catalogue import CATALOGUE

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "know-your-shoppers.md"


def test_the_python_shown_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(GUIDE), "exec"), names)
    assert names["brands"]
    assert names["alive"]


def test_every_view_is_explained_and_every_measure_exists() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert all(f"`{each.value}`" in text for each in ShoppersBy)
    (listed,) = re.findall(r"are measures: (.*?)\n```", text, re.DOTALL)
    named = re.findall(r"`([a-z_]+)`", listed)
    assert len(named) > 8
    assert set(named) <= set(CATALOGUE)

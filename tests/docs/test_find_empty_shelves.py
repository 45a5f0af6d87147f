"""The guide to empty shelves: its Python runs, and it speaks of every cause and way to add up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offtake.cli.fit_availability import AvailabilityBy
from offtake.models.availability.causes import CAUSES

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "find-empty-shelves.md"


def test_the_python_shown_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(GUIDE), "exec"), names)
    assert names["alarms"]
    assert names["best"]


def test_every_cause_and_dimension_is_explained() -> None:
    text = GUIDE.read_text(encoding="utf-8").lower()
    assert all(f"*{cause.replace('_', ' ')}*" in text for cause in CAUSES)
    assert all(each.value in text for each in AvailabilityBy)

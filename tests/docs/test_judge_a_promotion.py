"""The guide to promotions: its Python runs, and it speaks of everything the command takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offtake.models.promotion.account import VERDICTS

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "judge-a-promotion.md"


def test_the_python_shown_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, str(GUIDE), "exec"), names)
    assert names["ours"]


def test_every_verdict_is_explained() -> None:
    text = GUIDE.read_text(encoding="utf-8").lower()
    assert all(f"*{each.replace('_', ' ')}*" in text for each in VERDICTS)

"""The guide to loading names every setting, and shows a profile that works."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from offtake.data.profile import ColumnRule, FileOptions, Profile, read_profile

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "how-to" / "load-a-file.md"
SAMPLE = ROOT / "src/offtake/data/sources/csv_file/sample/nielsen_like.toml"


def section(title: str) -> str:
    return GUIDE.read_text(encoding="utf-8").split(f"### `[{title}]`")[1].split("\n##")[0]


@pytest.mark.parametrize(("kind", "title"), [(FileOptions, "file"), (ColumnRule, "columns")])
def test_every_setting_is_explained(kind: type, title: str) -> None:
    explained = re.findall(r"^\| `(\w+)` \|", section(title), re.MULTILINE)
    assert explained == [field.name for field in fields(kind)]


def test_every_setting_of_the_head_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", section("profile"), re.MULTILINE)
    assert explained == [f.name for f in fields(Profile) if f.name not in ("file", "columns")]


def test_the_profile_shown_is_the_sample(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    copy = tmp_path / "nielsen_like.toml"
    copy.write_text(shown, encoding="utf-8")
    assert read_profile(copy) == read_profile(SAMPLE)


def test_the_python_shown_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {"sample": SAMPLE.with_suffix(".csv")}
    exec(compile(code, str(GUIDE), "exec"), names)
    assert names["done"].loaded == 5  # type: ignore[attr-defined]  # a Load

"""The committed reference pages say what the code says, and name everything there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.build import pages


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_the_page_is_what_the_code_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == pages()[path], "out of date: run make docs"

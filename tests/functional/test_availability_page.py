"""The availability page in a browser: filters, small screens, no errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from offtake.report.availability import render_availability
from tests.library.test_availability_page import alert, answer

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, expect  # noqa: E402 -- after the skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    alerts = [
        alert("S1"), alert("S2", retailer="Mini", cause="supply"), alert("S3", territory="South 1"),
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("page") / "availability.html"
    path.write_text(render_availability(answer(alerts)), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, path: Path) -> Iterator[Page]:
    opened = browser.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(path.as_uri())
    opened.wait_for_function("document.documentElement.dataset.ready === 'lines'")
    yield opened
    assert not wrong
    opened.close()

"""People at browsers: each signed in, in a window of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.web.conftest import PASSWORD

Found = TypeVar("Found")
PATIENCE_MS = 20_000


@dataclass(slots=True)
class Office:
    """Where everybody sits.

    Parameters
    ----------
    browser
        The one browser; each person has a window of their own.
    address
        Of the workspace.
    complaints
        What any window complained of.
    """

    browser: Browser
    address: str
    complaints: list[str] = field(default_factory=list)

    def seat(self, username: str, *, width: int = 1280) -> Page:
        """Open a window and sign in as a person does."""
        context = self.browser.new_context(
            base_url=self.address, locale="en", viewport={"width": width, "height": 900}
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto("/accounts/login/")
        page.get_by_label("Username or e-mail").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()
        return page


@contextmanager
def office(chromium: str, server: LiveServer) -> Iterator[Office]:
    """Open the browser, and close it."""
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start for root, who runs tests in containers.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield Office(browser, server.url)
        browser.close()


def aside(work: Callable[[], Found]) -> Found:
    """Do something with the database while a browser is open, whose loop runs in this thread."""

    def done() -> Found:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        return one.submit(done).result()

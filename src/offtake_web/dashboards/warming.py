"""Reads a published run before its first reader does, beside the requests of a web process.

What is read goes where requests look for it, and the same bounds hold. It is done in small steps;
none is begun while somebody waits for an answer, but for so long only.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from django.conf import settings
from django.db import connections
from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import override

from offtake.pipeline.run import published_id
from offtake_web.accounts.models import Role, User
from offtake_web.common.in_hand import in_hand
from offtake_web.common.markets import Market, markets
from offtake_web.dashboards.reading import Context, Reading, body, reading_of
from offtake_web.dashboards.subjects import availability, home, promotions, scoreboard
from offtake_web.plans.queries import board

logger = logging.getLogger(__name__)
LOOK_EVERY_S, GIVE_WAY_S, TICK_S, END_S = 2.0, 2.0, 0.02, 5.0
Step = Callable[[], object]
PAGES: tuple[tuple[str, str, Callable[[Reading], Context | None]], ...] = (
    ("scoreboard", "dashboards/scoreboard.html", scoreboard.scoreboard),
    ("promotions", "dashboards/promotions.html", promotions.promotions),
    ("availability", "dashboards/availability.html", availability.availability),
)
"""Address, template and figures of pages that are kept as text."""
FRAMES = ("common/base.html", "dashboards/home.html", "dashboards/page.html")


def steps(market: Market) -> Iterator[Step]:
    """Give what readers of a market's published run need first, for whom sees all of it."""
    yield lambda: board(market)
    for language, _name in settings.LANGUAGES:
        yield partial(_home, market, language)
        for address, template, make in PAGES:
            yield partial(_page, market, language, (address, template, make))


def frames() -> Iterator[Step]:
    """Give what every page needs: the addresses, and the templates that stand around figures."""
    yield lambda: reverse("login")
    for name in FRAMES:
        yield partial(get_template, name)


def _home(market: Market, language: str) -> None:
    with override(language):
        reading = reading_of(_request(market, "home"), market)
        if reading is not None:
            home.home(reading)


def _page(
    market: Market,
    language: str,
    page: tuple[str, str, Callable[[Reading], Context | None]],
) -> None:
    address, template, make = page
    with override(language):
        reading = reading_of(_request(market, address), market)
        if reading is not None:
            body(reading, template, lambda: make(reading) or {})


def _request(market: Market, name: str) -> HttpRequest:
    """Return the request of somebody who sees everything, and is nobody."""
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = reverse(name, args=(market,))
    request.user = User(role=Role.VIEWER)
    return request


def start_if_wanted() -> None:
    """Start reading beforehand, for as long as this process lives; unless settings say no."""
    if settings.OFFTAKE_WARM:
        Warmer().start()


class Warmer:
    """Looks every few seconds whether another run was published, and reads it.

    Parameters
    ----------
    look_every
        Seconds between two looks.
    """

    def __init__(self, look_every: float = LOOK_EVERY_S) -> None:
        self.look_every = look_every
        self.read: dict[str, str] = {}
        self._told_to_end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="warmer", daemon=True)

    def start(self) -> None:
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """End after the step in hand."""
        self._told_to_end.set()
        if self._thread.is_alive():
            self._thread.join(END_S)

    def _run(self) -> None:
        self.do(frames())
        while not self._told_to_end.is_set():
            try:
                self.look()
            except Exception:
                logger.exception("the published runs could not be looked at")
            finally:
                connections.close_all()  # those of this thread
            self._told_to_end.wait(self.look_every)

    def look(self) -> bool:
        """Read the runs that were published since the last look; say whether there was one."""
        found = False
        for market in markets():
            name = published_id(market.runs)
            if name is not None and name != self.read.get(market.key):
                found = True
                self.read[market.key] = name
                self.do(steps(market))
        return found

    def do(self, work: Iterator[Step]) -> None:
        """Do one step after the other; one that fails is left to the first reader."""
        for step in work:
            self._give_way()
            if self._told_to_end.is_set():
                return
            try:
                step()
            except Exception:  # a damaged run, a database that is not there: pages say so
                logger.exception("a page could not be read beforehand")

    def _give_way(self) -> None:
        """Wait until nobody waits for an answer; not for ever, as somebody may all day."""
        until = time.monotonic() + GIVE_WAY_S
        while in_hand() and time.monotonic() < until and not self._told_to_end.wait(TICK_S):
            pass

"""A published run is read before its first reader does, and nobody waits for that."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from offtake.report.run import Run
from offtake_web.accounts.models import User
from offtake_web.common import in_hand as counting
from offtake_web.common.in_hand import InHand, in_hand
from offtake_web.config.environment import read
from offtake_web.dashboards import reading, warming
from offtake_web.dashboards.warming import Warmer, frames, start_if_wanted
from offtake_web.runs import tables
from tests.web.board import write_run
from tests.web.conftest import Visit

PAGES = ("", "scoreboard/", "promotions/", "availability/")
Kept = list[str]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    reading.forget()


@pytest.fixture
def read_now(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """The tables that are read from files, from now on."""
    found: Kept = []
    whole = tables._read

    def note(run: Run, name: str) -> object:
        found.append(name)
        return whole(run, name)

    monkeypatch.setattr(tables, "_read", note)
    return found


@pytest.fixture
def made_now(monkeypatch: pytest.MonkeyPatch) -> Kept:
    """The templates that figures are written with, from now on."""
    found: Kept = []
    whole = reading.render_to_string

    def note(template: str, context: object) -> str:
        found.append(template)
        return str(whole(template, context))

    monkeypatch.setattr(reading, "render_to_string", note)
    return found


@pytest.mark.parametrize("language", ["en", "sr-latn"])
@pytest.mark.parametrize("page", PAGES)
def test_the_first_reader_of_a_page_waits_for_no_file(
    runs: Path, signed_in: Client, read_now: Kept, made_now: Kept, page: str, language: str
) -> None:
    write_run(runs, "2024-w08-a")
    assert Warmer().look()
    assert read_now
    assert len(made_now) == 6, "three pages, two languages"
    del read_now[:], made_now[:]
    answer = signed_in.get(f"/main/{page}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert (read_now, made_now) == ([], [])


def test_a_run_is_read_once_and_the_next_one_when_it_is_published(
    runs: Path, db: None, made_now: Kept
) -> None:
    warmer = Warmer()
    assert not warmer.look()
    write_run(runs, "2024-w08-a")
    assert warmer.look()
    assert not warmer.look()
    assert len(made_now) == 6
    write_run(runs, "2024-w08-b")
    assert warmer.look()
    assert len(made_now) == 12


def test_it_asks_the_database_for_the_plans_alone(
    runs: Path, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write_run(runs, "2024-w08-a")
    with django_assert_num_queries(3):
        Warmer().look()


def test_readers_of_a_part_see_their_part(
    runs: Path, client_of: Visit, jelena: User, ana: User
) -> None:
    write_run(runs, "2024-w08-a")
    cold = {page: words(client_of(jelena), page) for page in PAGES[1:]}
    reading.forget()
    Warmer().look()
    for page, text in cold.items():
        assert words(client_of(jelena), page) == text, page
        assert words(client_of(ana), page) != text, page


def words(client: Client, page: str) -> str:
    """Return the text of a page, without the names of who reads it."""
    text = client.get(f"/main/{page}").content.decode()
    return re.sub(r"<[^>]*>", " ", text[text.index("<main") : text.index("</main>")])


def test_no_more_is_kept_than_there_is_room_for(
    runs: Path, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = tables.TableCache(2000)
    monkeypatch.setattr(tables, "_CACHE", small)
    write_run(runs, "2024-w08-a")
    Warmer().look()
    assert 0 < small.bytes <= 2000


def test_what_fails_is_logged_and_the_rest_is_done(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []

    def work() -> Iterator[Callable[[], object]]:
        yield lambda: 1 // 0
        yield lambda: done.append(1)

    with caplog.at_level(logging.ERROR):
        Warmer().do(work())
    assert done == [1]
    assert "could not be read beforehand" in caplog.text


def test_a_damaged_run_stops_nothing(runs: Path, db: None, signed_in: Client) -> None:
    write_run(runs, "2024-w08-a")
    for file in (runs / "2024-w08-a" / "tables").iterdir():
        file.write_bytes(b"no table")
    warmer = Warmer()
    assert warmer.look()
    assert not warmer.look(), "not again and again"
    assert signed_in.get("/main/scoreboard/").status_code == 503


# Beside requests


def test_requests_are_counted_while_they_are_answered() -> None:
    seen: list[int] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(in_hand())
        if request.method == "POST":
            raise ValueError
        return HttpResponse()

    middleware, before = InHand(answer), in_hand()
    middleware(HttpRequest())
    wrong = HttpRequest()
    wrong.method = "POST"
    with pytest.raises(ValueError):  # noqa: PT011  # ours, and nothing else is in the way
        middleware(wrong)
    assert seen == [before + 1, before + 1]
    assert in_hand() == before


def test_no_step_begins_while_somebody_waits_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(warming, "GIVE_WAY_S", 0.3)
    monkeypatch.setattr(counting, "_COUNT", [1])
    began = time.monotonic()
    done: list[float] = []
    Warmer().do(iter([lambda: done.append(time.monotonic() - began)]))
    assert 0.3 <= done[0] < 5


def test_it_goes_on_as_soon_as_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "GIVE_WAY_S", 60.0)
    count = [1]
    monkeypatch.setattr(counting, "_COUNT", count)
    done = threading.Event()
    thread = threading.Thread(target=lambda: Warmer().do(iter([done.set])), daemon=True)
    thread.start()
    assert not done.wait(0.1)
    count[0] = 0
    assert done.wait(10)
    thread.join(10)


# Start and end


def test_it_runs_beside_and_ends_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, told = threading.Event(), threading.Event()

    class Looking(Warmer):
        def look(self) -> bool:
            looked.set()
            return False

    monkeypatch.setattr(warming, "frames", lambda: iter([told.set]))
    warmer = Looking(look_every=60.0)
    warmer.start()
    assert looked.wait(10)
    assert told.is_set()
    warmer.stop()
    assert not warmer._thread.is_alive()


def test_a_look_that_fails_is_not_the_last_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks, again = iter([OSError("the disk is away"), None]), threading.Event()

    class Looking(Warmer):
        def look(self) -> bool:
            error = next(looks, None)
            if error:
                raise error
            again.set()
            return False

    monkeypatch.setattr(warming, "frames", lambda: iter(()))
    warmer = Looking(look_every=0.01)
    warmer.start()
    assert again.wait(10)
    warmer.stop()
    assert "the disk is away" in caplog.text


def test_a_step_in_hand_is_the_last_one_when_it_is_told_to_end() -> None:
    warmer, done = Warmer(), []

    def work() -> Iterator[Callable[[], object]]:
        yield lambda: (done.append(1), warmer._told_to_end.set())
        yield lambda: done.append(2)

    warmer.do(work())
    assert done == [1]


def test_the_frames_of_pages_are_there() -> None:
    for step in frames():
        step()


@pytest.mark.parametrize("wanted", [True, False])
def test_the_settings_say_whether_it_is_done(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    started = threading.Event()
    monkeypatch.setattr(Warmer, "start", lambda _warmer: started.set())
    settings.OFFTAKE_WARM = wanted
    start_if_wanted()
    assert started.is_set() == wanted


def test_it_is_done_unless_somebody_says_no() -> None:
    given = {"OFFTAKE_WEB_MODE": "development"}
    assert read(given).warm
    assert not read(given | {"OFFTAKE_WEB_WARM": "0"}).warm

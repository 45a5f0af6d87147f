"""The scoreboard is served on the loopback address only, and nothing else is."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from offtake.errors import BadInputError, OfftakeError, UnreadableFileError
from offtake.pipeline.run import publish, start_run
from offtake.pipeline.serving import PLACE, addresses, scoreboard_server
from offtake.report.manifest import EXAMPLE

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PAGE = "<!doctype html><title>Figures</title>"
LINK = '<p class="elsewhere">Also here: <a href="{}">{}</a></p>'


def published(runs: Path, *, simulated: str = "", maker: str = "Acme", page: str = PAGE) -> Path:
    frame = replace(
        EXAMPLE.frame, manufacturer=maker, category="Snacks & nuts", simulated=simulated
    )
    with start_run(runs, "0" * 64) as draft:
        draft.write_text("scoreboard.html", page)
        publish(draft, replace(EXAMPLE, run_id=draft.run_id, frame=frame))
    return runs


@contextmanager
def serving(*runs: Path) -> Iterator[str]:
    with scoreboard_server(runs, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def text_of(address: str) -> str:
    with urllib.request.urlopen(address) as answer:
        text: str = answer.read().decode()
        return text


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with serving(published(tmp_path)) as address:
        yield address


def test_the_published_page_and_a_strict_policy(address: str) -> None:
    with urllib.request.urlopen(address) as answer:
        assert answer.read().decode() == PAGE
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_page_of_promotions_stands_beside_the_scoreboard(tmp_path: Path) -> None:
    with start_run(tmp_path, "0" * 64) as draft:
        draft.write_text("scoreboard.html", PAGE)
        draft.write_text("promotions.html", "<title>Promotions</title>")
        publish(draft, replace(EXAMPLE, run_id=draft.run_id))
    with serving(tmp_path) as address:
        assert text_of(f"{address}/promotions.html?x=1") == "<title>Promotions</title>"
        assert text_of(f"{address}/scoreboard.html") == PAGE


def test_a_page_that_a_run_lacks_is_not_found(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/promotions.html")
    refused.value.close()
    assert refused.value.code == 404


@pytest.mark.parametrize("path", ["/published", "/../published", "/manifest.json", "/%2e%2e/x"])
def test_nothing_else_is_served(address: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(address + path)
    refused.value.close()
    assert refused.value.code == 404


def test_nothing_published_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="offtake refresh"):
        scoreboard_server(tmp_path, 0)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    published(tmp_path)
    with scoreboard_server(tmp_path, 0) as first, pytest.raises(OfftakeError, match="--port"):
        scoreboard_server(tmp_path, first.server_port)


def test_a_simulated_run_beside_a_real_one(tmp_path: Path) -> None:
    real = published(tmp_path / "real", page=f"real {PLACE}")
    twin = published(tmp_path / "twin", simulated="simulated: x", maker="<b>", page=f"twin {PLACE}")
    there = LINK.format("/simulated/", "&lt;b&gt; in Snacks &amp; nuts (simulated market)")
    back = LINK.format("/", "Acme in Snacks &amp; nuts (real data)")
    with serving(real, twin) as address:
        assert text_of(address) == text_of(f"{address}/scoreboard.html") == f"real {there}"
        for path in ("/simulated/", "/simulated", "/simulated/scoreboard.html"):
            assert text_of(address + path) == f"twin {back}"
        published(twin, simulated="simulated: x", page="newer")
        assert text_of(f"{address}/simulated/") == "newer"


def test_one_scoreboard_alone_has_no_links(tmp_path: Path) -> None:
    with serving(published(tmp_path, page=f"alone {PLACE}")) as address:
        assert text_of(address) == f"alone {PLACE}"


def test_paths_of_several_folders(tmp_path: Path) -> None:
    one, two = (published(tmp_path / name) for name in ("one", "two"))
    three, four = (published(tmp_path / name, simulated="simulated: x") for name in ("3", "4"))
    assert addresses([one, two, three, four]) == {
        "/": one, "/2/": two, "/simulated/": three, "/4/": four,
    }  # fmt: skip
    assert addresses([three, one]) == {"/": three, "/2/": one}


def test_a_folder_twice_or_none_is_refused(tmp_path: Path) -> None:
    published(tmp_path)
    for runs in ([], [tmp_path, tmp_path]):
        with pytest.raises(BadInputError, match="one folder or more, each once"):
            scoreboard_server(runs, 0)
    with pytest.raises(UnreadableFileError, match="offtake refresh"):
        scoreboard_server([tmp_path, tmp_path / "nothing"], 0)

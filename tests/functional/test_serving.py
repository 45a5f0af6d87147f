"""The scoreboard is served on the loopback address only, and nothing else is."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from offtake.errors import OfftakeError, UnreadableFileError
from offtake.pipeline.run import publish, start_run
from offtake.pipeline.serving import scoreboard_server
from offtake.report.manifest import EXAMPLE

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PAGE = "<!doctype html><title>Figures</title>"


def published(runs: Path) -> None:
    from dataclasses import replace

    with start_run(runs, "0" * 64) as draft:
        draft.write_text("scoreboard.html", PAGE)
        publish(draft, replace(EXAMPLE, run_id=draft.run_id))


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    published(tmp_path)
    with scoreboard_server(tmp_path, 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_published_page_and_a_strict_policy(address: str) -> None:
    with urllib.request.urlopen(address) as answer:
        assert answer.read().decode() == PAGE
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


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

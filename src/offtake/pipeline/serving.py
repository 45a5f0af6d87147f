"""A small server on the loopback address that shows the published scoreboard, and nothing else."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from offtake.errors import OfftakeError
from offtake.pipeline.run import read_run

LOOPBACK = "127.0.0.1"
PAGES = ("/", "/scoreboard.html")
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)


def scoreboard_server(runs: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of the published scoreboard; the caller runs and closes it.

    Parameters
    ----------
    runs
        Folder of runs. The published run is looked up at every request, so a refresh shows at
        once.
    port
        Port on 127.0.0.1; 0 takes a free one.

    Raises
    ------
    OfftakeError
        When no run is published, or the port is taken.
    """
    read_run(runs, None)
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, runs))
    except OSError as error:
        raise OfftakeError(
            f"port {port} of {LOOPBACK} cannot be used ({error.strerror}); try another --port"
        ) from error


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, runs: Path, *args: object) -> None:
        self.runs = runs
        super().__init__(*args)  # type: ignore[arg-type]  # the server passes its own three

    def do_GET(self) -> None:  # the name http.server calls
        """Answer with the scoreboard."""
        if self.path not in PAGES:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        page = (read_run(self.runs, None).folder / "scoreboard.html").read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # its name there
        """Keep the terminal quiet."""

"""A small server on the loopback address that shows published scoreboards, and nothing else."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from offtake.errors import BadInputError, OfftakeError
from offtake.pipeline.run import read_run
from offtake.report.page import PAGES, SCOREBOARD
from offtake.report.run import Run
from offtake.report.words import name_of

LOOPBACK = "127.0.0.1"
PLACE = "<!-- elsewhere -->"
"""Where a scoreboard has room for the way to the others."""

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)


def scoreboard_server(runs: Path | Sequence[Path], port: int) -> ThreadingHTTPServer:
    """Return a server of published scoreboards; the caller runs and closes it.

    Parameters
    ----------
    runs
        Folder of runs, or several. The published run is looked up at every request, so a refresh
        shows at once. The first is at ``/``, the others where :func:`addresses` says; each page
        has a link to the others.
    port
        Port on 127.0.0.1; 0 takes a free one.

    Raises
    ------
    BadInputError
        When no folder is given, or one twice.
    UnreadableFileError
        When a folder has no published run.
    OfftakeError
        When the port is taken.
    """
    folders = addresses([runs] if isinstance(runs, Path) else runs)
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, folders))
    except OSError as error:
        raise OfftakeError(
            f"port {port} of {LOOPBACK} cannot be used ({error.strerror}); try another --port"
        ) from error


def addresses(runs: Sequence[Path]) -> dict[str, Path]:
    """Return under which path each folder of runs is shown.

    Parameters
    ----------
    runs
        The folders, the first of them for ``/``. A further one is ``/simulated/`` where its
        published run is simulated, and otherwise, or when that is taken, ``/2/``, ``/3/`` by its
        place.

    Raises
    ------
    BadInputError
        When no folder is given, or one twice.
    UnreadableFileError
        When a folder has no published run.
    """
    if not runs or len(set(runs)) < len(runs):
        raise BadInputError(
            f"runs: got {[str(each) for each in runs]}, allowed: one folder or more, each once"
        )
    found: dict[str, Path] = {}
    for place, folder in enumerate(runs, start=1):
        simulated = read_run(folder).manifest.frame.simulated
        path = "/simulated/" if simulated and "/simulated/" not in found else f"/{place}/"
        found["/" if place == 1 else path] = folder
    return found


def linked(page: str, here: str, others: Mapping[str, Run]) -> str:
    """Return a scoreboard with links to the others, where it has room for them.

    Parameters
    ----------
    page
        The scoreboard as HTML.
    here
        Its path.
    others
        All published runs by path; its own is left out.
    """
    links = [
        f'<a href="{path}">{html.escape(_title(run))}</a>'
        for path, run in others.items()
        if path != here
    ]
    if not links:
        return page
    return page.replace(PLACE, f'<p class="elsewhere">Also here: {", ".join(links)}</p>', 1)


def _title(run: Run) -> str:
    frame = run.manifest.frame
    kind = "simulated market" if frame.simulated else "real data"
    return f"{name_of(frame.manufacturer)} in {frame.category} ({kind})"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, runs: Mapping[str, Path], *args: object) -> None:
        self.runs = runs
        super().__init__(*args)  # type: ignore[arg-type]  # the server passes its own three

    def do_GET(self) -> None:  # the name http.server calls
        """Answer with the scoreboard of this path."""
        asked = self.path.partition("?")[0]
        page = next((name for name in PAGES if asked.endswith(f"/{name}")), SCOREBOARD)
        here = asked.removesuffix(page)
        if here in self.runs:
            self._show(here, page)
        elif f"{here}/" in self.runs:
            self._send_to(f"{here}/")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send_to(self, path: str) -> None:
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _show(self, here: str, name: str) -> None:
        published = {path: read_run(folder) for path, folder in self.runs.items()}
        path = published[here].folder / name
        if not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        text = path.read_text(encoding="utf-8")
        page = linked(text, here, published).encode()
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

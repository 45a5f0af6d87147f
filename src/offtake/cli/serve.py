"""``offtake serve``: look at published runs in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from offtake.cli.options import DEFAULT_RUNS
from offtake.cli.output import say


def serve(
    *,
    runs: Annotated[
        list[Path] | None,
        typer.Option(
            "--runs",
            envvar="OFFTAKE_RUNS",
            help="Folder of published runs, by itself runs; repeat for several: the first is at /.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine.")] = 8000,
) -> None:
    """Serve the published scoreboards on 127.0.0.1 until stopped with Ctrl-C."""
    from offtake.pipeline.serving import addresses, scoreboard_server

    folders = runs or [DEFAULT_RUNS]
    with scoreboard_server(folders, port) as server:
        for path in addresses(folders):
            say(f"Scoreboard: http://127.0.0.1:{server.server_port}{path}")
        say("Ctrl-C stops.")
        server.serve_forever()

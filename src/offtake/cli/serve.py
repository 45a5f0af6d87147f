"""``offtake serve``: look at the published run in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from offtake.cli.options import DEFAULT_RUNS, RunsOption
from offtake.cli.output import say


def serve(
    runs: RunsOption = DEFAULT_RUNS,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine.")] = 8000,
) -> None:
    """Serve the published scoreboard on 127.0.0.1 until stopped with Ctrl-C."""
    from offtake.pipeline.serving import scoreboard_server

    with scoreboard_server(runs, port) as server:
        say(f"Scoreboard: http://127.0.0.1:{server.server_port}/  (Ctrl-C stops)")
        server.serve_forever()

"""The command line: thin commands over the library.

Everything heavy is imported inside the commands, so that ``offtake --help`` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from offtake import __version__
from offtake.cli import catalogue, demo, fit, load, loads, measure, refresh, serve, twin
from offtake.errors import BadInputError, OfftakeError

BAD_INPUT = 2
FAILURE = 1
STOPPED = 130
STOPPED_WORDS = (
    "offtake: stopped; nothing half-written was kept. Give the same command again to go on"
)

app = typer.Typer(
    name="offtake",
    help="One set of numbers about what moves product off the shelf.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it with the flag
    if wanted:
        print(f"offtake {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Take the options that belong to no command."""


app.command("load")(load.load)
app.command("loads")(loads.loads)
app.command("set-aside")(loads.set_aside)
app.command("contracts")(catalogue.contracts)
app.command("measures")(catalogue.measures)
app.command("measure")(measure.measure)
app.command("refresh")(refresh.refresh)
app.command("runs")(refresh.runs)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.add_typer(fit.app)
app.add_typer(twin.app)


def main() -> None:
    """Run the command line; errors made on purpose are one line on standard error."""
    try:
        app()
    except OfftakeError as error:
        print(f"offtake: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT if isinstance(error, BadInputError) else FAILURE)
    except KeyboardInterrupt:
        print(
            STOPPED_WORDS,
            file=sys.stderr,
        )
        sys.exit(STOPPED)

"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from offtake.data.layout import Schema


class Format(StrEnum):
    """How a table is printed."""

    table = "table"
    csv = "csv"
    json = "json"


StoreOption = Annotated[
    Path, typer.Option("--store", envvar="OFFTAKE_STORE", help="The store: one file.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the table.")]
RunsOption = Annotated[
    Path, typer.Option("--runs", envvar="OFFTAKE_RUNS", help="Folder of published runs.")
]
SimulatedOption = Annotated[
    bool,
    typer.Option(
        "--simulated",
        help="Work on the simulated tables (schema twin), never on real ones.",
    ),
]


def _in_a_folder(page: Path | None) -> Path | None:
    """Refuse a place for a page that cannot be written to, before any work is done for it."""
    from offtake.errors import BadInputError

    if page is not None and not page.parent.is_dir():
        raise BadInputError(f"--page: got {page}, allowed: a file in a folder that exists")
    return page


PageOption = Annotated[
    Path | None,
    typer.Option("--page", callback=_in_a_folder, help="Write the answer as a page to this file."),
]
DEFAULT_STORE = Path("offtake.duckdb")
DEFAULT_RUNS = Path("runs")


def schema_for(*, simulated: bool) -> Schema:
    """Return the schema of a store that the option ``--simulated`` stands for."""
    return "twin" if simulated else "main"

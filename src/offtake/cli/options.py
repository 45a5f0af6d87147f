"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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
DEFAULT_STORE = Path("offtake.duckdb")
DEFAULT_RUNS = Path("runs")

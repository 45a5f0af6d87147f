"""A published run, read-only: a folder with a manifest, tables, charts and pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offtake.errors import UnknownNameError
from offtake.report.manifest import Manifest, Passport, TableEntry

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Parameters
    ----------
    folder
        Where it lies.
    manifest
        What it says about itself.
    """

    folder: Path
    manifest: Manifest

    @property
    def run_id(self) -> str:
        """The run's name, which sorts by time."""
        return self.manifest.run_id

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names of the tables it holds."""
        return tuple(entry.name for entry in self.manifest.tables)

    def entry(self, name: str) -> TableEntry:
        """Return what the manifest says of a table.

        Raises
        ------
        UnknownNameError
            When the run has no such table.
        """
        for entry in self.manifest.tables:
            if entry.name == name:
                return entry
        raise UnknownNameError(f"table of run {self.run_id}", name, self.table_names)

    def table(self, name: str) -> pa.Table:
        """Return a table.

        Raises
        ------
        UnknownNameError
            When the run has no such table.
        """
        import pyarrow.parquet as pq

        return pq.read_table(self.folder / "tables" / f"{self.entry(name).name}.parquet")

    def rows(self, name: str) -> list[Row]:
        """Return a table's rows as dictionaries; none where the run lacks the table."""
        if name not in self.table_names:
            return []
        rows: list[Row] = self.table(name).to_pylist()
        return rows

    def charts(self) -> dict[str, str]:
        """Return the charts kept in the run as Vega-Lite JSON, by name."""
        paths = sorted((self.folder / "charts").glob("*.json"))
        return {path.stem: path.read_text(encoding="utf-8") for path in paths}

    def passport(self, name: str) -> Passport:
        """Return the passport of a table's figures."""
        return self.manifest.passports[self.entry(name).measure]

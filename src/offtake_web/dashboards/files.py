"""What is seen, as a file: the same rows in the same order, and where they come from."""

from __future__ import annotations

import pyarrow as pa
from django.http import HttpResponse

from offtake.report.exhibits import source_line
from offtake_web.dashboards.reading import Reading
from offtake_web.runs import exports

ENDINGS = ("csv", "xlsx")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SOURCE = "source"


def wanted(reading: Reading) -> str:
    """Return which kind of file an address asks for; empty for a page."""
    ending = reading.request.GET.get("format", "")
    return ending if ending in ENDINGS else ""


def file_of(reading: Reading, name: str, table: pa.Table) -> HttpResponse:
    """Return a table as the file that the address asks for."""
    ending, run = wanted(reading), reading.run
    full = exports.labelled(run, with_source(reading, name, table))
    content = (
        exports.as_csv(full) if ending == "csv" else exports.as_excel(full, about(reading, name))
    )
    file_name = exports.file_name(run, name.replace("/", "-"), ending)
    return HttpResponse(
        content,
        content_type=TYPES[ending],
        headers={
            "Content-Disposition": f'attachment; filename="{file_name}"',
            "Cache-Control": "private, no-cache",
        },
    )


def with_source(reading: Reading, name: str, table: pa.Table) -> pa.Table:
    """Add to every row which source it is from."""
    if SOURCE in table.column_names:
        return table
    line = _source(reading, name)
    return table.append_column(SOURCE, pa.array([line] * table.num_rows, pa.string()))


def _source(reading: Reading, name: str) -> str:
    run = reading.run
    return source_line(run, [name] if name in run.table_names else run.table_names)


def about(reading: Reading, name: str) -> dict[str, str]:
    """Return what a reader of the file has to know, and the address that shows the same."""
    run = reading.run
    facts = (
        exports.about(run, name)
        if name in run.table_names
        else {"Run": run.run_id, "Made": run.manifest.created}
    )
    if run.manifest.frame.simulated:
        facts["Simulated"] = run.manifest.frame.simulated
    scope = reading.scope
    seen = ", ".join(sorted(scope.retailers | scope.territories | scope.brands))
    return facts | {
        "Sources": _source(reading, name),
        "Part of the business": seen or "all",
        "Address": reading.request.build_absolute_uri(),
    }

"""The results as a table to read."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.measuring import Row

HEADING = ("case", "rows", "ours s", "ours MB", "peer s", "peer MB", "ratio", "differ", "peer")


def print_rows(rows: Sequence[Row]) -> None:
    """Print one line per row, and the notes below."""
    lines = [HEADING, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADING))]
    for line in lines:
        print("  ".join(_aligned(cell, widths[i], i) for i, cell in enumerate(line)).rstrip())
    for row in rows:
        if row.note:
            print(f"  {row.case}: {row.note}")


def _aligned(cell: str, width: int, place: int) -> str:
    return cell.ljust(width) if place in (0, len(HEADING) - 1) else cell.rjust(width)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.case,
        f"{row.rows:,}",
        _number(row.ours_cpu_s, ".2f"),
        _number(row.ours_peak_mb, ",.0f"),
        _number(row.peer_cpu_s, ".2f"),
        _number(row.peer_peak_mb, ",.0f"),
        _number(row.ratio_cpu, ".2f"),
        _number(row.agreement, ".0e"),
        row.peer,
    )


def _number(value: float | None, shape: str) -> str:
    return "-" if value is None else format(value, shape)

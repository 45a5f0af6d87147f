"""Checks the envelopes of an EDI file: every header has its trailer, every count is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from offtake.data.sources.edi_table import EdiTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A kind of envelope.

    Parameters
    ----------
    depth
        How far inside it stands; the outermost is 0.
    header, trailer
        Tags of the segments that open and close it.
    parents
        Headers it may stand directly under; none for the outermost.
    counts
        What the trailer counts, in words. ``"segments"`` are counted with header and trailer.
    count_column, control_column
        Names of the trailer's elements that hold the count and the control number.
    """

    depth: int
    header: str
    trailer: str
    parents: tuple[str, ...]
    counts: str
    count_column: str
    control_column: str


@dataclass(slots=True)
class _Open:
    level: Level
    row: int
    control: str
    inside: int = 0


class Envelopes:
    """Follows headers and trailers; every count or control number that is off is a fault."""

    __slots__ = ("_open", "_table")

    def __init__(self, table: EdiTable) -> None:
        self._table = table
        self._open: list[_Open] = []

    def reference(self) -> str:
        """Control numbers of the open envelopes, outermost first, joined by ``/``."""
        return "/".join(opened.control for opened in self._open)

    def begin(self, level: Level, row: int, control: str) -> None:
        """Open an envelope; one of its own kind or deeper that is still open lacks its trailer."""
        while self._open and self._open[-1].level.depth >= level.depth:
            self._report_open(row)
        if level.parents and (not self._open or self._open[-1].level.header not in level.parents):
            allowed = " or ".join(level.parents)
            reason = f"{level.header} stands outside an envelope; expected {allowed} before it"
            self._table.add_fault(row, level.header, control, reason)
        if self._open:
            self._open[-1].inside += 1
        self._open.append(_Open(level, row, control))

    def end(self, level: Level, row: int, stated: str, control: str) -> None:
        """Close an envelope and compare its count and control number with what was found."""
        if all(opened.level is not level for opened in self._open):
            reason = f"{level.trailer} closes nothing; expected {level.header} before it"
            self._table.add_fault(row, level.trailer, control, reason)
            return
        while self._open[-1].level is not level:
            self._report_open(row)
        opened = self._open.pop()
        found = row - opened.row + 1 if level.counts == "segments" else opened.inside
        if not (stated.isascii() and stated.isdigit() and int(stated[:18]) == found):
            reason = f"counts {stated or 'no'} {level.counts}; the file has {found}"
            self._table.add_fault(row, level.count_column, stated, reason)
        if control != opened.control:
            reason = f"control number differs from {level.header}, which has {opened.control!r}"
            self._table.add_fault(row, level.control_column, control, reason)

    def finish(self, row: int) -> None:
        """Report envelopes that the end of the file, at segment ``row``, leaves open."""
        while self._open:
            self._report_open(row)

    def _report_open(self, row: int) -> None:
        opened = self._open.pop()
        level = opened.level
        reason = f"{level.header} in segment {opened.row} has no {level.trailer}"
        self._table.add_fault(row, level.trailer, opened.control, reason)

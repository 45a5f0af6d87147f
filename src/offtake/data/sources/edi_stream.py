"""Reads an EDI file piece by piece: the bytes between one segment terminator and the next."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, BinaryIO, cast

from offtake.errors import UnreadableFileError

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20
_LONGEST_SEGMENT = 1 << 20
_HEAD = 4096
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def open_edi(path: Path) -> BinaryIO:
    """Open an EDI file, plain or packed by gzip, for reading as bytes.

    Raises
    ------
    UnreadableFileError
        The file cannot be opened.
    """
    try:
        if path.suffix.lower() == ".gz":
            return cast("BinaryIO", gzip.open(path))
        return path.open("rb")
    except OSError as error:
        message = f"cannot read {path}: {error.strerror or error}. Expected a readable EDI file."
        raise UnreadableFileError(message) from error


class SegmentBuffer:
    """A window on a stream that hands out one segment at a time."""

    __slots__ = ("_bytes", "_position", "_stream")

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._bytes = stream.read(_CHUNK).removeprefix(_BYTE_ORDER_MARK)
        self._position = 0

    def head(self) -> bytes:
        """The next bytes, after any blanks and line ends, without taking them."""
        while True:
            while self._bytes[self._position : self._position + 1].isspace():
                self._position += 1
            if len(self._bytes) - self._position >= _HEAD:
                break
            more = self._stream.read(_CHUNK)
            if not more:
                break
            self._bytes = self._bytes[self._position :] + more
            self._position = 0
        return self._bytes[self._position : self._position + _HEAD]

    def skip(self, count: int) -> None:
        """Pass over ``count`` of the bytes that :meth:`head` shows."""
        self._position = min(self._position + count, len(self._bytes))

    def take(self, terminator: bytes, release: bytes | None = None) -> bytes | None:
        """The bytes up to the next ``terminator``, or what is left; None at the end.

        A terminator after ``release`` is data, unless that release character is released itself.

        Raises
        ------
        UnreadableFileError
            No segment ends within a megabyte.
        """
        searched = 0
        while True:
            end = self._bytes.find(terminator, self._position + searched)
            if end < 0:
                searched = len(self._bytes) - self._position
                if not self._more(terminator):
                    return self._rest()
            elif release is not None and self._is_released(end, release):
                searched = end + 1 - self._position
            else:
                taken = self._bytes[self._position : end]
                self._position = end + 1
                return taken

    def _more(self, terminator: bytes) -> bool:
        """Read on; False at the end of the stream."""
        known = len(self._bytes) - self._position
        if known > _LONGEST_SEGMENT:
            message = f"no segment ends with {terminator!r} in {known} bytes. Expected an EDI file."
            raise UnreadableFileError(message)
        more = self._stream.read(_CHUNK)
        self._bytes = self._bytes[self._position :] + more
        self._position = 0
        return bool(more)

    def _is_released(self, end: int, release: bytes) -> bool:
        start = end
        while start > self._position and self._bytes[start - 1 : start] == release:
            start -= 1
        return (end - start) % 2 == 1

    def _rest(self) -> bytes | None:
        rest = self._bytes[self._position :]
        self._position = len(self._bytes)
        return rest or None

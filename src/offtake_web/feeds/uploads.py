"""Files that were sent: written as they arrive to folders of random names, known by their content.

Nothing is believed of a file's name. A cleaned form of it is kept for people to know the file by;
the ending is ours, after what the file holds.
"""

from __future__ import annotations

import logging
import math
import re
import secrets
import shutil
import time
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeAlias

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

Upload: TypeAlias = "UploadedFile[bytes]"
logger = logging.getLogger(__name__)
NAME_LENGTH = 80
KEPT_SECONDS = 7 * 24 * 3600
HEAD = 64 * 1024
ROOM_UNPACKED = 10
"""A workbook may unpack to so many times what may be sent."""
_BOMS = (b"\xff\xfe", b"\xfe\xff")
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"


class WrongTypeError(ValueError):
    """A file is none of those that can be read."""


class TooLargeError(ValueError):
    """A file is larger than this installation takes."""


def folder() -> Path:
    """Return the folder of uploads, which only this account may read."""
    found: Path = settings.OFFTAKE_UPLOADS
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


class NoRoomError(OSError):
    """The disk cannot take what is sent."""


class StreamedUpload(FileUploadHandler):
    """Writes what is sent straight to the folder of uploads, part by part."""

    handle: IO[bytes] | None = None
    path: Path

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.parts: list[Path] = []

    def new_file(self, *args: object, **named: object) -> None:
        super().new_file(*args, **named)  # type: ignore[arg-type]  # handed on as they came
        self.path = folder() / f"{secrets.token_hex(16)}.part"
        self.parts.append(self.path)
        try:
            self.handle = self.path.open("wb")
        except OSError as error:
            raise self._no_room(error) from error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.handle is not None:
            try:
                self.handle.write(raw_data)
            except OSError as error:
                raise self._no_room(error) from error

    def _no_room(self, error: OSError) -> NoRoomError:
        logger.exception("an upload cannot be written to %s", self.path.parent)
        return NoRoomError(str(error))

    def file_complete(self, file_size: int) -> Upload:
        assert self.handle is not None  # noqa: S101  # new_file was called before
        self._written()
        done = self.path.open("rb")
        return UploadedFile(
            file=done, name=self.file_name, content_type=self.content_type, size=file_size
        )

    def _written(self) -> None:
        """Close the file; what waited to be written is written now, and may find no room."""
        assert self.handle is not None  # noqa: S101  # as above
        try:
            self.handle.close()
        except OSError as error:
            logger.exception("an upload cannot be written to %s", self.path.parent)
            raise NoRoomError(str(error)) from error

    def drop(self) -> None:
        """Remove what was written and not kept, whole or not."""
        if self.handle is not None:
            with suppress(OSError):  # the disk may be full
                self.handle.close()
        for part in self.parts:
            part.unlink(missing_ok=True)


def drop_parts(request: HttpRequest) -> None:
    """Remove what a request sent and nobody kept, also where it broke off in the middle."""
    for handler in request._upload_handlers:  # type: ignore[attr-defined]  # asking for the public one makes some
        if isinstance(handler, StreamedUpload):
            handler.drop()


def path_of(upload: Upload) -> Path:
    """Return where a streamed upload was written."""
    assert upload.file is not None  # noqa: S101  # StreamedUpload gives every upload one
    return Path(upload.file.name)


def keep(upload: Upload, ending: str = "") -> Path:
    """Give an upload a folder of its own; return its path there.

    Parameters
    ----------
    upload
        As :class:`StreamedUpload` left it.
    ending
        The ending of its name; empty goes by what it holds.

    Raises
    ------
    WrongTypeError
        When it is none of the types that can be read.
    TooLargeError
        When it would unpack to more than there is room for.
    """
    source = path_of(upload)
    known = ending or ending_of(source)
    place = folder() / secrets.token_hex(16)
    place.mkdir(mode=0o700)
    target = place / f"{clean_name(upload.name or '')}{known}"
    upload.close()
    source.replace(target)
    return target


def discard(upload: Upload | None) -> None:
    """Remove an upload that was not kept."""
    if upload is not None:
        upload.close()
        path_of(upload).unlink(missing_ok=True)


def clean_name(name: str) -> str:
    """Return a name that people know a file by and that is nothing but a name."""
    stem = Path(name.replace("\\", "/")).name
    stem = stem.rpartition(".")[0] or stem
    plain = re.sub(r"[^\w()+-]+", " ", stem).strip()[:NAME_LENGTH].strip()
    return plain or "file"


def ending_of(path: Path) -> str:
    """Return the ending for what a file holds, going by its content alone."""
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    if head.startswith(b"PAR1"):
        return ".parquet"
    if head.startswith(b"PK\x03\x04"):
        return _workbook(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return ".xls"
    return _text(head)


def _text(head: bytes) -> str:
    start = head.lstrip()
    if start.startswith(b"ISA"):
        return ".x12"
    if start.startswith((b"UNA", b"UNB")):
        return ".edifact"
    binary = b"\0" in head and not head.startswith(_BOMS)
    if not start or binary or start.startswith((b"<", b"%PDF", b"{\\rtf")):
        raise WrongTypeError
    return ".csv"


def _workbook(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            sizes = {each.filename: each.file_size for each in packed.infolist()}
            if sum(sizes.values()) > ROOM_UNPACKED * settings.OFFTAKE_UPLOAD_BYTES:
                raise TooLargeError
            if "mimetype" in sizes and packed.open("mimetype").read(100) == _OPEN_DOCUMENT:
                return ".ods"
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise WrongTypeError from error
    for member, ending in (("xl/workbook.xml", ".xlsx"), ("xl/workbook.bin", ".xlsb")):
        if member in sizes:
            return ending
    raise WrongTypeError


def inside(place: str) -> Path | None:
    """Return the path of a kept file by what :func:`keep` returned; None where it is gone."""
    path = Path(place)
    kept = path.is_relative_to(settings.OFFTAKE_UPLOADS) and ".." not in path.parts
    return path if kept and path.is_file() else None


def without_place(text: str) -> str:
    """Leave out of a message where on our disk a file lay."""
    where = re.escape(str(settings.OFFTAKE_UPLOADS))
    return re.sub(rf"{where}[\\/][0-9a-f]{{32}}[\\/]", "", text)


def remove(place: str | None) -> None:
    """Remove a kept file with its folder."""
    path = inside(place) if place else None
    if path is not None:
        shutil.rmtree(path.parent, ignore_errors=True)


def tidy() -> int:
    """Remove what was sent long ago and never loaded; return how many files that were."""
    limit = time.time() - KEPT_SECONDS
    old = [path for path in folder().iterdir() if path.name != MEND and _sent_at(path) < limit]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _sent_at(path: Path) -> float:
    """Return when a file came, in seconds; what another load is taking away now is not old."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


MEND = "mend"


def mend_folder() -> Path:
    """Return the folder of rows set aside, as files to be mended."""
    found = folder() / MEND
    found.mkdir(exist_ok=True, mode=0o700)
    return found

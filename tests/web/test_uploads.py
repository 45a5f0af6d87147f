"""Files that were sent are known by what they hold, never by what they are called."""

from __future__ import annotations

import gzip
import os
import time
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import UploadedFile
from openpyxl import Workbook
from pytest_django import Settings

from offtake_web.feeds import uploads
from offtake_web.feeds.uploads import TooLargeError, WrongTypeError, clean_name, ending_of


def packed(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        for name in names:
            target.writestr(name, "x")
    return path


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"store_id,retailer\nS1,Maxi\n", ".csv"),
        (b"\xef\xbb\xbfstore_id;retailer\n", ".csv"),
        ("prodavnica;šifra\n".encode("cp1250"), ".csv"),
        ("store_id\tcity\n".encode("utf-16"), ".csv"),
        (b"ISA*00*          *00*", ".x12"),
        (b"\r\nUNB+UNOA:1+", ".edifact"),
        (b"UNA:+.? 'UNB+", ".edifact"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", ".xls"),
    ],
)
def test_what_is_known_by_its_first_bytes(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / "anything.exe"
    path.write_bytes(content)
    assert ending_of(path) == ending


@pytest.mark.parametrize(
    "content",
    [
        b"", b" \n", b"<!doctype html>", b"<?xml version='1.0'?>", b"%PDF-1.7", b"\x89PNG\r\n\0\0",
        b"\x7fELF\0", b"{\\rtf1", gzip.compress(b"a,b\n1,2\n", mtime=0), b"PK\x03\x04 cut off",
    ],
)  # fmt: skip
def test_what_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(content)
    with pytest.raises(WrongTypeError):
        ending_of(path)


def test_workbooks_and_parquet(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "a.csv")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "b.csv")
    assert ending_of(tmp_path / "a.csv") == ".xlsx"
    assert ending_of(tmp_path / "b.csv") == ".parquet"
    assert ending_of(packed(tmp_path / "c", "xl/workbook.bin")) == ".xlsb"
    with pytest.raises(WrongTypeError):
        ending_of(packed(tmp_path / "d.xlsx", "evil.sh"))


def test_a_workbook_that_unpacks_to_too_much(tmp_path: Path, settings: Settings) -> None:
    settings.OFFTAKE_UPLOAD_BYTES = 1000
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("xl/workbook.xml", b"0" * 20_000)
    assert path.stat().st_size < 1000
    with pytest.raises(TooLargeError):
        ending_of(path)


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("January 2024.csv", "January 2024"),
        ("Prodaja šećera.xlsx", "Prodaja šećera"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot"),
        ("....", "file"),
        ("", "file"),
        ("a\0b\nc.csv", "a b c"),
        ("<script>.csv", "script"),
        ("-rf", "-rf"),
        ("x" * 300 + ".csv", "x" * 80),
    ],
)
def test_a_name_is_nothing_but_a_name(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_a_kept_file_lies_under_a_random_name(tmp_path: Path) -> None:
    part = uploads.folder() / "0.part"
    part.write_bytes(b"a,b\n")
    kept = uploads.keep(UploadedFile(file=part.open("rb"), name="../sales.exe"))
    assert kept.name == "sales.csv"
    assert kept.parent.parent == uploads.folder()
    assert len(kept.parent.name) == 32
    assert uploads.folder().stat().st_mode & 0o077 == 0
    assert uploads.inside(str(kept)) == kept
    assert uploads.without_place(f"{kept}: no such sheet") == "sales.csv: no such sheet"
    uploads.remove(str(kept))
    assert list(uploads.folder().iterdir()) == []
    uploads.remove(str(kept))


def test_only_what_was_kept_here_is_found_and_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "sales.csv"
    outside.parent.mkdir()
    outside.write_text("a", encoding="utf-8")
    for place in (outside, uploads.folder() / ".." / "outside" / "sales.csv"):
        assert uploads.inside(str(place)) is None
        uploads.remove(str(place))
    assert outside.exists()


def test_what_was_never_loaded_is_removed_after_a_week(tmp_path: Path) -> None:
    old, new = uploads.folder() / "old", uploads.folder() / "new"
    for path in (old, new, uploads.mend_folder()):
        path.mkdir(exist_ok=True)
    stray = uploads.folder() / "stray.part"
    stray.touch()
    week_ago = time.time() - uploads.KEPT_SECONDS - 60
    for path in (old, stray, uploads.mend_folder()):
        os.utime(path, (week_ago, week_ago))
    uploads.tidy()
    assert {path.name for path in uploads.folder().iterdir()} == {"new", "mend"}

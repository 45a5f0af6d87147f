"""Files that do not arrive whole: the disk is full, or whoever sends them is gone."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django import Settings

from offtake_web.accounts.models import User
from offtake_web.feeds.uploads import StreamedUpload, folder
from offtake_web.jobs.models import Job
from tests.web.api_cast import MAIN, caller
from tests.web.test_api_frame import problem

PAGE = "/main/loads/new/"
ROWS = b"store_id,product_id,week,units,value\n"
SMALL, LARGE = ROWS, ROWS * 20_000


@pytest.fixture(autouse=True)
def _nothing_stays(settings: Settings, db: None) -> Iterator[None]:
    """Whatever happens, no file of it stays behind and no job is made."""
    yield
    assert [path for path in settings.OFFTAKE_UPLOADS.rglob("*") if path.is_file()] == []
    assert not Job.objects.exists()


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is written to a disk that is full."""
    begin = StreamedUpload.new_file

    def new_file(self: StreamedUpload, *args: object, **named: object) -> None:
        begin(self, *args, **named)
        assert self.handle is not None
        self.handle.close()
        self.handle = Path("/dev/full").open("wb")  # noqa: SIM115  # closed by what is tested

    monkeypatch.setattr(StreamedUpload, "new_file", new_file)


def sent(content: bytes) -> dict[str, object]:
    return {"file": SimpleUploadedFile("sales.csv", content), "contract": "sales"}


def test_a_disk_without_room_for_a_name_is_said(
    monkeypatch: pytest.MonkeyPatch, client: Client, vesna: User
) -> None:
    plain = Path.open

    def opened(self: Path, *args: Any, **named: Any) -> Any:  # noqa: ANN401  # as Path.open
        if self.suffix == ".part":
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(self, *args, **named)

    monkeypatch.setattr(Path, "open", opened)
    client.force_login(vesna)
    assert client.post(PAGE, sent(LARGE)).status_code == 507


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_a_full_disk_is_said_on_the_page(
    full: None, client: Client, vesna: User, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client.force_login(vesna)
    answer = client.post(PAGE, sent(content))
    assert answer.status_code == 507
    assert "no room left on the server" in answer.content.decode()
    assert "No space left on device" in caplog.text


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_a_full_disk_is_said_to_programs(
    full: None, client: Client, vesna: User, content: bytes
) -> None:
    answer = client.post(f"{MAIN}/loads", sent(content), headers=caller(vesna).headers)
    problem(answer, "no-room")


class Gone(io.BytesIO):
    """A body whose sender is gone after a while."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= len(self.getvalue()) // 2:
            raise OSError(errno.ECONNRESET, "Connection reset by peer")
        return super().read(size)


def broken_off() -> dict[str, object]:
    body = encode_multipart(BOUNDARY, sent(LARGE))
    return {
        "wsgi.input": Gone(body),
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": MULTIPART_CONTENT,
    }


def test_whoever_is_gone_in_the_middle_leaves_nothing_on_the_page(vesna: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(vesna)
    answer = strict.generic("POST", PAGE, **broken_off())  # type: ignore[arg-type]  # of its environment
    assert answer.status_code == 403  # what was read of it holds no token against forgery


def test_a_program_that_is_gone_in_the_middle_leaves_nothing(client: Client, vesna: User) -> None:
    headers = caller(vesna).headers
    answer = client.generic("POST", f"{MAIN}/loads", headers=headers, **broken_off())  # type: ignore[arg-type]  # as above
    problem(answer, "unreadable")


def test_a_profile_that_finds_no_room_takes_its_file_with_it(
    client: Client, vesna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = StreamedUpload.receive_data_chunk

    def only_the_first(self: StreamedUpload, raw_data: bytes, start: int) -> None:
        if self.field_name == "profile":
            assert self.handle is not None
            self.handle.close()
            self.handle = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115  # as above
        write(self, raw_data, start)

    monkeypatch.setattr(StreamedUpload, "receive_data_chunk", only_the_first)
    client.force_login(vesna)
    profile = SimpleUploadedFile("profile.toml", b"[profile]\n")
    assert client.post(PAGE, {**sent(SMALL), "profile": profile}).status_code == 507
    assert folder().exists()

"""Jobs, loads, people and saved views through the API."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook
from pytest_django import Settings

from offtake_web.accounts.models import User
from offtake_web.feeds.models import Fault, LoadRecord
from offtake_web.feeds.uploads import mend_folder
from offtake_web.jobs.models import Job, State
from offtake_web.plans.models import Plan
from tests.web.api_cast import MAIN, caller
from tests.web.test_api_frame import problem
from tests.web.test_api_plans import PLANS, made

CSV = b"store_id,product_id,week,units,value\n1,2,2026-01-05,3,4.5\n"


def send(user: User, address: str, content: bytes, **fields: object) -> HttpResponse:
    file = SimpleUploadedFile("../../sales.csv", content)
    client, headers = Client(), caller(user).headers
    return client.post(address, {"file": file, **fields}, headers=headers)


def test_a_file_is_sent_to_be_loaded(vesna: User, settings: Settings) -> None:
    response = send(vesna, f"{MAIN}/loads", CSV, contract="sales", dry_run="true")
    assert response.status_code == 201, response.content
    job = Job.objects.get()
    assert response["Location"] == f"{MAIN}/jobs/{job.pk}"
    assert job.arguments["dry_run"] is True
    kept = Path(job.arguments["file"])
    assert kept.read_bytes() == CSV
    assert kept.is_relative_to(settings.OFFTAKE_UPLOADS)
    assert caller(vesna).get(response["Location"]).json()["kind"] == "load"


def test_what_is_refused_leaves_nothing_behind(vesna: User, settings: Settings) -> None:
    problem(send(vesna, f"{MAIN}/loads", b"%PDF-1.7", contract="sales"), "wrong-type")
    problem(send(vesna, f"{MAIN}/loads", CSV, contract="party"), "not-valid")
    problem(send(vesna, f"{MAIN}/loads", CSV, contract="sales", colour="red"), "not-valid")
    problem(send(vesna, "/api/v1/markets/none/loads", CSV, contract="sales"), "not-found")
    settings.OFFTAKE_UPLOAD_BYTES = -(2**20)
    problem(send(vesna, f"{MAIN}/loads", CSV, contract="sales"), "too-large")
    assert [path for path in settings.OFFTAKE_UPLOADS.rglob("*") if path.is_file()] == []
    assert not Job.objects.exists()


def test_json_is_no_file(vesna: User) -> None:
    problem(caller(vesna).post(f"{MAIN}/loads", {"file": "a"}), "wrong-type")


@pytest.fixture
def load(db: None) -> LoadRecord:
    record = LoadRecord.objects.create(
        market="main", load_id=7, contract="sales", file="sales.csv", rows_in=10, loaded=8,
        replaced=0, set_aside=2, duplicate=0, combined=0, still_open=2, seconds=0.5,
        started=datetime(2026, 1, 5, tzinfo=UTC), mend_file="mend.csv",
    )  # fmt: skip
    for row in (3, 4):
        Fault.objects.create(load=record, row=row, column="units", value="-3", reason="0 or more")
    return record


def test_loads_and_what_was_set_aside(vesna: User, load: LoadRecord) -> None:
    token = caller(vesna)
    (line,) = token.get(f"{MAIN}/loads?contract=sales").json()["items"]
    assert line == token.get(f"{MAIN}/loads/7").json()
    assert (line["rows_in"], line["set_aside"]) == (10, 2)
    assert token.get(f"{MAIN}/loads?contract=visit").json()["total"] == 0
    faults = token.get(f"{MAIN}/loads/7/set-aside?size=1&page=2").json()
    assert faults["total"] == 2
    assert faults["items"] == [{"row": 4, "column": "units", "value": "-3", "reason": "0 or more"}]
    problem(token.get(f"{MAIN}/loads/7/mend.csv"), "not-found")
    problem(token.get(f"{MAIN}/loads/8"), "not-found")
    (mend_folder() / "mend.csv").write_bytes(CSV)
    response = token.get(f"{MAIN}/loads/7/mend.csv")
    assert b"".join(response.streaming_content) == CSV
    response.close()


def test_a_job_is_stopped_and_started_again(vesna: User, milan: User) -> None:
    token = caller(vesna)
    place = token.post(f"{MAIN}/ledger")["Location"]
    stopped = token.post(f"{place}/stop")
    assert (stopped.json()["state"], stopped.json()["can_restart"]) == ("stopped", True)
    assert stopped.json()["stopped_by"]["username"] == "vesna"
    problem(caller(milan).post(f"{place}/restart"), "not-allowed")
    assert token.post(f"{place}/restart").json()["state"] == "waiting"
    Job.objects.update(state=State.DONE)
    problem(token.post(f"{place}/stop"), "conflict")
    problem(token.post(f"{place}/restart"), "conflict")
    assert token.get(f"{MAIN}/jobs?state=done&kind=ledger").json()["total"] == 1
    assert token.get(f"{MAIN}/jobs?state=failed").json()["total"] == 0
    problem(token.get(f"{MAIN}/jobs/999999"), "not-found")


def test_saved_views(ana: User, milan: User) -> None:
    mine, theirs = caller(ana), caller(milan)
    sent = {"name": "Korner", "address": "/main/promotions/?retailer=Korner", "shared": False}
    first = mine.post(f"{MAIN}/views", sent)
    assert first.status_code == 201, first.content
    place = first["Location"]
    problem(theirs.get(place), "not-found")
    problem(mine.post(f"{MAIN}/views", sent), "not-valid")
    problem(mine.post(f"{MAIN}/views", {**sent, "name": "b", "address": "//evil"}), "not-valid")
    shared = mine("PATCH", place, {"name": "Korner", "shared": True}, If_Match=first["ETag"])
    assert shared.json()["shared"] is True
    stale = mine("PATCH", place, {"name": "Old", "shared": False}, If_Match=first["ETag"])
    assert problem(stale, "stale")["current"]["name"] == "Korner"
    assert theirs.get(place).json()["owner"]["username"] == "ana"
    problem(theirs("DELETE", place), "not-found")
    assert mine("DELETE", place).status_code == 204


def test_people_are_looked_after(dragan: User) -> None:
    token = caller(dragan)
    sent = {"username": "nina", "first_name": "Nina", "role": "rep", "territories": ["North 1"]}
    first = token.post("/people", sent)
    assert first.status_code == 201, first.content
    assert first.json()["link"].startswith("http://testserver/")
    assert first["Cache-Control"] == "private, no-store"
    place = first["Location"]
    problem(token.post("/people", sent), "not-valid")
    etag = token.get(place)["ETag"]
    changed = token("PATCH", place, {"role": "viewer"}, If_Match=etag)
    assert (changed.json()["role"], changed.json()["first_name"]) == ("viewer", "Nina")
    assert changed.json()["part"]["territories"] == ["North 1"]
    assert problem(token("PATCH", place, {"role": "rep"}, If_Match=etag), "stale")["current"]
    assert token.post(f"{place}/close").json()["open"] is False
    assert token.get("/people?state=closed&text=nin&role=viewer").json()["total"] == 1
    assert token.post(f"{place}/reopen").json()["open"] is True
    assert token.post(f"{place}/link").json()["link"] != first.json()["link"]
    assert token.post(f"{place}/second-factor/reset").status_code == 200
    assert token.post(f"{place}/sessions/end").status_code == 200
    kinds = [each["kind"] for each in token.get(f"{place}/history").json()["items"]]
    assert kinds[-1] == "made"
    assert {"closed", "reopened", "changed"} <= set(kinds)


def test_the_last_administrator_stays(dragan: User) -> None:
    token = caller(dragan)
    problem(token.post(f"/people/{dragan.pk}/close"), "not-valid")


def test_the_rules_of_signing_in(dragan: User) -> None:
    token = caller(dragan)
    read = token.get("/sign-in-rules")
    sent = {"second_factor_for": ["administrator"]}
    changed = token("PUT", "/sign-in-rules", sent, If_Match=read["ETag"])
    assert changed.json()["second_factor_for"] == ["administrator"]
    stale = token("PUT", "/sign-in-rules", sent, If_Match=read["ETag"])
    assert problem(stale, "stale")["current"]["version"] == changed.json()["version"]


def test_ones_own_details(ana: User) -> None:
    token = caller(ana)
    sent = {"first_name": "Ana", "last_name": "Petrović", "language": "sr-latn"}
    assert token("PATCH", "/me", sent).json()["name"] == "Ana Petrović"
    problem(token("PATCH", "/me", sent | {"language": "fr"}), "not-valid")
    assert token.post("/me/sessions/end").status_code == 204


def test_calendars(ana: User) -> None:
    token = caller(ana)
    made_one = token.post(f"{MAIN}/calendars", {"name": "my telephone"})
    assert made_one["Cache-Control"] == "private, no-store"
    address = made_one.json()["address"]
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200
    (line,) = token.get(f"{MAIN}/calendars").json()["items"]
    assert "address" not in line
    assert token("DELETE", f"{MAIN}/calendars/{line['id']}").status_code == 204
    assert Client().get(address.removeprefix("http://testserver")).status_code == 404


def test_a_workbook_goes_out_and_comes_back(ana: User) -> None:
    token = caller(ana)
    made(token)
    made(token, name="Winter deal", kind="display")
    response = token.get(f"{PLANS}/workbook?kind=promotion")
    book = load_workbook(io.BytesIO(response.content))
    sheet = book.worksheets[0]
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert "Summer deal" in texts
    assert "Winter deal" not in texts
    assert sent_back(ana, response.content) == {"unchanged"}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value == "Summer deal":
                cell.value = "Autumn deal"
    target = io.BytesIO()
    book.save(target)
    assert sent_back(ana, target.getvalue(), preview="true") == {"changed"}
    assert not Plan.objects.filter(name="Autumn deal").exists()
    assert sent_back(ana, target.getvalue()) == {"changed"}
    assert Plan.objects.get(name="Autumn deal").version == 2
    assert sent_back(ana, target.getvalue()) == {"unchanged"}
    problem(send(ana, f"{PLANS}/workbook", b"no workbook"), "wrong-type")


def sent_back(user: User, content: bytes, **fields: object) -> set[str]:
    response = send(user, f"{PLANS}/workbook", content, **fields)
    assert response.status_code == 200, response.content
    return {row["outcome"] for row in response.json()["rows"]}

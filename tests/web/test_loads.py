"""Loading from the browser: a real file with bad rows, through the page and a worker."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from offtake.data.intake import load_file
from offtake.data.store import Store
from offtake_web.accounts.access import may
from offtake_web.accounts.models import Role, User
from offtake_web.feeds import uploads
from offtake_web.feeds.models import Fault, LoadRecord
from offtake_web.jobs.models import Job
from tests.web.conftest import Visit
from tests.web.work import market, other_market, work

pytestmark = pytest.mark.django_db(transaction=True)

SALES = (
    "store_id,product_id,week,units,value\n"
    "S1,P1,2024-01-01,5,10.0\n"
    "S2,P1,2024-01-01,<many>,10.0\n"
    "S3,P1,2024-01-02,5,10.0\n"
    ",P1,2024-01-01,5,10.0\n"
)
PROFILE = """
[profile]
name = "ours"
contract = "sales"
source = "Panel"
[file]
delimiter = ";"
decimal = ","
[columns]
store_id = "Prodavnica"
product_id = "Artikal"
week = "Nedelja"
units = "Komada"
value = "Vrednost"
"""


@pytest.fixture
def analyst(client: Client, vesna: User) -> Client:
    client.force_login(vesna)
    return client


def sent(content: str | bytes, name: str = "week 1.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def load(client: Client, content: str = SALES, **more: object) -> Job:
    data = {"file": sent(content), "contract": "sales", **more}
    response = client.post("/main/loads/new/", data)
    assert response.status_code == 302, response.content.decode()
    job = Job.objects.get()
    assert response["Location"] == f"/main/jobs/{job.pk}/"
    return job


def done(client: Client, job: Job) -> str:
    work()
    job.refresh_from_db()
    assert job.state == "done", job.error
    return client.get(f"/main/jobs/{job.pk}/").content.decode()


def left_over() -> list[str]:
    return [path.name for path in uploads.folder().iterdir() if path.name != uploads.MEND]


def test_a_file_with_bad_rows_is_loaded_and_each_fault_is_shown(analyst: Client) -> None:
    job = load(analyst)
    assert len(left_over()) == 1
    page = done(analyst, job)
    assert job.title == "week 1.csv → sales"
    counts = ("rows_in", "loaded", "set_aside", "duplicate", "combined")
    assert [job.outcome[name] for name in counts] == [4, 1, 3, 0, 0]
    assert "The load, and the rows that were set aside" in page
    assert left_over() == []
    record = LoadRecord.objects.get()
    assert (record.file, record.still_open) == ("week 1.csv", 3)
    shown = analyst.get("/main/loads/1/").content.decode()
    assert "3 rows wait to be mended." in shown
    assert "<code>&lt;many&gt;</code>" in shown
    assert [(fault.row, fault.column) for fault in Fault.objects.all()] == [
        (3, "units"), (4, "week"), (5, "store_id"),
    ]  # fmt: skip


def test_rows_set_aside_are_downloaded_mended_and_loaded_again(analyst: Client) -> None:
    done(analyst, load(analyst))
    response = analyst.get("/main/loads/1/mend.csv")
    assert response["Content-Disposition"] == 'attachment; filename="mend-main-1.csv"'
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]  # a file
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["units"] for row in rows] == ["<many>", "5", "5"]
    assert "got <many>" in rows[0]["_problem"]
    rows[0]["units"], rows[1]["week"], rows[2]["store_id"] = "7", "2024-01-08", "S4"
    mended = io.StringIO()
    writer = csv.DictWriter(mended, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    Job.objects.all().delete()
    job = load(analyst, mended.getvalue())
    done(analyst, job)
    assert job.outcome["loaded"] == 3
    page = analyst.get("/main/loads/1/").content.decode()
    assert "All of them have been mended since." in page
    assert analyst.get("/main/loads/1/mend.csv").status_code == 404
    assert list(uploads.mend_folder().iterdir()) == []
    assert Fault.objects.count() == 0


def test_the_same_file_again_changes_nothing_and_says_so(analyst: Client) -> None:
    good = "store_id,retailer\nS1,Maxi\n"
    done(analyst, load(analyst, good, contract="store"))
    Job.objects.all().delete()
    page = done(analyst, load(analyst, good, contract="store"))
    assert "This very file is load 1 already: nothing changed." in page
    assert LoadRecord.objects.count() == 1


def test_a_dry_run_counts_and_loads_nothing(analyst: Client) -> None:
    page = done(analyst, load(analyst, dry_run="on"))
    assert "Checked and counted only: nothing was loaded." in page
    assert LoadRecord.objects.count() == 0
    with Store(market().store, read_only=True) as store:
        assert store.fetch("SELECT count(*) FROM sales") == [(0,)]


def test_a_suppliers_file_with_its_profile(analyst: Client) -> None:
    text = "Prodavnica;Artikal;Nedelja;Komada;Vrednost\nS1;P1;2024-01-01;5;10,5\n"
    job = load(analyst, text, contract="", profile=sent(PROFILE, "ours.toml"))
    done(analyst, job)
    assert job.outcome["loaded"] == 1
    record = LoadRecord.objects.get()
    assert (record.profile, record.source, record.contract) == ("ours", "Panel", "sales")
    assert left_over() == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"contract": ""}, "Say what the file holds, or send a profile that does."),
        ({"contract": "nonsense"}, "nonsense is not one of the available choices"),
        ({"contract": "calendar"}, "calendar is not one of the available choices"),
        ({"profile": sent("[profile]\nname = 1", "p.toml")}, "p.toml [profile] name"),
        ({"profile": sent("{", "p.toml")}, "p.toml is not a TOML file"),
        ({"profile": sent("#" * 300_000, "p.toml")}, "this one is too large"),
        ({"profile": sent(PROFILE, "p.toml"), "contract": "store"}, "is a profile for contract"),
        ({"file": ""}, "This field is required."),
    ],
)
def test_what_was_filled_in_wrongly_is_said_beside_it(
    analyst: Client, fields: dict[str, object], message: str
) -> None:
    for value in fields.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    data = {"file": sent(SALES), "contract": "sales", **fields}
    response = analyst.post("/main/loads/new/", data)
    page = response.content.decode().replace("&#x27;", "'")
    assert response.status_code == 422
    assert message in page
    assert str(uploads.folder()) not in page
    assert Job.objects.count() == 0
    assert left_over() == []


def test_the_wrong_type_is_refused_in_words(analyst: Client) -> None:
    data = {"file": sent(b"%PDF-1.7", "sales.csv"), "contract": "sales"}
    response = analyst.post("/main/loads/new/", data)
    assert response.status_code == 415
    assert "none of the types that can be read" in response.content.decode()
    assert (Job.objects.count(), left_over()) == (0, [])


def test_what_is_too_large_is_refused_before_it_is_read(
    analyst: Client, settings: Settings
) -> None:
    settings.OFFTAKE_UPLOAD_BYTES = 2**20
    data = {"file": sent(b"a,b\n" * 2**20), "contract": "sales"}
    response = analyst.post("/main/loads/new/", data)
    assert response.status_code == 413
    assert "up to 1 MB can be sent" in response.content.decode()
    assert not uploads.folder().exists() or left_over() == []


def test_a_form_from_elsewhere_is_refused(vesna: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(vesna)
    data = {"file": sent(SALES), "contract": "sales"}
    assert strict.post("/main/loads/new/", data).status_code == 403
    token = strict.get("/main/loads/new/").context["csrf_token"]
    data = {"file": sent(SALES), "contract": "sales", "csrfmiddlewaretoken": str(token)}
    assert strict.post("/main/loads/new/", data).status_code == 302


def test_a_file_that_lies_about_its_columns_fails_in_words_without_our_paths(
    analyst: Client,
) -> None:
    job = load(analyst, "a,b\n1,2\n")
    work()
    page = analyst.get(f"/main/jobs/{job.pk}/").content.decode()
    assert "It could not be done." in page
    assert "week 1.csv" in page
    assert str(uploads.folder()) not in page
    assert left_over() == []
    assert "Start again" not in page  # the file is gone: another has to be sent


def test_a_load_that_was_stopped_keeps_its_file_and_is_started_again(analyst: Client) -> None:
    job = load(analyst)
    analyst.post(f"/main/jobs/{job.pk}/stop/")
    work()
    assert len(left_over()) == 1
    analyst.post(f"/main/jobs/{job.pk}/restart/")
    done(analyst, job)
    assert job.outcome["loaded"] == 1


def test_loads_made_elsewhere_are_found(analyst: Client, tmp_path: Path) -> None:
    file = tmp_path / "shops.csv"
    file.write_text("store_id,retailer\nS1,Maxi\n,Lidl\n", encoding="utf-8")
    with Store(market().store) as store:
        load_file(store, file, as_contract="store")
    assert "No load is known here yet" in analyst.get("/main/loads/").content.decode()
    job = analyst.post("/main/loads/ledger/")["Location"]
    work()
    assert "1 load in the store" in analyst.get(job).content.decode()
    page = analyst.get("/main/loads/").content.decode()
    assert "shops.csv" in page
    assert "1 row</span>" in page


def test_a_store_that_another_program_writes_is_told(analyst: Client) -> None:
    with Store(market().store):
        pass
    job = load(analyst)
    script = (
        "import sys, duckdb\n"
        "con = duckdb.connect(sys.argv[1])\n"
        "print('here', flush=True)\n"
        "sys.stdin.read()\n"
    )
    import subprocess
    import sys

    with subprocess.Popen(
        [sys.executable, "-c", script, str(market().store)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"here\n"
        work()
        holder.communicate()
    page = analyst.get(f"/main/jobs/{job.pk}/").content.decode()
    assert "being written by another process" in page
    analyst.post(f"/main/jobs/{job.pk}/restart/")
    done(analyst, job)


def test_real_rows_do_not_get_into_a_simulated_market(analyst: Client) -> None:
    from dataclasses import replace

    from django.conf import settings

    settings.OFFTAKE_MARKETS = (replace(market(), simulated=True),)
    job = load(analyst)
    work()
    job.refresh_from_db()
    assert job.state == "failed"
    assert LoadRecord.objects.count() == 0


@pytest.mark.parametrize("role", [*Role, None])
def test_who_opens_the_pages(cast: dict[str, User], client_of: Visit, role: Role | None) -> None:
    LoadRecord.objects.create(
        market="main", load_id=1, contract="sales", file="a.csv", rows_in=1, loaded=0, replaced=0,
        set_aside=1, duplicate=0, combined=0, started="2026-01-05T08:00Z", seconds=1.0,
    )  # fmt: skip
    user = None if role is None else cast[role]
    visitor = client_of(user)
    looks = {"/main/loads/": 200, "/main/loads/1/": 200}
    if role != Role.KEY_ACCOUNT_MANAGER:  # whose account is for a part of the business
        looks["/main/loads/1/mend.csv"] = 404
    for address, answer in looks.items():
        expected = 302 if user is None else answer if may(user, "feeds.view") else 403
        assert visitor.get(address).status_code == expected, address
    loads = user is not None and may(user, "feeds.load")
    refused = 302 if user is None else 403
    assert visitor.get("/main/loads/new/").status_code == (200 if loads else refused)
    data = {"file": sent(SALES), "contract": "sales"}
    assert visitor.post("/main/loads/new/", data).status_code == (302 if loads else refused)
    assert visitor.post("/main/loads/ledger/").status_code == (302 if loads else refused)
    assert Job.objects.count() == (2 if loads else 0)
    if user is not None and may(user, "feeds.view"):
        assert ("Load a file" in visitor.get("/main/loads/").content.decode()) == loads


def test_a_load_belongs_to_its_market(analyst: Client) -> None:
    done(analyst, load(analyst))
    other_market()
    assert analyst.get("/other/loads/1/").status_code == 404
    assert analyst.get("/other/loads/1/mend.csv").status_code == 404


def test_how_often_the_database_is_asked(
    analyst: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    done(analyst, load(analyst))
    with django_assert_num_queries(4):  # session, user, count, loads
        analyst.get("/main/loads/")
    with django_assert_num_queries(5):  # session, user, load, count, faults
        analyst.get("/main/loads/1/")
    with django_assert_num_queries(2):
        analyst.get("/main/loads/new/")


def test_a_large_ledger_is_copied_in_few_questions(
    vesna: User, tmp_path: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    from offtake_web.feeds.actions import record_ledger

    with Store(":memory:") as store:
        for number in range(12):
            file = tmp_path / f"{number}.csv"
            file.write_text(f"store_id,retailer\nS{number},Maxi\n", encoding="utf-8")
            load_file(store, file, as_contract="store")
        with django_assert_max_num_queries(6):
            assert record_ledger(market(), store) == 12
        with django_assert_max_num_queries(4):
            record_ledger(market(), store)
    assert LoadRecord.objects.count() == 12

"""What somebody would try who means harm, or wants to see more than is theirs."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from offtake_web.accounts import actions as people
from offtake_web.accounts.adapters import SecondFactorAdapter
from offtake_web.accounts.models import Role, User
from offtake_web.common import bounds
from offtake_web.common.markets import markets
from offtake_web.feeds.models import Fault, LoadRecord
from offtake_web.feeds.uploads import mend_folder
from offtake_web.plans import actions, actions_workflow
from offtake_web.plans.facts import Known
from offtake_web.plans.forms import PlanForm
from offtake_web.plans.models import Plan
from offtake_web.plans.plan_page import PlanPage, RuleRow
from offtake_web.plans.sight import changeable
from offtake_web.plans.writing import StaleVersionError
from offtake_web.runs import exports
from tests.web.api_cast import caller
from tests.web.board import ALERTS, write_run
from tests.web.conftest import PASSWORD, Visit, person
from tests.web.plan_cast import bring, content, day, draft, fresh
from tests.web.plan_run import EVENTS, ITEMS, publish_planning
from tests.web.test_api_frame import problem

pytestmark = pytest.mark.django_db
ALERT_TABLE = "availability_alerts"


@pytest.fixture
def run(runs: Path) -> str:
    write_run(runs, "one")
    write_run(runs, "two")
    (runs / "two" / "page").mkdir()
    return "two"


def retailers_in(client: Client, address: str) -> set[str]:
    response = client.get(address)
    assert response.status_code == 200, address
    body = b"".join(response) if response.streaming else response.content
    if address.endswith("parquet"):
        return set(pq.read_table(io.BytesIO(body))["retailer"].to_pylist())
    if address.endswith("csv"):
        return {row["retailer"] for row in csv.DictReader(io.StringIO(body.decode()))}
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        text = b"".join(packed.read(name) for name in packed.namelist()).decode(errors="replace")
    return {name for name in ("Korner", "Maxi") if name in text}


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_the_tables_of_a_run_hold_only_ones_own_part(
    run: str, ending: str, jelena: User, olga: User, client_of: Visit
) -> None:
    address = f"/main/runs/{run}/tables/{ALERT_TABLE}.{ending}"
    assert len({row["retailer"] for row in ALERTS}) == 2
    assert len(retailers_in(client_of(olga), address)) == 2
    assert retailers_in(client_of(jelena), address) == {"Korner"}


def test_what_changed_between_runs_is_said_of_ones_own_part(
    run: str, runs: Path, jelena: User, olga: User, client_of: Visit
) -> None:
    for name, value in (("three", 1.0), ("four", 9.0)):
        row = {"manufacturer": "Secret", "retailer": "Maxi", "value": value}
        write_run(runs, name, {"value_share": [row]})
    address = "/main/runs/four/changes/?with=three"
    assert "Secret" in client_of(olga).get(address).content.decode()
    assert "Secret" not in client_of(jelena).get(address).content.decode()


def test_pages_of_the_whole_business_are_for_those_who_see_all_of_it(
    runs: Path, jelena: User, olga: User, client_of: Visit
) -> None:
    page = "scoreboard.html"
    made = write_run(runs, "paged", files={page: "x"})
    (made.folder / page).write_text("<p>everything</p>", encoding="utf-8")
    address, by_program = f"/main/runs/paged/pages/{page}", f"/markets/main/runs/paged/pages/{page}"
    assert client_of(olga).get(address).status_code == 200
    assert client_of(jelena).get(address).status_code == 403
    assert page not in client_of(jelena).get("/main/runs/paged/").content.decode()
    assert caller(olga).get(by_program).status_code == 200
    problem(caller(jelena).get(by_program), "not-allowed")


def test_rows_set_aside_are_shown_to_those_who_see_everything(
    jelena: User, milan: User, client_of: Visit
) -> None:
    load = LoadRecord.objects.create(
        market="main", load_id=1, contract="sales", file="x.csv", rows_in=1, loaded=0, replaced=0,
        set_aside=1, duplicate=0, combined=0, still_open=1, started=timezone.now(), seconds=1,
        mend_file="rows.csv",
    )  # fmt: skip
    Fault.objects.create(load=load, row=1, column="store", value="Maxi 7", reason="unknown")
    (mend_folder() / "rows.csv").write_text("Maxi 7", encoding="utf-8")
    assert "Maxi 7" in client_of(milan).get("/main/loads/1/").content.decode()
    assert "Maxi 7" not in client_of(jelena).get("/main/loads/1/").content.decode()
    for address in ("mend.csv", "set-aside"):
        problem(caller(jelena).get(f"/markets/main/loads/1/{address}"), "not-allowed")
        answer = caller(milan).get(f"/markets/main/loads/1/{address}")
        assert answer.status_code == 200
        assert answer.getvalue()
    assert client_of(jelena).get("/main/loads/1/mend.csv").status_code == 403


def test_a_table_of_items_is_narrowed_to_ones_brands(runs: Path) -> None:
    publish_planning(runs)
    mira = person("mira", Role.SALES_LEAD, brands=["Alder Red"])
    answer = caller(mira).get("/markets/main/runs/planning/tables/planning_base/rows")
    assert {row["product_id"] for row in json.loads(answer.content)["items"]} == {"P1"}
    assert len(ITEMS) == 3


def test_a_plan_linked_to_anothers_promotion_shows_nothing_of_it(
    runs: Path, ana: User, milan: User, jelena: User
) -> None:
    publish_planning(runs, promotion_events=[EVENTS[0] | {"retailer": "Dis"}])
    plan = bring(draft(ana), "locked", marketing=ana, sales=milan)
    actions.link_result(plan, "E1", version=plan.version, by=jelena)
    found = fresh(plan)
    assert PlanPage(found, milan, markets()[0]).results
    assert PlanPage(found, jelena, markets()[0]).results == []


def test_a_preview_tells_nothing_of_other_parts_of_the_business(
    runs: Path, jelena: User, milan: User, client_of: Visit
) -> None:
    publish_planning(runs)
    for retailers in (["Dis"], ["Korner", "Dis"], []):
        sent = content(retailers=retailers)
        given = sent | {"first_day": str(sent["first_day"]), "last_day": str(sent["last_day"])}
        problem(
            caller(jelena, "read", "plan").post("/markets/main/plans/preview", given), "not-allowed"
        )
        assert caller(milan).post("/markets/main/plans/preview", given).status_code == 200
    page = client_of(jelena).post("/main/plan/preview/", content(retailers=["Korner"]))
    assert "Where it would collide" in page.content.decode()
    beyond: list[dict[str, Any]] = [{"retailers": []}, {"store_ids": "S3"}]
    for more in beyond:
        page = client_of(jelena).post("/main/plan/preview/", content(**more))
        assert "Where it would collide" not in page.content.decode()


def test_nobody_plans_in_the_stores_of_another_retailer(
    runs: Path, ana: User, jelena: User
) -> None:
    publish_planning(runs)
    with pytest.raises(PermissionDenied):
        actions.create(markets()[0], content(store_ids=["S3"]), by=jelena)
    assert not changeable(jelena, draft(ana, store_ids=["S1", "S3"]))
    assert changeable(jelena, draft(ana, store_ids=["S1"]))


def test_nobody_gives_their_word_for_what_they_have_not_read(
    runs: Path, ana: User, milan: User, client_of: Visit
) -> None:
    publish_planning(runs)
    plan = draft(ana)
    actions.change(plan, {"message": "Quite another"}, version=plan.version, by=ana)
    with pytest.raises(StaleVersionError):
        actions_workflow.confirm(plan, "brief_acknowledged", version=plan.version, by=milan)
    address = f"/main/plan/{plan.pk}/gate/brief_acknowledged/"
    page = client_of(milan)
    assert page.post(address, {"version": plan.version}).status_code == 409
    page.post(address, {})
    assert not plan.confirmations.exists()
    page.post(address, {"version": fresh(plan).version})
    assert plan.confirmations.exists()


def test_a_program_names_the_version_that_its_word_is_for(
    runs: Path, ana: User, milan: User
) -> None:
    publish_planning(runs)
    plan, sales = draft(ana), caller(milan)
    at = f"/markets/main/plans/{plan.pk}"
    address, read = f"{at}/gates/brief_acknowledged/confirmation", sales.get(at)["ETag"]
    problem(sales("PUT", address, {}), "version-needed")
    actions.change(plan, {"message": "Quite another"}, version=plan.version, by=ana)
    problem(sales("PUT", address, {}, If_Match=read), "stale")
    assert not plan.confirmations.exists()


def test_changing_ones_password_takes_back_no_administrators_change(
    dragan: User, olga: User
) -> None:
    mine = User.objects.get(pk=olga.pk)
    people.close_account(olga, by=dragan)
    people.change_own_password("nine-wide-gondolas", by=mine)
    now = User.objects.get(pk=olga.pk)
    assert not now.is_active
    assert now.check_password("nine-wide-gondolas")
    assert mine.password == now.password


def test_who_is_no_administrator_any_more_leaves_the_pages_of_django(
    dragan: User, client_of: Visit
) -> None:
    root = User.objects.create_superuser("root", password="seven-tall-shelves")
    page = client_of(root)
    assert page.get("/admin/").status_code == 200
    details = people.Details(username="root", role=Role.VIEWER)
    people.change_person(root, details, version=root.version, by=dragan)
    assert page.get("/admin/").status_code == 302


def test_a_token_to_read_makes_no_address_that_outlives_it(ana: User) -> None:
    sent: dict[str, Any] = {"name": "for ever"}
    problem(caller(ana, "read").post("/markets/main/calendars", sent), "not-allowed")
    assert caller(ana, "read", "account").post("/markets/main/calendars", sent).status_code == 201


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"), ("\tx", "'\tx"), ("-5.5 %", "-5.5 %"), ("a=b", "a=b"), ("", ""),
    ],
)  # fmt: skip
def test_no_text_of_a_csv_is_worked_out_by_a_spreadsheet(text: str, written: str) -> None:
    columns = [pa.array([text, None]), pa.array([text, None]).dictionary_encode()]
    file = exports.as_csv(pa.table([*columns, pa.array([-1, 2])], names=["a", "b", "n"]))
    first = next(csv.DictReader(io.StringIO(file.decode())))
    assert first == {"a": written, "b": written, "n": "-1"}


def spoilt(change: Callable[[bytes], bytes]) -> bytes:
    from openpyxl import Workbook

    plain = io.BytesIO()
    Workbook().save(plain)
    made = io.BytesIO()
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.startswith("xl/") else content)
    return made.getvalue()


ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"A" * 1000 + b'">'
    + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (98 + n, *[97 + n] * 4) for n in range(12))
    + b"]><workbook>&m;</workbook>"
)  # fmt: skip


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"PK\x03\x04", spoilt(lambda _: b"<a>"), spoilt(lambda _: b""),
        spoilt(lambda _: ENTITIES), spoilt(lambda text: text[9:]),
        spoilt(lambda text: text.replace(b"1", b"1e999")),
        spoilt(lambda text: text.replace(b"<sheets>", b"<sheets><sheet/>")),
    ],
)  # fmt: skip
def test_a_spoilt_workbook_is_refused_in_words(signed_in: Client, sent: bytes) -> None:
    file = SimpleUploadedFile("plans.xlsx", sent)
    response = signed_in.post("/main/plan/import/", {"file": file})
    assert response.status_code == 400


def test_a_number_that_is_endless_is_no_number(runs: Path, ana: User, signed_in: Client) -> None:
    publish_planning(runs)
    plan, long = draft(ana), "9" * 5000
    assert signed_in.post("/main/plan/preview/", {"plan": long}).status_code == 200
    sent = {"text": "Hello", "reply_to": long}
    assert signed_in.post(f"/main/plan/{plan.pk}/comment/", sent).status_code == 302
    sent = {"units": long, "version": "1"}
    assert signed_in.post(f"/main/plan/{plan.pk}/gate/slot_confirmed/", sent).status_code == 302
    write_run(runs, "with promotions")
    assert signed_in.get(f"/main/promotions/plan-{long}/").status_code == 404


def test_a_currency_is_shown_as_it_is_written(ana: User, signed_in: Client) -> None:
    form = PlanForm(known=Known(currency="<b>"), user=ana)
    assert form.fields["cost"].help_text == "&lt;b&gt;"


def test_a_new_role_that_demands_a_second_factor_is_not_had_without_one(
    dragan: User, olga: User, client_of: Visit
) -> None:
    people.demand_second_factor([Role.ANALYST], version=1, by=dragan)
    page = client_of(olga)
    assert page.get("/account/").status_code == 200
    details = people.Details(username="olga", first_name="Olga", role=Role.VIEWER)
    now = people.change_person(olga, details, version=olga.version, by=dragan)
    assert page.get("/account/").status_code == 200
    details = people.Details(username="olga", role=Role.ANALYST)
    people.change_person(now, details, version=now.version, by=dragan)
    assert page.get("/account/").status_code == 302


def test_a_second_factor_that_is_demanded_cannot_be_switched_off(
    dragan: User, olga: User, vesna: User
) -> None:
    people.demand_second_factor([Role.VIEWER], version=1, by=dragan)
    adapter = SecondFactorAdapter()
    kept, free = (Authenticator(user=user, type=Authenticator.Type.TOTP) for user in (olga, vesna))
    assert not adapter.can_delete_authenticator(kept)
    assert adapter.can_delete_authenticator(free)


@pytest.mark.parametrize("address", ["/accounts/login/", "/language/", "/main/plan/import/"])
def test_nobody_fills_the_disk_with_a_file_that_nobody_asked_for(
    address: str, signed_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 1000)
    written: list[str] = []
    monkeypatch.setattr(
        bounds.BoundedUpload, "new_file", lambda _self, name, *_more, **_named: written.append(name)
    )
    response = signed_in.post(address, {"file": SimpleUploadedFile("x.xlsx", b"x" * 2000)})
    assert response.status_code == 400
    assert not written


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_nobody_is_led_to_another_site(to: str, ana: User, client: Client) -> None:
    sent = {"login": "ana", "password": PASSWORD, "next": to}
    for address, values in (
        ("/accounts/login/", sent),
        ("/language/", {"language": "en", "next": to}),
        ("/theme/", {"theme": "dark", "next": to}),
        ("/main/compare/?against=x&next=" + to, {}),
    ):
        answer = client.post(address, values) if values else client.get(address)
        assert "evil" not in answer.get("Location", "")


def test_a_broken_rule_does_not_name_a_plan_that_its_reader_does_not_see(
    runs: Path, ana: User, milan: User, jelena: User
) -> None:
    publish_planning(runs)
    both = draft(ana, retailers=["Korner", "Dis"], first_day=day(60), last_day=day(66))
    near = draft(ana, retailers=["Dis"], name="Secret deal", first_day=day(68), last_day=day(74))
    actions_workflow.propose(near, version=near.version, by=ana)
    assert "Secret deal" in "".join(each.reason for each in _rules(both, milan))
    reasons = "".join(each.reason for each in _rules(both, jelena))
    assert "another plan" in reasons
    assert "Secret deal" not in reasons


def _rules(plan: Plan, user: User) -> list[RuleRow]:
    return PlanPage(plan, user, markets()[0]).rules

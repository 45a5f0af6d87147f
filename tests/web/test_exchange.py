"""Plans as a workbook: what goes out comes back the same; a wrong cell is named."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from offtake_web.accounts.access import GRANTS
from offtake_web.accounts.models import User
from offtake_web.common.markets import markets
from offtake_web.plans import exchange_read
from offtake_web.plans.actions import change
from offtake_web.plans.actions_exchange import Result, apply_rows, preview_rows
from offtake_web.plans.actions_talk import commit
from offtake_web.plans.calendar_filters import Filters
from offtake_web.plans.calendar_page import Seen
from offtake_web.plans.calendar_queries import entries
from offtake_web.plans.exchange_columns import PLAN_COLUMNS, PROMISE_COLUMNS
from offtake_web.plans.exchange_read import Rows, WorkbookError, read_workbook
from offtake_web.plans.exchange_views import exported
from offtake_web.plans.exchange_write import workbook
from offtake_web.plans.models import Commitment, Kind, Plan, Side, State
from tests.web.calendar_plans import in_state, planned
from tests.web.conftest import Visit

Edit = Callable[[Workbook], None]


def out(user: User) -> bytes:
    market = markets()[0]
    found = entries(user, market)
    return workbook(exported(Seen(Filters(), found, found), market, address="http://x/"))


def edited(body: bytes, edit: Edit) -> bytes:
    book = load_workbook(io.BytesIO(body))
    edit(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(body: bytes) -> Rows:
    return read_workbook(io.BytesIO(body), "plan.xlsx")


def preview(body: bytes, by: User) -> list[Result]:
    return preview_rows(read(body), markets()[0], by=by)


def take(body: bytes, by: User) -> list[Result]:
    return apply_rows(read(body), markets()[0], by=by)


def put(name: str, value: object, row: int = 2, sheet: str = "Plans") -> Edit:
    """Change one cell, named by its column."""
    columns = PLAN_COLUMNS if sheet == "Plans" else PROMISE_COLUMNS
    place = [column.name for column in columns].index(name) + 1

    def edit(book: Workbook) -> None:
        book[sheet].cell(row, place).value = value

    return edit


def several(*edits: Edit) -> Edit:
    def edit(book: Workbook) -> None:
        for each in edits:
            each(book)

    return edit


def only(results: list[Result], outcome: str) -> Result:
    (found,) = [each for each in results if each.outcome != "unchanged"]
    assert found.outcome == outcome, found
    return found


def fault(results: list[Result]) -> tuple[str, int, str, str, str]:
    (found,) = only(results, "refused").faults
    return found.sheet, found.row, found.column, found.got, found.reason


WORDS = st.text(max_size=60)
LINE = st.text(min_size=1, max_size=40).filter(lambda text: text.strip() and "\x00" not in text)
MANY = st.lists(LINE, unique=True, max_size=3)
MONEY = st.none() | st.decimals(0, 10**9, places=2)
PLANS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Kind.values),
        "side": st.sampled_from(Side.values),
        "name": LINE,
        "first_day": st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        "retailers": MANY,
        "brands": MANY,
        "product_ids": MANY,
        "touchpoints": MANY,
        "store_ids": st.none() | MANY,
        "price_cut": st.decimals(0, 99, places=1),
        "display": st.booleans(),
        "feature": st.booleans(),
        "cost": MONEY,
        "cost_per_unit": st.none() | st.decimals(0, 1000, places=4),
        **{
            name: WORDS.filter(lambda text: "\x00" not in text)
            for name in ("benefit", "emotion", "lifestyle", "audience", "message")
        },
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PLANS, min_size=1, max_size=3), st.sampled_from(["en", "sr-latn"]))
def test_what_goes_out_and_comes_back_changes_nothing(
    ana: User, plans: list[dict[str, Any]], language: str
) -> None:
    Plan.objects.all().delete()
    for content in plans:
        last = content["first_day"] + timedelta(days=6)
        made = Plan(market="main", created_by=ana, updated_by=ana, last_day=last, **content)
        made.save()
    before = list(Plan.objects.values())
    with translation.override(language):
        body = out(ana)
    results = take(body, ana)
    assert [each.outcome for each in results] == ["unchanged"] * len(plans), results
    assert list(Plan.objects.values()) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLANS)
def test_a_row_without_a_key_makes_a_plan_of_the_same_content(
    ana: User, content: dict[str, Any]
) -> None:
    Plan.objects.all().delete()
    plain = {name: _printable(value) for name, value in content.items()}
    last = content["first_day"] + timedelta(days=6)
    first = Plan.objects.create(
        market="main", created_by=ana, updated_by=ana, last_day=last, **plain
    )
    body = edited(out(ana), several(put("pk", None), put("version", None)))
    Plan.objects.all().delete()
    results = take(body, ana)
    new = Plan.objects.get(pk=only(results, "new").pk)
    for column in PLAN_COLUMNS:
        if not column.fixed and column.name not in ("pk", "version", "brands"):
            wanted = getattr(first, column.name)
            wanted = _empty(column.name) if wanted in (None, []) else wanted
            assert getattr(new, column.name) == wanted
    assert sorted(new.brands) == sorted(first.brands)


def _printable(value: object) -> object:
    """Take what a workbook cannot hold out of a value, and what a person never types."""
    if isinstance(value, str):
        kept = "".join(each for each in value if each.isprintable()).strip()
        return kept or "x"
    if isinstance(value, list):
        return list(dict.fromkeys(_printable(each) for each in value))
    return value


def _empty(name: str) -> object:
    return {"price_cut": Decimal(0), "display": False, "feature": False, "cost": None,
            "cost_per_unit": None, "store_ids": None}.get(name, [])  # fmt: skip


def without_key(user: User) -> bytes:
    return edited(out(user), several(put("pk", None), put("version", None), put("name", "New")))


def test_a_workbook_that_is_sent_twice_makes_no_plan_twice(ana: User) -> None:
    planned(ana)
    body = without_key(ana)
    made = only(take(body, ana), "new")
    for results in (preview(body, ana), take(body, ana)):
        (again,) = results
        assert (again.outcome, again.pk) == ("unchanged", made.pk)
    assert Plan.objects.filter(name="New").count() == 1


def test_a_row_that_stands_there_twice_makes_one_plan(ana: User) -> None:
    planned(ana)

    def twice(book: Workbook) -> None:
        sheet = book["Plans"]
        for cell in sheet[2]:
            sheet.cell(3, cell.column).value = cell.value

    body = edited(without_key(ana), twice)
    for results in (preview(body, ana), take(body, ana)):
        assert [each.outcome for each in results] == ["new", "unchanged"]
    assert Plan.objects.filter(name="New").count() == 1


def test_what_was_cancelled_can_be_made_anew(ana: User) -> None:
    planned(ana)
    body = without_key(ana)
    in_state(Plan.objects.get(pk=only(take(body, ana), "new").pk), State.CANCELLED)
    assert only(take(body, ana), "new").name == "New"


def test_a_cell_is_changed_by_the_ordinary_action(ana: User) -> None:
    plan = planned(ana, cost="10")
    body = edited(out(ana), several(put("cost", 1250.5), put("last_day", datetime(2026, 3, 22))))
    shown = only(preview(body, ana), "changed")
    assert {label for label, *_ in shown.changes} == {"cost", "last day"}
    assert Plan.objects.get().version == 1  # a preview changes nothing
    assert plan.history.count() == 1
    only(take(body, ana), "changed")
    now = Plan.objects.get()
    assert (now.cost, now.last_day, now.version) == (Decimal("1250.50"), date(2026, 3, 22), 2)
    assert now.history.first().history_user == ana


def test_bringing_it_twice_is_refused_as_stale(ana: User) -> None:
    planned(ana)
    body = edited(out(ana), put("name", "Autumn"))
    only(take(body, ana), "changed")
    assert [each.outcome for each in take(body, ana)] == ["unchanged"]
    later = edited(body, put("name", "Winter"))
    assert fault(take(later, ana))[2:4] == ("version", "1")


def test_what_somebody_else_changed_meanwhile_stays(ana: User, milan: User) -> None:
    plan = planned(ana)
    body = edited(out(ana), put("name", "Autumn"))
    change(plan, {"message": "Louder"}, version=1, by=milan)
    sheet, row, column, got, reason = fault(preview(body, ana))
    assert (sheet, row, column, got) == ("Plans", 2, "version", "1")
    assert "at version 2, by milan" in reason
    take(body, ana)
    assert (Plan.objects.get().name, Plan.objects.get().message) == ("Spring crunch", "Louder")


def test_an_old_row_never_takes_a_newer_change_back(ana: User, milan: User) -> None:
    plan = planned(ana)
    body = out(ana)
    change(plan, {"cost": Decimal(5)}, version=1, by=milan)
    sheet, _row, column, *_ = fault(preview(body, ana))
    assert (sheet, column) == ("Plans", "version")


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("kind", "party", "campaign, promotion, display"),
        ("side", "finance", "marketing, sales"),
        ("first_day", "soon", "a date"),
        ("last_day", "12", "a date"),
        ("price_cut", "much", "a number"),
        ("price_cut", 150, "0 to below 100 percent"),
        ("cost", -5, "0 or more"),
        ("cost", "1e99", "a number"),
        ("display", "maybe", "TRUE or FALSE"),
        ("name", None, "Needed"),
        ("name", "x" * 121, "at most 120"),
        ("state", "locked", "on the plan's page"),
        ("version", None, "Needed beside a key"),
        ("version", "x", "a whole number"),
        ("pk", 999999, "No such plan"),
        ("pk", 1.5, "a whole number"),
    ],
)
def test_a_wrong_cell_is_named_with_what_is_allowed(
    ana: User, name: str, value: object, allowed: str
) -> None:
    planned(ana)
    edits = [put(name, value)]
    if name == "version":
        edits.append(put("name", "Autumn"))
    results = preview(edited(out(ana), several(*edits)), ana)
    sheet, row, _column, got, reason = fault(results)
    assert (sheet, row) == ("Plans", 2)
    assert allowed in reason
    assert got in ("", str(value)) or got.startswith("xxx")
    assert Plan.objects.get().version == 1


def test_all_that_is_wrong_in_a_row_is_named_at_once(ana: User) -> None:
    planned(ana)
    body = edited(out(ana), several(put("kind", "party"), put("cost", "x"), put("first_day", "y")))
    found = only(preview(body, ana), "refused").faults
    assert {each.column for each in found} == {"kind", "cost", "first day"}


def test_days_that_are_turned_over(ana: User) -> None:
    planned(ana)
    body = edited(out(ana), put("last_day", datetime(2026, 1, 1)))
    assert "last day is before the first" in fault(preview(body, ana))[4]


def test_one_bad_row_does_not_hold_up_the_others(ana: User) -> None:
    planned(ana, name="One")
    planned(ana, name="Two")
    results = take(edited(out(ana), several(put("cost", "x", 2), put("cost", 7, 3))), ana)
    assert [each.outcome for each in results] == ["refused", "changed"]
    assert [plan.cost for plan in Plan.objects.order_by("pk")] == [None, Decimal(7)]


def test_a_formula_is_refused(ana: User) -> None:
    planned(ana)
    body = edited(out(ana), put("cost", "=1+1"))
    _sheet, _row, column, got, reason = fault(take(body, ana))
    assert column.endswith("cost")
    assert got == "=1+1"
    assert "formula" in reason
    assert Plan.objects.get().cost is None


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_text_that_looks_like_a_formula_stays_a_text(ana: User, name: str) -> None:
    planned(ana, name=name)
    body = out(ana)
    cell = load_workbook(io.BytesIO(body))["Plans"].cell(2, 5)
    assert cell.data_type == "s"
    assert cell.quotePrefix
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")
    assert [each.outcome for each in preview(body, ana)] == ["unchanged"]


def test_a_scope_holds_on_every_row(ana: User, jelena: User) -> None:
    mine, shared = planned(ana), planned(ana, retailers=["Korner", "Dis"])
    body = edited(out(jelena), several(put("name", "One", 2), put("name", "Two", 3)))
    results = take(body, jelena)
    assert [each.outcome for each in results] == ["changed", "refused"]
    assert "outside your part" in results[1].faults[0].reason
    body = edited(out(jelena), several(put("retailers", "Dis", 2)))
    assert take(body, jelena)[0].outcome == "refused"
    assert Plan.objects.get(pk=mine.pk).retailers == ["Korner"]
    assert Plan.objects.get(pk=shared.pk).name == "Spring crunch"


def test_a_plan_that_somebody_does_not_see_is_not_there_for_them(ana: User, jelena: User) -> None:
    planned(ana, retailers=["Dis"])
    assert "No such plan here" in fault(preview(out(ana), jelena))[4]


def test_a_locked_plan_stays(ana: User) -> None:
    in_state(planned(ana), State.LOCKED)
    assert "stays as it is" in fault(take(edited(out(ana), put("name", "Autumn")), ana))[4]


def test_a_key_that_is_there_twice(ana: User) -> None:
    plan = planned(ana)

    def twice(book: Workbook) -> None:
        book["Plans"].append([plan.pk, 1])

    results = preview(edited(out(ana), twice), ana)
    assert results[1].faults[0].reason == "The key is in an earlier row too."


def test_what_only_informs_may_differ(ana: User) -> None:
    planned(ana)
    body = edited(out(ana), several(put("light", "green"), put("gain", 5)))
    assert [each.outcome for each in preview(body, ana)] == ["unchanged"]


def test_a_column_that_is_gone_changes_nothing(ana: User) -> None:
    planned(ana, message="Louder", cost="5")

    def without(book: Workbook) -> None:
        book["Plans"].delete_cols(16, 12)

    assert [each.outcome for each in preview(edited(out(ana), without), ana)] == ["unchanged"]


def test_a_column_nobody_knows_is_named(ana: User) -> None:
    planned(ana)

    def other(book: Workbook) -> None:
        book["Plans"].cell(1, 40).value = "Colour"

    found = read(edited(out(ana), other))
    assert found.rows == ()
    assert found.faults[0].got == "Colour"
    assert "allowed: key, version" in found.faults[0].reason


def test_serbian_heads_and_words_are_understood(ana: User) -> None:
    planned(ana)
    with translation.override("sr-latn"):
        body = out(ana)
    book = load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["Planovi", "Obaveze", "Objašnjenje"]
    changed = edited(body, lambda book: book["Planovi"].__setitem__("D2", "kampanja"))
    only(take(changed, ana), "changed")
    assert Plan.objects.get().kind == "campaign"


def test_promises_are_made_and_kept(ana: User, milan: User) -> None:
    plan = planned(ana)
    commit(plan, "Wobblers", due=date(2026, 2, 20), by=ana)

    def edit(book: Workbook) -> None:
        sheet = book["Commitments"]
        sheet["I2"] = datetime(2026, 2, 19)
        sheet.append([None, None, plan.pk, "", None, "ana", "Samples", date(2026, 2, 25)])

    results = take(edited(out(ana), edit), ana)
    assert [each.outcome for each in results] == ["unchanged", "changed", "new"]
    kept, new = Commitment.objects.order_by("pk")
    assert kept.done_on is not None
    assert (new.what, new.side, new.owner) == ("Samples", "marketing", ana)
    only(take(edited(out(ana), put("done_on", None, 2, "Commitments")), ana), "changed")
    assert Commitment.objects.order_by("pk")[0].done_on is None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("what", "Other", "A promise stays as it was made"),
        ("due", datetime(2026, 1, 1), "A promise stays as it was made"),
        ("owner", "milan", "A promise stays as it was made"),
        ("pk", 999, "No such promise"),
    ],
)
def test_a_promise_is_not_rewritten(
    ana: User, milan: User, name: str, value: object, reason: str
) -> None:
    commit(planned(ana), "Wobblers", due=date(2026, 2, 20), by=ana)
    assert reason in fault(take(edited(out(ana), put(name, value, 2, "Commitments")), ana))[4]


def test_nobody_promises_for_the_other_side(ana: User, milan: User) -> None:
    plan = planned(ana)

    def edit(book: Workbook) -> None:
        row = [None, None, plan.pk, "", None, "milan", "Slot", date(2026, 2, 25)]
        book["Commitments"].append(row)

    assert "own side" in fault(take(edited(out(ana), edit), ana))[4]
    assert not Commitment.objects.exists()


def test_those_who_may_not_edit_cannot_import(ana: User, olga: User) -> None:
    planned(ana)
    with pytest.raises(PermissionDenied):
        preview(out(ana), olga)


@pytest.mark.parametrize(
    "body", [b"", b"key,name\n1,x\n", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" * 50]
)
def test_what_is_no_workbook(body: bytes) -> None:
    with pytest.raises(WorkbookError, match="no Excel workbook"):
        read(body)


def test_a_zip_that_is_no_workbook() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("hello.txt", "hello")
    with pytest.raises(WorkbookError, match="no Excel workbook"):
        read(target.getvalue())


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkbookError, match="larger than 4 MB"):
        read(b"x" * (exchange_read.MOST_BYTES + 1))


def test_a_file_that_unpacks_to_too_much() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (exchange_read.MOST_UNPACKED + 1))
    assert len(target.getvalue()) < exchange_read.MOST_BYTES
    with pytest.raises(WorkbookError, match="unpacks to more than 64 MB"):
        read(target.getvalue())


def test_a_sheet_with_too_many_rows(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_read, "MOST_ROWS", 2)
    for number in range(4):
        planned(ana, name=str(number))
    found = read(out(ana))
    assert len(found.rows) == 2
    assert "more than 2 rows" in found.faults[0].reason


def test_a_workbook_of_something_else() -> None:
    target = io.BytesIO()
    Workbook().save(target)
    with pytest.raises(WorkbookError, match="Plans, Commitments"):
        read(target.getvalue())


def test_the_workbook_helps_who_fills_it(ana: User) -> None:
    planned(ana, cost="12.5")
    book = load_workbook(io.BytesIO(out(ana)))
    sheet = book["Plans"]
    heads = [cell.value for cell in sheet[1]]
    assert "price cut [%]" in heads
    assert sheet.freeze_panes == "F2"
    first, cost = sheet.cell(2, 7), sheet.cell(2, 16)
    assert (first.is_date, first.value) == (True, datetime(2026, 3, 2))
    assert (cost.data_type, cost.value) == ("n", 12.5)
    lists = {each.formula1 for each in sheet.data_validations.dataValidation}
    assert '"marketing,sales"' in lists
    about = [[cell.value for cell in row] for row in book["About"]]
    assert ["Market", "Main", None, None] in about
    assert any(row[1] == "price cut [%]" for row in about)


def send(client: Client, body: bytes, name: str = "plan.xlsx") -> HttpResponse:
    return client.post("/main/plan/import/", {"file": SimpleUploadedFile(name, body)})


def test_a_workbook_on_the_page_first_shows_then_does(signed_in: Client, ana: User) -> None:
    planned(ana)
    body = signed_in.get("/main/plan/export.xlsx").content
    page = send(
        signed_in, edited(body, several(put("name", "<b>Autumn"), put("cost", 3)))
    ).content.decode()
    assert "What this workbook would do" in page
    assert "<ins>&lt;b&gt;Autumn</ins>" in page
    assert Plan.objects.get().name == "Spring crunch"
    packed = re.search(r'name="packed" value="([^"]+)"', page)
    assert packed
    done = signed_in.post("/main/plan/import/apply/", {"packed": packed[1]})
    assert "Taken over" in done.content.decode()
    assert Plan.objects.get().name == "<b>Autumn"


def test_a_preview_is_worth_nothing_to_others(
    signed_in: Client, ana: User, milan: User, client_of: Visit
) -> None:
    planned(ana)
    page = send(signed_in, edited(out(ana), put("name", "Autumn"))).content.decode()
    packed = re.search(r'name="packed" value="([^"]+)"', page)
    assert packed
    for client, text in (
        (client_of(milan), packed[1]),
        (signed_in, packed[1] + "x"),
        (signed_in, ""),
    ):
        response = client.post("/main/plan/import/apply/", {"packed": text})
        assert response.status_code == 400
        assert "preview is too old" in response.content.decode()
    assert Plan.objects.get().name == "Spring crunch"


def test_what_changed_between_preview_and_doing_is_refused(
    signed_in: Client, ana: User, milan: User
) -> None:
    plan = planned(ana)
    page = send(signed_in, edited(out(ana), put("name", "Autumn"))).content.decode()
    packed = re.search(r'name="packed" value="([^"]+)"', page)
    assert packed
    change(plan, {"name": "Winter"}, version=1, by=milan)
    done = signed_in.post("/main/plan/import/apply/", {"packed": packed[1]}).content.decode()
    assert "at version 2, by milan" in done
    assert Plan.objects.get().name == "Winter"


def test_a_wrong_file_on_the_page(signed_in: Client) -> None:
    response = send(signed_in, b"hello", "hello.txt")
    assert response.status_code == 400
    assert "no Excel workbook" in response.content.decode()
    assert signed_in.post("/main/plan/import/").status_code == 400


def test_who_may_take_and_bring(cast: dict[str, User], client_of: Visit) -> None:
    planned(cast["marketing"], retailers=[])
    body = out(cast["marketing"])
    for role, user in cast.items():
        client, edits = client_of(user), "plan.edit" in GRANTS[role]
        assert client.get("/main/plan/export.xlsx").status_code == 200, role
        assert client.get("/main/plan/import/").status_code == (200 if edits else 403), role
        assert send(client, body).status_code == (200 if edits else 403), role
        applied = client.post("/main/plan/import/apply/", {"packed": ""})
        assert applied.status_code == (400 if edits else 403), role


def test_an_export_holds_what_the_page_shows(signed_in: Client, ana: User) -> None:
    planned(ana)
    planned(ana, kind="display", name="End cap")
    body = signed_in.get("/main/plan/export.xlsx?kind=display&rows=brand").content
    sheet = load_workbook(io.BytesIO(body))["Plans"]
    assert [row[4] for row in sheet.iter_rows(min_row=2, values_only=True)] == ["End cap"]

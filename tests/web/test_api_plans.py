"""Plans through the API: the same actions as on the pages, on a version, within a scope."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.utils import timezone

from offtake_web.accounts.models import User
from offtake_web.plans.models import Plan
from tests.web.api_cast import MAIN, Caller, caller
from tests.web.test_api_frame import problem

PLANS = f"{MAIN}/plans"


def day(ahead: int) -> str:
    return str(timezone.localdate() + timedelta(days=ahead))


def content(**more: Any) -> dict[str, Any]:
    return {
        "kind": "promotion", "name": "Summer deal", "side": "sales", "first_day": day(60),
        "last_day": day(73), "retailers": ["Korner"], "product_ids": ["P1"], "price_cut": 20,
        "message": "Share the summer", "audience": "families",
    } | more  # fmt: skip


def made(by: Caller, **more: Any) -> HttpResponse:
    response = by.post(PLANS, content(**more))
    assert response.status_code == 201, response.content
    return response


def one(response: HttpResponse) -> str:
    return f"{PLANS}/{response.json()['id']}"


def do(
    by: Caller, address: str, move: str, body: object = None, method: str = "POST"
) -> HttpResponse:
    """Do something to the plan as it is now."""
    etag = by.get(address)["ETag"]
    response = by(method, f"{address}/{move}".rstrip("/"), body, If_Match=etag)
    assert response.status_code == 200, response.content
    return response


def test_a_plan_is_made_read_and_changed(ana: User) -> None:
    token = caller(ana)
    first = made(token)
    assert first["Location"] == one(first)
    assert first.json()["state"] == "draft"
    assert first.json()["price_cut"] == "20.0"
    read = token.get(one(first))
    assert read["ETag"].startswith('"1-')
    changed = token("PATCH", one(first), {"name": "Autumn deal"}, If_Match=read["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json()["name"] == "Autumn deal"
    assert changed.json()["message"] == "Share the summer"
    assert changed["ETag"].startswith('"2-')
    plan = Plan.objects.get()
    assert (plan.version, plan.updated_by) == (2, ana)
    assert plan.history.first().history_user == ana


def test_a_change_has_to_say_what_it_changes(ana: User) -> None:
    token = caller(ana)
    address = one(made(token))
    problem(token("PATCH", address, {"name": "a"}), "version-needed")
    problem(token("PATCH", address, {"name": "a"}, If_Match="*"), "version-needed")
    problem(token("PATCH", address, {"name": "a"}, If_Match='"x"'), "version-needed")


def test_a_stale_change_is_refused_and_told_what_is_now(ana: User, milan: User) -> None:
    mine, theirs = caller(ana), caller(milan)
    address = one(made(mine))
    etag = mine.get(address)["ETag"]
    theirs("PATCH", address, {"price_cut": 25}, If_Match=etag)
    response = mine("PATCH", address, {"price_cut": 10}, If_Match=etag)
    document = problem(response, "stale")
    assert document["current"]["price_cut"] == "25.0"
    assert document["current"]["version"] == 2
    again = mine("PATCH", address, {"price_cut": 10}, If_Match=response["ETag"])
    assert again.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_racing_changes_one_wins_and_the_others_are_told(ana: User) -> None:
    token = caller(ana)
    address = one(made(token))
    etag = token.get(address)["ETag"]

    def change(place: int) -> int:
        try:
            body = {"name": f"name {place}"}
            return int(token("PATCH", address, body, If_Match=etag).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(change, range(8)))
    assert statuses == [200] + [412] * 7
    assert Plan.objects.get().version == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "party"}, "body.kind"),
        ({"name": ""}, "body.name"),
        ({"first_day": "soon"}, "body.first_day"),
        ({"first_day": 17}, "body.first_day"),
        ({"price_cut": 100}, "body.price_cut"),
        ({"price_cut": True}, "body.price_cut"),
        ({"display": "yes"}, "body.display"),
        ({"cost": -1}, "body.cost"),
        ({"base": 1000}, "body.base"),
        ({"retailers": [""]}, "body.retailers.0"),
    ],
)
def test_what_a_plan_cannot_be(ana: User, wrong: dict[str, Any], field: str) -> None:
    faults = problem(caller(ana).post(PLANS, content(**wrong)), "not-valid")["errors"]
    assert [fault["field"] for fault in faults] == [field]


def test_days_out_of_order(ana: User) -> None:
    wrong = content(last_day=day(1))
    problem(caller(ana).post(PLANS, wrong), "not-valid")
    problem(caller(ana).post(f"{PLANS}/preview", wrong), "not-valid")


def test_a_promotion_from_idea_to_review(ana: User, milan: User) -> None:
    marketing, sales = caller(ana), caller(milan)
    address = one(made(marketing))
    assert do(marketing, address, "propose").json()["state"] == "proposed"
    assert do(marketing, address, "agree").json()["marketing_agrees"] is True
    agreed = do(sales, address, "agree").json()
    assert (agreed["state"], agreed["sales_agrees"]) == ("agreed", True)
    refused = sales.post(f"{address}/lock", If_Match=sales.get(address)["ETag"])
    assert problem(refused, "conflict")["detail"]
    for by, gate in ((sales, "brief_acknowledged"), (marketing, "material_delivered"),
                     (sales, "slot_confirmed")):  # fmt: skip
        said = do(by, address, f"gates/{gate}/confirmation", {"note": "by mail"}, "PUT")
        assert gate in [each["gate"] for each in said.json()["confirmations"]]
    for gate in ("distribution", "stock_cover"):
        do(sales, address, f"gates/{gate}/override", {"reason": "As agreed."}, "PUT")
    judged = sales.get(f"{address}/judgement").json()
    for rule in judged["guardrails"]:
        by = marketing if rule["approver"] == "marketing" else sales
        do(by, address, f"guardrails/{rule['rule']}/answer", {"yes": True}, "PUT")
    assert do(sales, address, "lock").json()["state"] == "locked"
    Plan.objects.update(first_day=date.fromisoformat(day(-3)))
    record = sales.post(f"{address}/executions", {"on": day(-1), "note": "everywhere"})
    assert record.status_code == 201, record.content
    assert sales.get(address).json()["state"] == "executed"
    do(sales, address, "result", {"promotion_id": "E17"}, "PUT")
    done = do(sales, address, "review", {"conclusions": "Again."}).json()
    assert (done["state"], done["conclusions"], done["promotion_id"]) == (
        "reviewed",
        "Again.",
        "E17",
    )
    told = sales.get(f"{address}/history").json()
    assert told["total"] >= 10
    assert "reviewed it" in [each["what"] for each in told["items"]]


def test_the_other_ways(ana: User) -> None:
    token = caller(ana)
    address = one(made(token))
    do(token, address, "propose")
    assert do(token, address, "withdraw").json()["state"] == "draft"
    do(token, address, "", {"price_cut": 30}, "PATCH")
    assert do(token, address, "undo").json()["price_cut"] == "20.0"
    copied = token.post(f"{address}/copy", {"first_day": day(100)})
    assert copied.json()["first_day"] == day(100)
    assert do(token, address, "cancel").json()["state"] == "cancelled"
    assert do(token, address, "reopen").json()["state"] == "draft"
    do(token, address, "propose")
    do(token, address, "gates/material_delivered/confirmation", {}, "PUT")
    gone = token("DELETE", f"{address}/gates/material_delivered/confirmation")
    assert gone.json()["confirmations"] == []


def test_promises(milan: User, jelena: User) -> None:
    token = caller(milan)
    address = one(made(token))
    first = token.post(f"{address}/commitments", {"what": "40 placements", "due": day(30)})
    assert first.status_code == 201, first.content
    given = {"what": "Slot", "due": day(30), "owner": "jelena"}
    other = token.post(f"{address}/commitments", given).json()
    assert other["owner"]["username"] == "jelena"
    problem(token.post(f"{address}/commitments", given | {"owner": "nobody"}), "not-valid")
    place = first["Location"]
    etag = token.get(place)["ETag"]
    kept = token("PATCH", place, {"done": True}, If_Match=etag)
    assert kept.json()["done_on"] == day(0)
    document = problem(token("PATCH", place, {"done": False}, If_Match=etag), "stale")
    assert document["current"]["version"] == 2
    assert token("DELETE", place, If_Match=kept["ETag"]).status_code == 204
    problem(token.get(place), "not-found")


def test_comments_and_mentions(ana: User, milan: User) -> None:
    marketing, sales = caller(ana), caller(milan)
    address = one(made(marketing))
    said = marketing.post(f"{address}/comments", {"text": "@milan hold the price?"}).json()
    assert [each["username"] for each in said["mentions"]] == ["milan"]
    waiting = sales.get(f"{PLANS}/waiting").json()
    assert [each["matter"] for each in waiting["items"]] == ["mention"]
    reply = {"text": "Yes.", "reply_to": said["id"]}
    assert sales.post(f"{address}/comments", reply).json()["reply_to"] == said["id"]
    problem(sales.post(f"{address}/comments", reply | {"reply_to": 999}), "not-valid")
    marketing.post(f"{address}/comments", {"text": "@milan thanks"})
    assert sales.post(f"{address}/mentions/read").json() == {"read": 1}


def test_a_preview_keeps_nothing(olga: User) -> None:
    response = caller(olga).post(f"{PLANS}/preview", content())
    assert response.status_code == 200, response.content
    judged = response.json()
    assert judged["not_known"]
    assert {gate["name"] for gate in judged["gates"]} == {
        "distribution", "stock_cover", "brief_acknowledged", "material_delivered", "slot_confirmed",
    }  # fmt: skip
    assert not Plan.objects.exists()


def test_a_list_is_filtered_as_the_pages_are(ana: User) -> None:
    token = caller(ana)
    made(token, name="Summer deal")
    made(token, name="Winter deal", kind="display", retailers=["Dis"], first_day=day(200),
         last_day=day(210))  # fmt: skip
    for query, names in (
        ("", ["Summer deal", "Winter deal"]),
        ("kind=display", ["Winter deal"]),
        ("kind=display&kind=promotion", ["Summer deal", "Winter deal"]),
        ("retailer=Korner", ["Summer deal"]),
        ("q=wint", ["Winter deal"]),
        (f"from={day(100)}", ["Winter deal"]),
        (f"to={day(100)}", ["Summer deal"]),
        ("state=locked", []),
        ("owner=ana&size=1&page=2", ["Winter deal"]),
    ):
        found = token.get(f"{PLANS}?{query}").json()["items"]
        assert [each["name"] for each in found] == names, query
    problem(token.get(f"{PLANS}?kind=party"), "not-valid")
    problem(token.get(f"{PLANS}?from=soon"), "not-valid")


def test_a_scope_hides_plans_and_holds_changes(ana: User, jelena: User) -> None:
    marketing, manager = caller(ana), caller(jelena)
    theirs = one(made(marketing, retailers=["Dis"]))
    both = one(made(marketing, retailers=["Dis", "Korner"]))
    assert manager.get(PLANS).json()["total"] == 1
    problem(manager.get(theirs), "not-found")
    problem(manager.post(f"{theirs}/comments", {"text": "Hm."}), "not-found")
    read = manager.get(both)
    refused = manager("PATCH", both, {"name": "Mine"}, If_Match=read["ETag"])
    problem(refused, "not-allowed")
    problem(manager.post(PLANS, content(retailers=["Dis"])), "not-allowed")
    assert made(manager, retailers=["Korner"]).status_code == 201

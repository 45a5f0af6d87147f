"""The pages of one plan, for each role and for nobody, and what their buttons do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import markets
from offtake_web.plans import actions, actions_talk, actions_workflow
from offtake_web.plans.models import Plan
from offtake_web.plans.queries import board
from tests.web.conftest import Visit
from tests.web.plan_cast import bring, day, draft, fresh
from tests.web.plan_run import publish_planning

READERS = set(Role)
EDITORS = {Role.MARKETING, Role.SALES_LEAD, Role.KEY_ACCOUNT_MANAGER}


def at(name: str, *parts: object) -> str:
    return reverse(name, args=("main", *parts))


def form_of(plan: Plan, /, **more: object) -> dict[str, object]:
    """What the form of a plan sends when nothing is changed in it."""
    return {
        "version": plan.version,
        "kind": plan.kind,
        "name": plan.name,
        "side": plan.side,
        "first_day": plan.first_day.isoformat(),
        "last_day": plan.last_day.isoformat(),
        "retailers": plan.retailers,
        "product_ids": ", ".join(plan.product_ids),
        "price_cut": str(plan.price_cut),
        "message": plan.message,
        "audience": plan.audience,
    } | more


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("plan", READERS),
        ("plan-history", READERS),
        ("plan-edit", EDITORS),
        ("plan-new", EDITORS),
        ("plan-items", EDITORS),
    ],
)
def test_each_page_for_each_role(
    cast: dict[str, User], client_of: Visit, name: str, roles: set[Role]
) -> None:
    plan = draft(cast[Role.MARKETING], retailers=[] if name == "plan" else ["Korner"])
    for role, user in cast.items():
        user.territories = []
        user.save()
        address = at(name) if name in ("plan-new", "plan-items") else at(name, plan.pk)
        assert client_of(user).get(address).status_code == (200 if role in roles else 403), role


@pytest.mark.parametrize("name", ["plan", "plan-history", "plan-edit", "plan-undo", "plan-copy"])
def test_a_stranger_signs_in_first(client: Client, ana: User, name: str) -> None:
    response = client.post(at(name, draft(ana).pk))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


POSTS = {
    "plan-undo": EDITORS,
    "plan-copy": EDITORS,
    "plan-review": EDITORS,
    "plan-result": EDITORS,
    "plan-resolve": EDITORS,
    "plan-commit": EDITORS | {Role.REP},
    "plan-comment": EDITORS | {Role.REP, Role.ANALYST, Role.ADMINISTRATOR},
    "plan-record": EDITORS | {Role.REP},
    "plan-seen": READERS,
}


@pytest.mark.parametrize("name", POSTS)
def test_each_button_for_each_role(cast: dict[str, User], client_of: Visit, name: str) -> None:
    for role, user in cast.items():
        user.territories = []
        user.save()
        plan = draft(cast[Role.MARKETING])
        status = client_of(user).post(at(name, plan.pk)).status_code
        assert status == (302 if role in POSTS[name] else 403), role


def test_a_button_is_no_link(signed_in: Client, ana: User) -> None:
    assert signed_in.get(at("plan-undo", draft(ana).pk)).status_code == 405


def test_a_plan_outside_of_somebodys_part_is_not_there(
    client_of: Visit, ana: User, jelena: User
) -> None:
    plan = draft(ana, retailers=["Dis"])
    for name in ("plan", "plan-history", "plan-edit"):
        assert client_of(jelena).get(at(name, plan.pk)).status_code == 404
    assert client_of(jelena).post(at("plan-comment", plan.pk), {"text": "x"}).status_code == 404


def test_a_plan_partly_outside_is_read_and_not_changed(
    client_of: Visit, ana: User, jelena: User
) -> None:
    plan = draft(ana, retailers=["Dis", "Korner"])
    text = client_of(jelena).get(at("plan", plan.pk)).content.decode()
    assert "Propose" not in text
    assert (
        client_of(jelena)
        .post(at("plan-move", plan.pk, "propose"), {"version": plan.version})
        .status_code
        == 403
    )
    assert fresh(plan).state == "draft"


def test_a_plan_of_another_market_is_not_there(signed_in: Client, ana: User) -> None:
    plan = draft(ana)
    Plan.objects.filter(pk=plan.pk).update(market="other")
    assert signed_in.get(at("plan", plan.pk)).status_code == 404


def test_it_is_made_in_a_form(signed_in: Client, ana: User) -> None:
    sent = {
        "kind": "display",
        "name": "Island",
        "side": "sales",
        "first_day": day(20),
        "last_day": day(30),
        "retailers": "Korner, Dis",
        "price_cut": "0",
        "display": "on",
        "touchpoints": "leaflet, radio",
    }
    response = signed_in.post(at("plan-new"), sent)
    plan = Plan.objects.get()
    assert response["Location"] == at("plan", plan.pk)
    assert (plan.retailers, plan.touchpoints) == (["Korner", "Dis"], ["leaflet", "radio"])
    assert (plan.store_ids, plan.state, plan.created_by) == (None, "draft", ana)


def test_what_is_wrong_stands_at_its_field(signed_in: Client) -> None:
    sent = {"kind": "display", "name": "", "side": "sales", "first_day": day(9),
            "last_day": day(2), "price_cut": "0"}  # fmt: skip
    response = signed_in.post(at("plan-new"), sent)
    assert response.status_code == 200
    assert 'id="id_name_error"' in response.content.decode()
    sent["name"] = "Island"
    text = signed_in.post(at("plan-new"), sent).content.decode()
    assert "The last day is before the first." in text
    assert not Plan.objects.exists()


def test_looking_first_saves_nothing(signed_in: Client, ana: User) -> None:
    plan = draft(ana)
    response = signed_in.post(at("plan-edit", plan.pk), form_of(plan, price_cut="40", look="1"))
    text = response.content.decode()
    assert "Needs a yes of: sales lead." in text
    assert "No promotion model was fitted" in text
    assert fresh(plan).version == 1


def test_a_preview_says_the_same(signed_in: Client, ana: User) -> None:
    plan = draft(ana)
    sent = form_of(plan, price_cut="40", plan=plan.pk)
    assert (
        "Needs a yes of: sales lead." in signed_in.post(at("plan-preview"), sent).content.decode()
    )
    empty = signed_in.post(at("plan-preview"), {}).content.decode()
    assert "once its days are filled in" in empty


def test_two_changes_of_one_field_are_settled_by_hand(
    signed_in: Client, ana: User, milan: User
) -> None:
    plan = draft(ana)
    actions.change(plan, {"name": "Milan's", "cost": 9}, version=1, by=milan)
    response = signed_in.post(at("plan-edit", plan.pk), form_of(plan, name="Ana's", price_cut="25"))
    text = response.content.decode()
    assert response.status_code == 409
    assert "Milan&#x27;s" in text
    assert "Ana&#x27;s" in text
    assert fresh(plan).name == "Milan's"
    mine = response.context["mine"]
    settled = {"version": 2, "mine": mine, "keep_name": "theirs", "keep_price_cut": "mine"}
    signed_in.post(at("plan-resolve", plan.pk), settled)
    plan = fresh(plan)
    assert [plan.name, plan.price_cut, plan.cost] == ["Milan's", 25, 9]


def test_changes_of_different_fields_both_stay_and_are_said(
    signed_in: Client, ana: User, milan: User
) -> None:
    plan = draft(ana)
    actions.change(plan, {"cost": 9}, version=1, by=milan)
    response = signed_in.post(at("plan-edit", plan.pk), form_of(plan, name="Ana's"), follow=True)
    assert "Others had changed it meanwhile; their changes stay too: cost." in (
        response.content.decode()
    )
    assert (fresh(plan).name, fresh(plan).cost) == ("Ana's", 9)


def test_a_move_of_what_changed_shows_the_change(signed_in: Client, ana: User, milan: User) -> None:
    plan = bring(draft(ana), "proposed", marketing=ana, sales=milan)
    actions.change(plan, {"price_cut": 30}, version=2, by=milan)
    response = signed_in.post(at("plan-move", plan.pk, "agree"), {"version": 2})
    text = response.content.decode()
    assert response.status_code == 409
    assert "<td>20%</td><td>30%</td>" in text
    assert not fresh(plan).yes_of("marketing")


def test_from_draft_to_reviewed_by_its_buttons(client_of: Visit, ana: User, milan: User) -> None:
    plan = draft(ana, first_day=day(0), last_day=day(13))
    one, other = client_of(ana), client_of(milan)

    def press(client: Client, name: str, *parts: object, **sent: object) -> None:
        sent |= {"version": fresh(plan).version}
        assert client.post(at(name, plan.pk, *parts), sent).status_code == 302

    press(one, "plan-move", "propose")
    press(one, "plan-move", "agree")
    press(other, "plan-commit", what="Order stock", due=day(1))
    press(other, "plan-move", "agree")
    press(one, "plan-gate", "material_delivered")
    for gate in ("brief_acknowledged", "slot_confirmed"):
        press(other, "plan-gate", gate, note="by phone")
    for gate in ("distribution", "stock_cover"):
        press(other, "plan-pass", gate, reason="A new item")
    press(one, "plan-rule", "least_roi", answer="yes")
    press(other, "plan-move", "lock")
    assert fresh(plan).state == "locked"
    press(other, "plan-record", on=day(0), note="Looks good")
    press(other, "plan-result", promotion_id="E1")
    press(one, "plan-review", conclusions="Earlier next time.")
    assert fresh(plan).state == "reviewed"
    text = one.get(at("plan", plan.pk)).content.decode()
    for words in ("Looks good", "Earlier next time.", "Order stock",
                  "does not measure promotion E1"):  # fmt: skip
        assert words in text


def test_what_is_missing_is_said_and_the_button_is_off(
    signed_in: Client, ana: User, milan: User
) -> None:
    plan = bring(draft(ana), "agreed", marketing=ana, sales=milan)
    text = signed_in.get(at("plan", plan.pk)).content.decode()
    assert "Missing for “Lock”:" in text
    assert '<button disabled aria-describedby="missing-lock">Lock</button>' in text
    response = signed_in.post(
        at("plan-move", plan.pk, "lock"), {"version": plan.version}, follow=True
    )
    assert "nobody let it pass" in response.content.decode()
    assert fresh(plan).state == "agreed"


def test_an_unknown_move_is_not_there(signed_in: Client, ana: User) -> None:
    plan = draft(ana)
    assert signed_in.post(at("plan-move", plan.pk, "burn"), {"version": 1}).status_code == 404


def test_a_mention_is_said_until_it_is_read(client_of: Visit, ana: User, milan: User) -> None:
    plan = draft(ana)
    actions_talk.comment(plan, "Is this right, @milan?", by=ana)
    page = client_of(milan)
    assert "You are named in a comment." in page.get(at("plan", plan.pk)).content.decode()
    page.post(at("plan-seen", plan.pk))
    assert "You are named in a comment." not in page.get(at("plan", plan.pk)).content.decode()


def test_what_people_write_is_text(signed_in: Client, ana: User) -> None:
    plan = draft(ana, name="<script>alert(1)</script>", message="<b>bold</b>")
    actions_talk.comment(plan, "<i>x</i>", by=ana)
    text = signed_in.get(at("plan", plan.pk)).content.decode()
    for raw in ("<script>alert", "<b>bold", "<i>x"):
        assert raw not in text


def test_the_viewer_finds_no_buttons(client_of: Visit, ana: User, olga: User) -> None:
    text = client_of(olga).get(at("plan", draft(ana).pk)).content.decode()
    main = text[text.index("<main") : text.index("</main")]
    assert "<button" not in main


def test_the_history_says_what_changed_and_by_whom(
    signed_in: Client, ana: User, milan: User
) -> None:
    plan = draft(ana)
    actions.change(plan, {"price_cut": 25, "retailers": []}, version=1, by=milan)
    actions_workflow.confirm(plan, "slot_confirmed", version=2, by=milan)
    text = signed_in.get(at("plan-history", plan.pk)).content.decode()
    assert "<td>20%</td><td>25%</td>" in text
    assert "<td>Korner</td><td>all</td>" in text
    assert "slot confirmed: word given" in text


def test_undo_by_its_button(signed_in: Client, ana: User) -> None:
    plan = draft(ana)
    actions.change(plan, {"name": "B"}, version=1, by=ana)
    assert "Take the last change of content back" in (
        signed_in.get(at("plan-history", plan.pk)).content.decode()
    )
    signed_in.post(at("plan-undo", plan.pk), {"version": 2})
    assert fresh(plan).name == "Summer deal"


def _busy(plan: Plan, ana: User, milan: User, times: int) -> None:
    for number in range(times):
        actions_talk.commit(plan, f"Thing {number}", due=day(3), by=milan)
        first = actions_talk.comment(plan, f"@milan {number}", by=ana)
        actions_talk.comment(plan, "Yes @ana", by=milan, reply_to=first)
        draft(ana, name=f"Other {number}")


def test_it_asks_the_database_the_same_however_much_there_is(
    signed_in: Client,
    ana: User,
    milan: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    plan = draft(ana)
    for times in (1, 6):
        _busy(plan, ana, milan, times)
        signed_in.get(at("plan", plan.pk))
        with django_assert_num_queries(15):
            signed_in.get(at("plan", plan.pk))
        with django_assert_num_queries(15):
            signed_in.get(at("plan-history", plan.pk))


def test_units_on_their_way_turn_the_stock_gate_green(
    client_of: Visit, runs: Path, ana: User, milan: User
) -> None:
    cover = [{"product_id": "P1", "retailer": "Korner", "on_hand": 50.0, "stores": 2,
              "as_of": date(2026, 1, 5)}]  # fmt: skip
    publish_planning(runs, planning_cover=cover)
    plan = draft(ana)
    page = client_of(milan)
    assert "Units on their way" in page.get(at("plan", plan.pk)).content.decode()
    for units, short in (("49", True), ("50", False)):
        page.post(at("plan-gate", plan.pk, "stock_cover"), {"word": "back"})
        page.post(
            at("plan-gate", plan.pk, "stock_cover"), {"units": units, "version": plan.version}
        )
        text = page.get(at("plan", plan.pk)).content.decode()
        assert f"50 were on hand; days covered: 3 of 7. In all 50 are short, and {units}" in text
        assert f"milan: {units} units are on their way." in text
        assert text.count("Bag 1 at Korner needs 100 units") == (2 if short else 1)
        assert ("too little stock" in text) == short
    page.post(at("plan-gate", plan.pk, "stock_cover"), {"word": "back"})
    page.post(at("plan-gate", plan.pk, "stock_cover"), {"units": "many", "version": plan.version})
    assert not plan.confirmations.exists()


def test_units_on_their_way_for_a_neighbour_count_where_both_are_short(
    client_of: Visit, runs: Path, ana: User, milan: User
) -> None:
    cover = [{"product_id": "P1", "retailer": "Korner", "on_hand": 50.0, "stores": 2,
              "as_of": date(2026, 1, 5)}]  # fmt: skip
    publish_planning(runs, planning_cover=cover)
    plan, other = draft(ana), draft(milan, name="Autumn deal")
    for each in (plan, other):
        bring(each, "proposed", marketing=ana, sales=milan)
    read = client_of(milan)

    def short_together() -> bool:
        """Say what both pages and the list of all plans say of both."""
        pages = [read.get(at("plan", each.pk)).content.decode() for each in (plan, other)]
        said = {"Autumn deal, Summer deal together need 100 units" in text for text in pages}
        of_all = [board(markets()[0]).judged[each.pk].conflicts for each in (plan, other)]
        said |= {any(each.kind == "missing_supply" and each.other for each in found)
                 for found in of_all}  # fmt: skip
        (answer,) = said
        return answer

    assert short_together()
    actions_workflow.confirm(
        fresh(other), "stock_cover", version=fresh(other).version, by=milan, units=50
    )
    assert not short_together()


def test_an_answer_is_not_asked_for_again(client_of: Visit, ana: User, milan: User) -> None:
    plan = bring(draft(ana, price_cut=40), "agreed", marketing=ana, sales=milan)
    page = client_of(milan)
    for answer, offered in (("yes", "no"), ("no", "yes")):
        place = at("plan-rule", plan.pk, "deepest_price_cut")
        page.post(place, {"version": fresh(plan).version, "answer": answer})
        text = page.get(at("plan", plan.pk)).content.decode()
        assert f'name="answer" value="{offered}"' in text
        assert f'name="answer" value="{answer}"' not in text


def test_a_locked_plan_offers_no_answer(client_of: Visit, ana: User, milan: User) -> None:
    plan = bring(draft(ana, price_cut=40), "locked", marketing=ana, sales=milan)
    assert 'name="answer"' not in client_of(milan).get(at("plan", plan.pk)).content.decode()


def test_money_is_written_as_everywhere(signed_in: Client, runs: Path, ana: User) -> None:
    publish_planning(runs)
    plan = draft(ana, cost=1100, cost_per_unit="0.35", price_cut=20)
    text = signed_in.get(at("plan", plan.pk)).content.decode()
    assert "<dd>EUR 1,100</dd>" in text
    assert "<dd>EUR 0.35</dd>" in text
    assert "<dd>20%</dd>" in text


@pytest.mark.parametrize("name", ["plan", "plan-edit", "plan-history"])
def test_the_way_to_a_page_names_each_step_once(signed_in: Client, ana: User, name: str) -> None:
    text = signed_in.get(at(name, draft(ana).pk)).content.decode()
    crumbs = text.split('class="crumbs"')[1].split("</nav>")[0]
    assert crumbs.count(">The plan<") == 1


def test_a_few_items_stand_there_before_anybody_searches(
    signed_in: Client, runs: Path, ana: User
) -> None:
    publish_planning(runs)
    text = signed_in.get(at("plan-new")).content.decode()
    assert "Bag 1" in text
    assert "Bag 2" in text


def test_a_name_that_reaches_nobody_is_told_of(client_of: Visit, ana: User, milan: User) -> None:
    plan, client = draft(ana), client_of(ana)
    told = "nobody who sees this plan is called @nobody, @petra."
    for text, said in (
        ("@milan, @nobody and @petra. Mail me@alder.example", True),
        ("@Milan. look", False),
    ):
        page = client.post(at("plan-comment", plan.pk), {"text": text}, follow=True)
        assert (told in page.content.decode()) is said

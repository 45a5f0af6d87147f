"""Administrators look after people: who they are, what for, and how they come in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from offtake.report.manifest import EXAMPLE, TableEntry, to_json
from offtake_web.accounts import actions, queries
from offtake_web.accounts.actions import Details, StaleVersionError
from offtake_web.accounts.links import TOKENS, path_of_link
from offtake_web.accounts.models import Role, Session, User
from offtake_web.config.scopes import scope_names
from tests.web.conftest import PASSWORD, Visit
from tests.web.together import together

NEW_PASSWORD = "nine-wide-gondolas"
PAGES = ["/people/", "/people/new/", "/people/1/"]
POSTS = ["rules/", "1/close/", "1/reopen/", "1/link/", "1/second-factor/", "1/sessions/"]


@pytest.fixture
def office(dragan: User) -> Client:
    """The browser in which Dragan has just signed in."""
    client = Client()
    client.post("/accounts/login/", {"login": "dragan", "password": PASSWORD})
    return client


def details(person: User, **changes: object) -> Details:
    names = ("username", "first_name", "last_name", "email", "role", "retailers")
    now = {name: getattr(person, name) for name in (*names, "territories", "brands")}
    return Details(**now | changes)  # type: ignore[arg-type]  # its fields


def text(response: HttpResponse) -> str:
    return response.content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
@pytest.mark.parametrize("page", PAGES)
def test_no_other_role_sees_people(
    cast: dict[str, User], client_of: Visit, role: str, page: str
) -> None:
    assert client_of(cast[role]).get(page).status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
@pytest.mark.parametrize("page", [*POSTS, "new/", "1/", "1/tokens/1/revoke/"])
def test_no_other_role_changes_people(
    cast: dict[str, User], client_of: Visit, role: str, page: str
) -> None:
    assert client_of(cast[role]).post(f"/people/{page}").status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_sees_no_people(client: Client, page: str) -> None:
    assert client.get(page)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("page", POSTS)
def test_changes_are_not_links(office: Client, page: str) -> None:
    assert office.get(f"/people/{page}").status_code == 405


@pytest.mark.parametrize("page", ["new/", "1/link/", "1/close/"])
def test_a_change_asks_again_who_it_is(dragan: User, client_of: Visit, page: str) -> None:
    answer = client_of(dragan).post(f"/people/{page}")
    assert answer["Location"].startswith("/accounts/again/?next=")


def test_what_was_sent_goes_on_after_the_question(dragan: User, client_of: Visit) -> None:
    client = client_of(dragan)
    asked = client.post("/people/new/", {"username": "eva", "role": "viewer"})
    done = client.post(asked["Location"], {"password": PASSWORD})
    assert "A link to set the password" in text(done)
    assert User.objects.filter(username="eva").exists()


def test_they_are_found_by_name_role_and_state(office: Client, cast: dict[str, User]) -> None:
    actions.close_account(cast[Role.REP], by=cast[Role.ADMINISTRATOR])

    def shown(query: str) -> set[str]:
        found = re.findall(r'<th scope="row"><a href="/people/\d+/">(\w+)', text(office.get(query)))
        return set(found)

    assert shown("/people/?text=jel") == {"jelena"}
    assert shown("/people/?role=viewer") == {"olga"}
    assert shown("/people/?state=closed") == {"petar"}
    assert shown("/people/?text=e&role=nonsense&state=nonsense") == {"jelena", "petar", "vesna"}
    assert "Nobody fits" in text(office.get("/people/?text=nobody"))


def test_a_hundred_people_cost_as_many_queries_as_one(
    office: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(100):
        User.objects.create(username=f"person{number}", email=f"{number}@alder.example")
    with django_assert_num_queries(5):  # session, user, count, people, rules
        page = text(office.get("/people/"))
    assert "Page 1 of 3, 101 rows" in page


def test_a_person_costs_seven_queries(
    office: Client, ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Session, user, person, history, second factor, sessions, tokens.
    with django_assert_num_queries(7):
        office.get(f"/people/{ana.pk}/")


def link_in(page: str) -> str:
    found = re.search(r"http://testserver(/accounts/password/[^\"<]+)", page)
    assert found is not None
    return found[1]


def follow(client: Client, path: str) -> tuple[str, str]:
    """Open a link: the address it ends at, and its page."""
    answer = client.get(path, follow=True)
    end = answer.redirect_chain[-1][0] if answer.redirect_chain else path
    return end, text(answer)


def set_password(client: Client, path: str) -> HttpResponse:
    end, _ = follow(client, path)
    return client.post(end, {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD})


def test_a_new_person_sets_a_password_by_a_link(office: Client, client: Client) -> None:
    sent = {
        "username": "eva",
        "first_name": "Eva",
        "email": "Eva@Alder.example",
        "role": "key_account_manager",
        "other_retailers": "Korner, Dis,",
    }
    path = link_in(text(office.post("/people/new/", sent)))
    eva = User.objects.get(username="eva")
    assert (eva.email, eva.retailers, eva.brands) == ("eva@alder.example", ["Dis", "Korner"], [])
    assert not eva.has_usable_password()
    end, page = follow(client, path)
    assert path.rsplit("/", 2)[1] not in end  # nor does a link on the page give it away
    assert 'value="eva"' in page
    assert set_password(client, path)["Location"] == "/accounts/login/"
    signed = client.post("/accounts/login/", {"login": "eva", "password": NEW_PASSWORD})
    assert signed["Location"] == "/"


def test_a_link_works_once(client: Client, ana: User, dragan: User) -> None:
    path = actions.make_link(ana, by=dragan)
    set_password(client, path)
    assert "no longer valid" in follow(Client(), path)[1]


def test_a_newer_link_and_a_closed_account_make_it_worthless(
    client: Client, ana: User, milan: User, dragan: User
) -> None:
    old, new = actions.make_link(ana, by=dragan), actions.make_link(ana, by=dragan)
    assert "no longer valid" in follow(client, old)[1]
    assert "no longer valid" not in follow(client, new)[1]
    his = actions.make_link(milan, by=dragan)
    actions.close_account(milan, by=dragan)
    assert "no longer valid" in follow(client, his)[1]
    with pytest.raises(ValidationError, match="reopen it first"):
        actions.make_link(milan, by=dragan)


def test_a_link_is_valid_for_three_days(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    token = TOKENS.make_token(ana)

    def after(**much: int) -> bool:
        later = datetime.now() + timedelta(**much)
        monkeypatch.setattr(TOKENS, "_now", lambda: later)
        return TOKENS.check_token(ana, token)

    assert after(days=2, hours=23)
    assert not after(days=3, minutes=1)


def test_a_link_of_one_is_not_a_link_of_another(client: Client, ana: User, milan: User) -> None:
    hers, his = path_of_link(ana).split("/"), path_of_link(milan).split("/")
    assert "no longer valid" in follow(client, "/".join([*hers[:3], his[3], *hers[4:]]))[1]


def test_a_weak_password_is_refused(client: Client, ana: User) -> None:
    end, _ = follow(client, path_of_link(ana))
    answer = client.post(end, {"new_password1": "short", "new_password2": "short"})
    assert "at least 12 characters" in text(answer)
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_setting_a_password_ends_the_sessions(client_of: Visit, ana: User) -> None:
    open_before = client_of(ana)
    set_password(Client(), path_of_link(ana))
    assert open_before.get("/main/").status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "milan"}, "username"),
        ({"username": "a b!"}, "username"),
        ({"email": "MILAN@alder.example"}, "email"),
        ({"role": "king"}, "role"),
        ({"retailers": [""]}, "retailers"),
    ],
)
def test_what_is_wrong_is_told_by_field(
    ana: User, milan: User, dragan: User, changes: dict[str, object], field: str
) -> None:
    actions.change_person(
        milan, details(milan, email="milan@alder.example"), version=milan.version, by=dragan
    )
    with pytest.raises(ValidationError) as refusal:
        actions.change_person(ana, details(ana, **changes), version=ana.version, by=dragan)
    assert field in refusal.value.message_dict or "address" in str(refusal.value)


def test_a_taken_name_is_told_on_the_page(office: Client, ana: User) -> None:
    answer = office.post("/people/new/", {"username": "ana", "role": "viewer"})
    assert answer.status_code == 200
    assert "already exists" in text(answer)
    assert User.objects.count() == 2


def form_of(person: User, **changes: object) -> dict[str, object]:
    kept = {name: getattr(person, name) for name in ("username", "email", "role", "version")}
    return kept | changes


def test_role_and_scope_are_changed_and_remembered(office: Client, jelena: User) -> None:
    sent = form_of(jelena, role="analyst", retailers=["Korner"], other_brands="ALDER")
    assert office.post(f"/people/{jelena.pk}/", sent).status_code == 302
    jelena.refresh_from_db()
    assert (jelena.role, jelena.retailers, jelena.brands) == ("analyst", ["Korner"], ["ALDER"])
    page = text(office.get(f"/people/{jelena.pk}/"))
    assert "Role: <del>key account manager</del> → <ins>analyst</ins>" in page
    assert "Brands: <del>all</del> → <ins>ALDER</ins>" in page
    entry = queries.history_of(jelena)[0]
    assert (entry.by, entry.kind, len(entry.changes)) == ("dragan", "changed", 2)


def test_two_administrators_never_lose_a_change(office: Client, ana: User, dragan: User) -> None:
    sent = form_of(ana, first_name="Anna")
    actions.change_person(ana, details(ana, last_name="Anić"), version=ana.version, by=dragan)
    answer = office.post(f"/people/{ana.pk}/", sent)
    assert answer.status_code == 409
    page = text(answer)
    assert "Somebody else changed this meanwhile" in page
    assert 'name="first_name" value="Anna"' in page
    assert "Please correct" not in page
    assert "<td>Anna</td><td>\N{EN DASH}</td>" in page
    assert "<td>\N{EN DASH}</td><td>Anić</td>" in page
    ana.refresh_from_db()
    assert (ana.first_name, ana.last_name) == ("", "Anić")
    again = form_of(ana, first_name="Anna", last_name="Anić")
    assert office.post(f"/people/{ana.pk}/", again).status_code == 302


def test_saving_it_again_keeps_what_was_written(office: Client, ana: User, dragan: User) -> None:
    sent = form_of(ana, first_name="Anna")
    actions.change_person(ana, details(ana, last_name="Anić"), version=ana.version, by=dragan)
    page = text(office.post(f"/people/{ana.pk}/", sent))
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert office.post(f"/people/{ana.pk}/", sent | {"version": version[1]}).status_code == 302
    ana.refresh_from_db()
    assert (ana.first_name, ana.last_name) == ("Anna", "")


def test_the_order_of_a_scope_is_no_change(jelena: User, dragan: User) -> None:
    once = actions.change_person(
        jelena, details(jelena, retailers=["Korner", "Dis"]), version=jelena.version, by=dragan
    )
    actions.change_person(
        once, details(once, retailers=["Korner", "Dis"]), version=once.version, by=dragan
    )
    assert [entry.kind for entry in queries.history_of(jelena)] == ["changed", "made"]


def test_a_stale_change_is_refused_by_the_action(ana: User, dragan: User) -> None:
    with pytest.raises(StaleVersionError) as refusal:
        actions.change_person(ana, details(ana), version=ana.version - 1, by=dragan)
    assert refusal.value.current == ana


def test_the_last_administrator_stays(office: Client, dragan: User) -> None:
    answer = office.post(f"/people/{dragan.pk}/", form_of(dragan, role="viewer"))
    assert "This is the last administrator" in text(answer)
    office.post(f"/people/{dragan.pk}/close/")
    assert "This is the last administrator" in text(office.get("/people/"))
    dragan.refresh_from_db()
    assert (dragan.role, dragan.is_active) == (Role.ADMINISTRATOR, True)


def test_a_closed_administrator_does_not_count(ana: User, dragan: User) -> None:
    actions.change_person(ana, details(ana, role=Role.ADMINISTRATOR), version=1, by=dragan)
    actions.close_account(ana, by=dragan)
    with pytest.raises(ValidationError, match="last administrator"):
        actions.close_account(dragan, by=dragan)


ROUNDS = 10  # one round seldom meets the moment at which each would wait for the other


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_close_each_other_at_once(dragan: User) -> None:
    eva = User.objects.create(username="eva", role=Role.ADMINISTRATOR)
    for _ in range(ROUNDS):
        found = together(
            [
                lambda: actions.close_account(dragan, by=eva),
                lambda: actions.close_account(eva, by=dragan),
            ]
        )
        assert {type(each) for each in found} == {User, PermissionDenied}, found
        assert User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count() == 1
        User.objects.update(is_active=True)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_may_change_each_other_at_once(dragan: User) -> None:
    """Each change's history names the other person, whose row is being changed as well."""
    eva = User.objects.create(username="eva", role=Role.ADMINISTRATOR)
    for _ in range(ROUNDS):
        found = together(
            [
                lambda: actions.make_link(dragan, by=eva),
                lambda: actions.make_link(eva, by=dragan),
            ]
        )
        assert {type(each) for each in found} == {str}, found


def test_a_closed_account_is_out_at_once_and_can_come_back(
    office: Client, client_of: Visit, ana: User
) -> None:
    hers = client_of(ana)
    office.post(f"/people/{ana.pk}/close/")
    assert hers.get("/main/").status_code == 302
    assert Session.objects.filter(user=ana).count() == 0
    office.post(f"/people/{ana.pk}/reopen/")
    assert client_of(ana).get("/main/").status_code == 200


def test_a_lost_second_factor_is_reset(office: Client, client_of: Visit, ana: User) -> None:
    TOTP.activate(ana, "JBSWY3DPEHPK3PXP")
    hers = client_of(ana)
    assert "Reset the second factor" in text(office.get(f"/people/{ana.pk}/"))
    office.post(f"/people/{ana.pk}/second-factor/")
    assert not queries.has_second_factor(ana)
    assert hers.get("/main/").status_code == 302


def test_sessions_and_tokens_of_others_are_ended(
    office: Client, client_of: Visit, ana: User
) -> None:
    hers = client_of(ana)
    token, raw = actions.make_token("till", ["read"], by=ana)
    office.post(f"/people/{ana.pk}/sessions/")
    assert hers.get("/main/").status_code == 302
    office.post(f"/people/{ana.pk}/tokens/{token.pk}/revoke/")
    assert queries.token_owner(raw) is None
    assert queries.history_of(ana)[0].kind == "sessions"


def test_rules_are_set_and_a_stale_one_is_not(office: Client, milan: User) -> None:
    sent = {"roles": ["sales_lead"], "version": 1}
    assert office.post("/people/rules/", sent).status_code == 302
    assert queries.owes_second_factor(milan)
    office.post("/people/rules/", {"roles": [], "version": 1})
    page = text(office.get("/people/"))
    assert "It now says: sales_lead" in page
    assert queries.rules().second_factor_for == ["sales_lead"]
    assert queries.rules().history.first().history_user.username == "dragan"


def test_an_administrator_who_demands_it_of_themselves_sets_it_up_next(office: Client) -> None:
    office.post("/people/rules/", {"roles": ["administrator"], "version": 1})
    assert office.get("/people/")["Location"] == "/accounts/second-factor/on/"


def test_an_old_address_no_longer_leads_in(ana: User, dragan: User) -> None:
    EmailAddress.objects.create(user=ana, email="old@alder.example", verified=True, primary=True)
    change = details(ana, email="new@alder.example")
    actions.change_person(ana, change, version=ana.version, by=dragan)
    sent = {"login": "old@alder.example", "password": PASSWORD}
    assert Client().post("/accounts/login/", sent).status_code == 200
    sent["login"] = "new@alder.example"
    assert Client().post("/accounts/login/", sent).status_code == 302


WRITES = [
    lambda ana, by: actions.make_person(Details(username="x"), by=by),
    lambda ana, by: actions.change_person(ana, details(ana), version=ana.version, by=by),
    lambda ana, by: actions.close_account(ana, by=by),
    lambda ana, by: actions.reopen_account(ana, by=by),
    lambda ana, by: actions.make_link(ana, by=by),
    lambda ana, by: actions.reset_second_factor(ana, by=by),
    lambda ana, by: actions.end_sessions(ana, by=by),
    lambda ana, by: actions.demand_second_factor([], version=1, by=by),
]


@pytest.mark.parametrize("number", range(len(WRITES)))
def test_every_action_asks_who_it_is(ana: User, milan: User, number: int) -> None:
    with pytest.raises(PermissionDenied):
        WRITES[number](ana, milan)


def test_the_server_appoints_an_administrator(
    client: Client, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("administrator", "eva", email="eva@alder.example")
    path = capsys.readouterr().out.splitlines()[1]
    set_password(client, path)
    eva = User.objects.get(username="eva")
    assert (eva.role, eva.is_staff, eva.check_password(NEW_PASSWORD)) == (
        Role.ADMINISTRATOR,
        False,
        True,
    )
    assert [entry.kind for entry in queries.history_of(eva)] == ["password", "appointed"]


def test_the_server_reopens_an_administrator_with_the_old_password_kept(dragan: User) -> None:
    User.objects.filter(pk=dragan.pk).update(is_active=False)
    call_command("administrator", "dragan", verbosity=0)
    dragan.refresh_from_db()
    assert dragan.is_active
    assert dragan.check_password(PASSWORD)


def test_the_server_refuses_a_name_that_cannot_be(db: None) -> None:
    with pytest.raises(CommandError, match="valid username"):
        call_command("administrator", "not a name!")


def test_a_scope_is_made_of_what_the_published_run_holds(runs: Path, office: Client) -> None:
    tables = {
        "planning_stores": pa.table(
            {"retailer": ["Korner", "Dis", "Korner"], "territory": ["North 1", None, "South"]}
        ),
        "planning_items": pa.table({"brand": ["ALDER", "ALDER", "BIRCH"]}),
    }
    folder = runs / "monday"
    (folder / "tables").mkdir(parents=True)
    for name, rows in tables.items():
        pq.write_table(rows, folder / "tables" / f"{name}.parquet")
    entries = tuple(
        TableEntry(name=name, measure=name, fingerprint="", sha256="", rows=3, seconds=0.0)
        for name in tables
    )
    manifest = replace(EXAMPLE, run_id="monday", tables=entries)
    (folder / "manifest.json").write_text(to_json(manifest), encoding="utf-8")
    (runs / "published").write_text("monday", encoding="utf-8")
    assert scope_names() == {
        "retailers": ["Dis", "Korner"],
        "territories": ["North 1", "South"],
        "brands": ["ALDER", "BIRCH"],
    }
    page = text(office.get("/people/new/"))
    assert 'name="territories" value="South"' in page
    assert "Other brands" in page


def test_without_a_run_a_scope_is_written(office: Client) -> None:
    assert scope_names() == {"retailers": [], "territories": [], "brands": []}
    assert 'name="other_retailers"' in text(office.get("/people/new/"))

"""Everybody looks after their own account: details, password, second factor, sessions, tokens."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts import actions, queries
from offtake_web.accounts.models import Role, Token, User
from tests.web.conftest import PASSWORD, Visit
from tests.web.test_sign_in import SECRET, code_now

NEW_PASSWORD = "nine-wide-gondolas"
OWN = [
    "/account/",
    "/accounts/again/",
    "/accounts/password/",
    "/accounts/second-factor/on/",
    "/accounts/recovery-codes/new/",
]


@pytest.fixture
def hers(ana: User) -> Client:
    """The browser in which Ana has just signed in."""
    client = Client()
    client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    return client


def page(client: Client, address: str = "/account/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("address", OWN)
def test_everybody_has_these_pages(cast: dict[str, User], role: str, address: str) -> None:
    client = Client()
    sent = {"login": cast[role].username, "password": PASSWORD}
    client.post("/accounts/login/", sent)
    page(client, address)


@pytest.mark.django_db
@pytest.mark.parametrize("address", [*OWN, "/accounts/recovery-codes/", "/accounts/second-factor/"])
def test_a_stranger_has_none(client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", [*OWN, "/accounts/login/", "/accounts/closed/"])
def test_pages_obey_the_strict_policy(hers: Client, address: str) -> None:
    text = hers.get(address).content.decode()
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick" not in text


def test_the_header_leads_there(hers: Client) -> None:
    assert 'href="/account/"' in page(hers, "/main/")


def test_it_costs_five_queries(
    hers: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):  # session, user, second factor, sessions, tokens
        page(hers)


def test_she_changes_her_name_and_language(hers: Client, ana: User) -> None:
    sent = {"first_name": "Ana", "last_name": "Anić", "language": "sr-latn"}
    assert hers.post("/account/", sent)["Location"] == "/account/"
    text = page(hers)
    assert "srpski (latinica)</option>" in text
    assert "Vaš nalog" in text
    assert "Ana Anić" in text
    assert [entry.kind for entry in queries.history_of(ana)] == ["changed", "made"]


def test_she_cannot_give_herself_a_role(hers: Client, ana: User) -> None:
    hers.post("/account/", {"role": "administrator", "is_superuser": "1", "retailers": "x"})
    ana.refresh_from_db()
    assert (ana.role, ana.is_superuser, ana.retailers) == (Role.MARKETING, False, [])


def test_an_unknown_language_is_refused(hers: Client) -> None:
    answer = hers.post("/account/", {"language": "xx"})
    assert "Select a valid choice" in answer.content.decode()


def change(client: Client, old: str) -> int:
    sent = {"oldpassword": old, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return client.post("/accounts/password/", sent).status_code


def test_a_new_password_needs_the_old_one(hers: Client, ana: User) -> None:
    assert change(hers, "wrong") == 200
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_a_new_password_ends_the_other_sessions(hers: Client, client_of: Visit, ana: User) -> None:
    elsewhere = client_of(ana)
    assert change(hers, PASSWORD) == 302
    assert hers.get("/main/").status_code == 200
    assert elsewhere.get("/main/").status_code == 302
    assert queries.history_of(ana)[0].kind == "password"


def test_who_has_no_password_here_is_told_so(client_of: Visit, ana: User) -> None:
    ana.set_unusable_password()
    ana.save()
    client = client_of(ana)
    assert client.get("/accounts/password/")["Location"] == "/account/"
    assert "through your company" in page(client)


def test_she_ends_her_other_sessions(hers: Client, client_of: Visit, ana: User) -> None:
    elsewhere = client_of(ana)
    assert "Sign out everywhere else" in page(hers)
    hers.post("/account/sessions/end/")
    assert elsewhere.get("/main/").status_code == 302
    assert "Sign out everywhere else" not in page(hers)


def test_sessions_of_others_are_not_hers_to_end(
    hers: Client, client_of: Visit, milan: User
) -> None:
    his = client_of(milan)
    hers.post("/account/sessions/end/")
    assert his.get("/main/").status_code == 200


def test_a_token_is_shown_once(hers: Client, ana: User) -> None:
    sent = {"name": "till", "scopes": ["read", "plan"], "days": 30}
    answer = hers.post("/account/tokens/", sent)
    raw = re.search(r"offtake_\w{12}_[\w-]+", answer.content.decode())
    assert raw is not None
    assert "no-store" in answer["Cache-Control"]
    found = queries.token_owner(raw[0])
    assert found is not None
    assert (found[0], "plan.edit" in found[1]) == (ana, True)
    text = page(hers)
    assert "till" in text
    assert raw[0] not in text


def test_only_her_own_scopes_are_offered(hers: Client) -> None:
    assert 'value="people"' not in page(hers)
    answer = hers.post("/account/tokens/", {"name": "till", "scopes": ["people"], "days": 30})
    assert "Select a valid choice" in answer.content.decode()
    assert Token.objects.count() == 0


def test_a_token_needs_a_fresh_proof(client_of: Visit, ana: User) -> None:
    sent = {"name": "till", "scopes": ["read"], "days": 30}
    asked = client_of(ana).post("/account/tokens/", sent)
    assert asked["Location"].startswith("/accounts/again/")
    assert Token.objects.count() == 0


def test_she_revokes_her_token_and_not_his(hers: Client, ana: User, milan: User) -> None:
    mine, raw = actions.make_token("till", ["read"], by=ana)
    his, other = actions.make_token("till", ["read"], by=milan)
    assert hers.post(f"/account/tokens/{mine.pk}/revoke/").status_code == 302
    assert hers.post(f"/account/tokens/{his.pk}/revoke/").status_code == 404
    assert queries.token_owner(raw) is None
    assert queries.token_owner(other) is not None


def test_she_switches_the_second_factor_on_and_off(hers: Client, ana: User) -> None:
    text = page(hers, "/accounts/second-factor/on/")
    secret = text.split('<code class="secret">')[1].split("<")[0]
    assert "data:image/svg+xml" in text
    wrong = hers.post("/accounts/second-factor/on/", {"code": "000000"})
    assert "Incorrect code" in wrong.content.decode()
    hers.post("/accounts/second-factor/on/", {"code": code_now(secret)})
    assert queries.has_second_factor(ana)
    codes = page(hers, "/accounts/recovery-codes/")
    assert codes.count("<li><code>") == 10
    file = hers.get("/accounts/recovery-codes/file/")
    assert len(file.content.decode().split()) == 10
    hers.post("/accounts/recovery-codes/new/")
    assert page(hers, "/accounts/recovery-codes/") != codes
    hers.post("/accounts/second-factor/off/")
    assert not queries.has_second_factor(ana)
    assert hers.get("/accounts/recovery-codes/").status_code == 404


def test_switching_it_off_needs_a_fresh_proof(client_of: Visit, ana: User) -> None:
    TOTP.activate(ana, SECRET)
    client = client_of(ana)
    for address in ("second-factor/off/", "recovery-codes/new/"):
        asked = client.post(f"/accounts/{address}")["Location"]
        assert asked.startswith("/accounts/second-factor/again/")
    assert queries.has_second_factor(ana)
    again = client.get("/accounts/second-factor/again/?next=/account/")
    assert "Is it you?" in again.content.decode()
    sent = {"code": code_now(), "next": "/account/"}
    assert client.post("/accounts/second-factor/again/", sent)["Location"] == "/account/"
    client.post("/accounts/second-factor/off/")
    assert not queries.has_second_factor(ana)


def test_with_a_second_factor_the_password_is_no_proof(client_of: Visit, ana: User) -> None:
    TOTP.activate(ana, SECRET)
    client = client_of(ana)
    answer = client.post("/accounts/again/", {"password": PASSWORD})
    assert answer["Location"] == "/accounts/second-factor/again/"
    assert client.post("/accounts/second-factor/off/")["Location"].startswith(
        "/accounts/second-factor/again/"
    )
    assert queries.has_second_factor(ana)


def test_who_signs_in_through_the_company_does_it_again(client_of: Visit, ana: User) -> None:
    ana.set_unusable_password()
    ana.save()
    client = client_of(ana)
    sent = {"name": "till", "scopes": ["read"], "days": 30}
    assert client.post("/account/tokens/", sent)["Location"] == "/account/"
    assert "needs a fresh sign-in" in page(client)
    assert Token.objects.count() == 0


def test_the_question_does_not_lead_elsewhere(hers: Client) -> None:
    sent = {"password": PASSWORD, "next": "https://elsewhere.example"}
    assert hers.post("/accounts/again/", sent)["Location"] == "/"

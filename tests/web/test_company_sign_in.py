"""The company's own sign-in, played against an issuer that lives in this process."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings
from requests.adapters import HTTPAdapter

from offtake_web.accounts import actions, queries
from offtake_web.accounts.actions import Details
from offtake_web.accounts.models import Role, User
from offtake_web.config.oidc import Issuer, providers
from tests.web.test_sign_in import SECRET, code_now

URL = "https://login.alder.example/realm"
START = "/accounts/company/company/"
BACK = "/accounts/company/company/back/"


class Company:
    """An issuer: what it says of the person, and what it was asked."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {
            "sub": "17",
            "email": "Eva@Alder.example",
            "email_verified": True,
            "preferred_username": "eva",
            "given_name": "Eva",
            "family_name": "Ević",
        }
        self.token: dict[str, Any] = {"iss": URL, "aud": "offtake", "exp": time.time() + 60}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []

    def answer(self, path: str) -> dict[str, Any]:
        if path.endswith("/.well-known/openid-configuration"):
            return {
                "issuer": URL,
                "authorization_endpoint": f"{URL}/authorize",
                "token_endpoint": f"{URL}/token",
                "userinfo_endpoint": f"{URL}/userinfo",
                "jwks_uri": f"{URL}/keys",
            }
        if path.endswith("/token"):
            claims = {**self.token, **self.claims}
            identity = jwt.encode(claims, "k" * 32, algorithm="HS256")
            return {"access_token": "a", "token_type": "Bearer", "id_token": identity}
        return self.claims

    def send(self, request: requests.PreparedRequest, **more: object) -> requests.Response:
        parts = urlsplit(str(request.url))
        assert f"{parts.scheme}://{parts.netloc}" == "https://login.alder.example"
        self.asked.append((parts.path, parse_qs(str(request.body or ""))))
        response = requests.Response()
        response.status_code = 200
        response.headers["Content-Type"] = "application/json"
        response._content = json.dumps(self.answer(parts.path)).encode()
        return response


@pytest.fixture
def company(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Company:
    issuer = Issuer(url=URL, client="offtake", secret="hush", name="Alder")
    settings.SOCIALACCOUNT_PROVIDERS = providers(issuer)
    made = Company()
    monkeypatch.setattr(HTTPAdapter, "send", made.send)
    return made


@pytest.fixture
def eva(dragan: User) -> User:
    details = Details(username="eva.evic", email="eva@alder.example", role=Role.ANALYST)
    return actions.make_person(details, by=dragan)[0]


def come(client: Client, wanted: str = "") -> HttpResponse:
    """Go to the company and come back with its code."""
    query = {"process": "login", **({"next": wanted} if wanted else {})}
    sent = client.get(START, query)
    asked = parse_qs(urlsplit(sent["Location"]).query)
    return client.get(BACK, {"code": "c", "state": asked["state"][0]})


def test_the_page_offers_it(client: Client, company: Company, db: None) -> None:
    page = client.get("/accounts/login/?next=/main/").content.decode()
    assert "Sign in with Alder" in page
    assert f'href="{START}?process=login&amp;next=%2Fmain%2F"' in page


def test_without_it_there_is_no_such_door(client: Client, db: None) -> None:
    assert "Sign in with" not in client.get("/accounts/login/").content.decode()
    assert client.get(START).status_code == 404
    assert client.get(BACK).status_code == 404


def test_the_company_is_asked_properly(client: Client, company: Company, db: None) -> None:
    sent = client.get(START, {"process": "login"})
    address = urlsplit(sent["Location"])
    asked = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{URL}/authorize"
    assert asked["client_id"] == ["offtake"]
    assert asked["redirect_uri"] == [f"http://testserver{BACK}"]
    assert asked["code_challenge_method"] == ["S256"]
    assert set(asked["scope"][0].split()) == {"openid", "email", "profile"}


def test_a_person_is_known_by_the_verified_address(
    client: Client, company: Company, eva: User
) -> None:
    assert come(client, "/main/")["Location"] == "/main/"
    assert client.get("/main/").status_code == 200
    assert client.session["_auth_user_id"] == str(eva.pk)
    eva.refresh_from_db()
    assert eva.role == Role.ANALYST
    token_call = next(body for path, body in company.asked if path.endswith("/token"))
    assert token_call["code_verifier"]


def test_later_a_person_is_known_by_the_company_s_own_number(
    client: Client, company: Company, eva: User
) -> None:
    come(client)
    company.claims["email"] = "married@alder.example"
    again = Client()
    come(again)
    assert again.session["_auth_user_id"] == str(eva.pk)


@pytest.mark.parametrize("verified", [False, None, "no"])
def test_an_address_that_is_not_verified_opens_nothing(
    client: Client, company: Company, eva: User, verified: object
) -> None:
    company.claims["email_verified"] = verified
    assert "No account here" in come(client).content.decode()
    assert client.get("/main/").status_code == 302


def test_a_stranger_gets_no_account(client: Client, company: Company, db: None) -> None:
    assert "No account here" in come(client).content.decode()
    assert User.objects.count() == 0


def test_a_stranger_gets_the_named_role_where_the_company_may_make_accounts(
    client: Client, company: Company, settings: Settings, db: None
) -> None:
    settings.OFFTAKE_OIDC_ROLE = "viewer"
    assert come(client)["Location"] == "/"
    made = User.objects.get()
    assert (made.username, made.role, made.email) == ("eva", "viewer", "eva@alder.example")
    assert str(made) == "Eva Ević"
    assert not made.has_usable_password()
    assert queries.history_of(made)[0].kind == "company"
    company.claims |= {"sub": "18", "email": "other@alder.example"}
    come(Client())
    assert User.objects.filter(email="other@alder.example").get().username != "eva"


def test_nobody_unverified_gets_one_even_then(
    client: Client, company: Company, settings: Settings, db: None
) -> None:
    settings.OFFTAKE_OIDC_ROLE = "viewer"
    company.claims["email_verified"] = False
    assert "No account here" in come(client).content.decode()
    assert User.objects.count() == 0


def test_a_closed_account_stays_closed(
    client: Client, company: Company, settings: Settings, eva: User, dragan: User
) -> None:
    settings.OFFTAKE_OIDC_ROLE = "viewer"
    actions.close_account(eva, by=dragan)
    assert come(client)["Location"] == "/accounts/closed/"
    assert client.get("/main/").status_code == 302
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    "wrong", [{"iss": "https://elsewhere.example"}, {"aud": "another"}, {"exp": 1}]
)
def test_a_token_of_another_issuer_or_for_another_or_old_is_refused(
    client: Client, company: Company, eva: User, wrong: dict[str, object]
) -> None:
    company.token |= wrong
    answer = come(client)
    assert "did not work" in answer.content.decode()
    assert client.get("/main/").status_code == 302


def test_an_answer_that_was_not_asked_for_is_refused(
    client: Client, company: Company, eva: User
) -> None:
    client.get(START, {"process": "login"})
    answer = client.get(BACK, {"code": "c", "state": "made-up"})
    assert "did not work" in answer.content.decode()
    other = Client().get(START, {"process": "login"})
    state = parse_qs(urlsplit(other["Location"]).query)["state"][0]
    assert client.get(BACK, {"code": "c", "state": state}).status_code != 302
    assert client.get("/main/").status_code == 302


@pytest.mark.parametrize("process", ["connect", "redirect", "x"])
def test_it_is_for_signing_in_alone(signed_in: Client, company: Company, process: str) -> None:
    assert signed_in.get(START, {"process": process}).status_code == 404


def test_who_turns_back_is_told_so(client: Client, company: Company, db: None) -> None:
    sent = client.get(START, {"process": "login"})
    state = parse_qs(urlsplit(sent["Location"]).query)["state"][0]
    answer = client.get(BACK, {"error": "access_denied", "state": state}, follow=True)
    assert "You did not sign in." in answer.content.decode()


def test_it_leads_nowhere_else(client: Client, company: Company, eva: User) -> None:
    assert come(client, "https://elsewhere.example")["Location"] == "/"


def test_the_second_factor_of_the_account_holds_here_too(
    client: Client, company: Company, eva: User
) -> None:
    TOTP.activate(eva, SECRET)
    assert come(client)["Location"] == "/accounts/second-factor/code/"
    assert client.get("/main/").status_code == 302
    client.post("/accounts/second-factor/code/", {"code": code_now()})
    assert client.get("/main/").status_code == 200


def test_a_demanded_one_is_the_company_s_business(
    client: Client, company: Company, eva: User, dragan: User
) -> None:
    actions.demand_second_factor([Role.ANALYST], version=1, by=dragan)
    come(client)
    assert client.get("/main/").status_code == 200


def test_coming_again_as_another_changes_who_one_is(
    company: Company, eva: User, signed_in: Client
) -> None:
    come(signed_in)
    assert signed_in.session["_auth_user_id"] == str(eva.pk)

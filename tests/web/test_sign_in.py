"""Signing in: throttled, with a second factor, and telling strangers nothing."""

from __future__ import annotations

import hashlib
import hmac
import struct
import time
from base64 import b32decode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries, Settings

from offtake_web.accounts import actions
from offtake_web.accounts.models import Role, Session, User
from offtake_web.accounts.sessions import browser_words
from tests.web.conftest import PASSWORD, Visit

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sign_in(
    client: Client, name: str = "ana", password: str = PASSWORD, **more: str
) -> HttpResponse:
    return client.post("/accounts/login/", {"login": name, "password": password, **more})


def code_now(secret: str = SECRET) -> str:
    """The code of an authenticator app, worked out here by RFC 6238."""
    mac = hmac.new(b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1)
    digest = mac.digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@pytest.fixture
def protected(ana: User) -> User:
    """Ana, with an authenticator app."""
    TOTP.activate(ana, SECRET)
    return ana


def test_by_email_in_any_case(client: Client, db: None) -> None:
    User.objects.create_user("eva", "Eva@Alder.example", PASSWORD)
    assert sign_in(client, "eVA@alder.Example")["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_look_the_same(client: Client, ana: User) -> None:
    def answer(name: str, password: str) -> tuple[int, str]:
        response = sign_in(Client(), name, password)
        text = response.content.decode()
        return response.status_code, text[text.index("errorlist") :].split("</ul>")[0]

    assert answer("ana", "wrong") == answer("nobody", "wrong")
    assert "not correct" in answer("ana", "wrong")[1]


def test_a_closed_account_is_told_only_to_who_knows_its_password(
    client: Client, ana: User, dragan: User
) -> None:
    actions.close_account(ana, by=dragan)
    assert sign_in(client)["Location"] == "/accounts/closed/"
    assert "The account is closed" in client.get("/accounts/closed/").content.decode()
    assert sign_in(client, password="wrong").status_code == 200


@pytest.fixture(params=["this process", "all processes"])
def counted(request: pytest.FixtureRequest, settings: Settings) -> None:
    """Count in memory, and in the table that all processes share."""
    if request.param == "all processes":
        settings.CACHES = django_settings.SHARED_CACHES


@pytest.mark.usefixtures("counted")
def test_five_wrong_passwords_and_the_right_one_is_refused(
    client: Client, ana: User, milan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        assert "not correct" in sign_in(client, password="wrong").content.decode()
    assert "Too many failed" in sign_in(client).content.decode()
    assert sign_in(Client(), "milan").status_code == 302  # nobody else is kept out
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    assert sign_in(client).status_code == 302


def test_the_count_is_in_the_database(client: Client, ana: User, settings: Settings) -> None:
    settings.CACHES = django_settings.SHARED_CACHES
    sign_in(client, password="wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        assert cursor.fetchone()[0] >= 2  # by address and by name
    cache.clear()


def test_one_address_cannot_try_many_names(client: Client, db: None) -> None:
    for number in range(10):
        sign_in(client, f"nobody{number}", "wrong")
    assert "Too many failed" in sign_in(client, "another", "wrong").content.decode()


def test_behind_a_proxy_the_person_is_counted_and_not_the_proxy(client: Client, ana: User) -> None:
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        for number in range(10):
            client.post(
                "/accounts/login/",
                {"login": f"nobody{number}", "password": "wrong"},
                headers={"x-forwarded-for": "203.0.113.7"},
            )
        answer = client.post(
            "/accounts/login/",
            {"login": "ana", "password": PASSWORD},
            headers={"x-forwarded-for": "203.0.113.8"},
        )
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "wanted",
    ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"],
)
def test_nobody_is_sent_elsewhere(client: Client, ana: User, wanted: str) -> None:
    assert sign_in(client, next=wanted)["Location"] == "/"


def test_the_session_of_before_is_not_the_session_of_after(client: Client, ana: User) -> None:
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "x" * 32
    sign_in(client)
    assert client.session.session_key != "x" * 32
    assert client.session.session_key


def test_a_session_knows_whose_it_is(client: Client, ana: User) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
    client.post(
        "/accounts/login/",
        {"login": "ana", "password": PASSWORD},
        headers={"user-agent": agent},
    )
    session = Session.objects.get(user=ana)
    assert (session.browser, session.started is not None) == ("Firefox, Windows", True)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18 Safari/604",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140", "Edge, Windows"),
        ("curl/8", ""),
    ],
)
def test_browsers_are_named(agent: str, words: str) -> None:
    assert browser_words(agent) == words


def test_signing_in_writes_no_history(client: Client, ana: User) -> None:
    before = ana.history.count()
    sign_in(client)
    assert ana.history.count() == before
    ana.refresh_from_db()
    assert ana.last_login is not None


def test_her_language_comes_with_her(client: Client, ana: User) -> None:
    actions.change_own_details(by=ana, first_name="Ana", last_name="", language="sr-latn")
    sign_in(client)
    assert "Zajednička slika" in client.get("/main/").content.decode()


def test_a_password_is_not_enough_where_there_is_a_second_factor(
    client: Client, protected: User
) -> None:
    assert sign_in(client)["Location"] == "/accounts/second-factor/code/"
    assert client.get("/main/").status_code == 302
    assert client.get("/account/").status_code == 302
    wrong = client.post("/accounts/second-factor/code/", {"code": "000000"})
    assert "Incorrect code" in wrong.content.decode()
    assert client.get("/main/").status_code == 302
    right = client.post("/accounts/second-factor/code/", {"code": code_now()})
    assert right["Location"] == "/"
    assert client.get("/main/").status_code == 200


def test_a_recovery_code_lets_in_once(client: Client, protected: User) -> None:
    code = RecoveryCodes.activate(protected).get_unused_codes()[0]
    sign_in(client)
    assert client.post("/accounts/second-factor/code/", {"code": code})["Location"] == "/"
    again = Client()
    sign_in(again)
    assert again.post("/accounts/second-factor/code/", {"code": code}).status_code == 200


def test_codes_are_throttled_too(client: Client, protected: User) -> None:
    sign_in(client)
    for _ in range(6):
        answer = client.post("/accounts/second-factor/code/", {"code": "000000"})
    assert "Too many failed" in answer.content.decode()
    assert client.post("/accounts/second-factor/code/", {"code": code_now()}).status_code == 200


def test_the_page_of_the_code_needs_the_password_first(client: Client, protected: User) -> None:
    assert client.get("/accounts/second-factor/code/")["Location"] == "/accounts/login/"


def test_the_secret_is_kept_encrypted(protected: User) -> None:
    kept = Authenticator.objects.get(user=protected, type="totp")
    assert SECRET not in str(kept.data)


def demand_of(role: str, dragan: User) -> None:
    actions.demand_second_factor([role], version=1, by=dragan)


def test_where_it_is_demanded_the_next_sign_in_sets_it_up(
    client: Client, ana: User, dragan: User
) -> None:
    demand_of(Role.MARKETING, dragan)
    sign_in(client)
    for page in ("/main/", "/account/", "/"):
        assert client.get(page)["Location"] == "/accounts/second-factor/on/"
    page = client.get("/accounts/second-factor/on/").content.decode()
    secret = page.split('<code class="secret">')[1].split("<")[0]
    done = client.post("/accounts/second-factor/on/", {"code": code_now(secret)})
    assert done["Location"] == "/accounts/recovery-codes/"
    assert client.get("/accounts/recovery-codes/").content.decode().count("<li><code>") == 10
    assert client.get("/main/").status_code == 200


def test_nobody_else_is_asked(client: Client, milan: User, dragan: User) -> None:
    demand_of(Role.MARKETING, dragan)
    sign_in(client, "milan")
    assert client.get("/main/").status_code == 200


def test_a_demand_signs_out_whoever_lacks_it(
    client_of: Visit, ana: User, milan: User, dragan: User
) -> None:
    hers, his = client_of(ana), client_of(milan)
    demand_of(Role.MARKETING, dragan)
    assert hers.get("/main/").status_code == 302
    assert his.get("/main/").status_code == 200


def test_who_owes_a_second_factor_can_leave(client: Client, ana: User, dragan: User) -> None:
    demand_of(Role.MARKETING, dragan)
    sign_in(client)
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_the_site_administration_has_the_same_door(client: Client, db: None) -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    sent = {"username": "root", "password": PASSWORD}
    answer = client.post("/admin/login/", sent)
    assert answer["Location"].startswith("/accounts/login/")
    assert client.get("/admin/").status_code == 302


def test_signing_up_has_no_address(client: Client, db: None) -> None:
    for page in ("signup/", "password/reset/", "email/", "social/signup/", "3rdparty/signup/"):
        assert client.get(f"/accounts/{page}").status_code == 404
    assert User.objects.count() == 0


def test_the_page_asks_the_database_nothing(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        client.get("/accounts/login/")


def test_a_page_costs_two_queries_as_before(
    client: Client, ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client)
    with django_assert_num_queries(2):
        client.get("/main/glossary/")

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from offtake_web.config.environment import DEVELOPMENT_KEY, read
from tests.web.conftest import Manage


def test_a_complete_production_is_accepted(production: dict[str, str]) -> None:
    environment = read(production)
    assert environment.production
    assert not environment.debug
    assert environment.allowed_hosts == ("offtake.example.com",)


def test_production_is_what_an_empty_environment_means() -> None:
    with pytest.raises(ImproperlyConfigured, match="OFFTAKE_WEB_SECRET_KEY is not set"):
        read({})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OFFTAKE_WEB_MODE", "staging", "'staging'; allowed: production, development"),
        ("OFFTAKE_WEB_DEBUG", "1", "OFFTAKE_WEB_DEBUG=1 would show"),
        ("OFFTAKE_WEB_DEBUG", "yes", "'yes'; allowed: 0, 1"),
        ("OFFTAKE_WEB_SECRET_KEY", "", "is not set"),
        ("OFFTAKE_WEB_SECRET_KEY", "short", "got 5 characters"),
        ("OFFTAKE_WEB_SECRET_KEY", "ab" * 50, "2 of them different"),
        ("OFFTAKE_WEB_SECRET_KEY", DEVELOPMENT_KEY, "the development key is refused"),
        ("OFFTAKE_WEB_ALLOWED_HOSTS", "", "needs the host names"),
        ("OFFTAKE_WEB_ALLOWED_HOSTS", " , ", "needs the host names"),
        ("OFFTAKE_WEB_ALLOWED_HOSTS", "offtake.example.com,*", r"'\*' is refused"),
        ("OFFTAKE_WEB_BEHIND_PROXY", "maybe", "'maybe'; allowed: 0, 1"),
    ],
)
def test_an_insecure_production_is_refused(
    production: dict[str, str], name: str, value: str, message: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=message) as refusal:
        read(production | {name: value})
    assert name in str(refusal.value)


def test_a_refusal_does_not_repeat_the_secret(production: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(production | {"OFFTAKE_WEB_SECRET_KEY": "hush-hush"})
    assert "hush-hush" not in str(refusal.value)


def test_development_needs_nothing() -> None:
    environment = read({"OFFTAKE_WEB_MODE": "development"})
    assert environment.debug
    assert environment.secret_key
    assert "127.0.0.1" in environment.allowed_hosts


def test_the_program_refuses_in_one_line(manage: Manage, production: dict[str, str]) -> None:
    done = manage(production | {"OFFTAKE_WEB_SECRET_KEY": ""}, "check")
    assert done.returncode == 2
    assert done.stderr.startswith("offtake_web: OFFTAKE_WEB_SECRET_KEY is not set")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_production_passes_the_deployment_check_and_answers(
    manage: Manage, production: dict[str, str], tmp_path: Path
) -> None:
    checked = manage(production, "check", "--deploy", "--fail-level", "INFO")
    assert checked.returncode == 0, checked.stderr
    assert manage(production, "migrate", "--verbosity", "0").returncode == 0
    assert manage(production, "collectstatic", "--no-input", "--verbosity", "0").returncode == 0
    asked = manage(production, "shell", "--verbosity", "0", "--command", ASK)
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.splitlines() == ANSWERS
    assert list((tmp_path / "static" / "common").glob("site.*.css.gz"))


ASK = """
from django.test import Client
from django.conf import settings
host = settings.ALLOWED_HOSTS[0]
secure = Client(SERVER_NAME=host)
login = secure.get("/accounts/login/", secure=True)
print(login.status_code, "max-age" in login["Strict-Transport-Security"])
print(login.cookies["csrftoken"]["secure"], login.cookies["csrftoken"]["samesite"])
print(secure.get("/accounts/login/").headers["Location"])
print(secure.get("/healthz").status_code)
print(Client(SERVER_NAME="elsewhere.example").get("/healthz").status_code)
"""
ANSWERS = [
    "200 True",
    "True Lax",
    "https://offtake.example.com/accounts/login/",
    "200",
    "400",
]


COMPANY = {
    "OFFTAKE_WEB_OIDC_ISSUER": "https://login.alder.example/realm/",
    "OFFTAKE_WEB_OIDC_CLIENT": "offtake",
    "OFFTAKE_WEB_OIDC_SECRET": "hush-hush",
}


def test_the_company_s_sign_in_is_read(production: dict[str, str]) -> None:
    issuer = read(production | COMPANY).issuer
    assert issuer is not None
    assert (issuer.url, issuer.name) == ("https://login.alder.example/realm", "login.alder.example")
    named = read(production | COMPANY | {"OFFTAKE_WEB_OIDC_NAME": "Alder"}).issuer
    assert named is not None
    assert named.name == "Alder"
    assert read(production).issuer is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ISSUER", "http://login.alder.example", "needed: https"),
        ("ISSUER", "http://127.0.0.1:9000", "needed: https"),
        ("ISSUER", "login.alder.example", "needed: https"),
        ("ISSUER", "https://a:b@login.alder.example", "needed: https"),
        ("ISSUER", "https://login.alder.example/?x=1", "needed: https"),
        ("ISSUER", "", "OFFTAKE_WEB_OIDC_ISSUER not set"),
        ("CLIENT", "", "OFFTAKE_WEB_OIDC_CLIENT not set"),
        ("SECRET", "", "OFFTAKE_WEB_OIDC_SECRET not set"),
        ("ROLE", "administrator", "'administrator'; allowed: marketing"),
        ("ROLE", "king", "'king'; allowed: marketing"),
    ],
)
def test_half_a_company_is_refused(
    production: dict[str, str], name: str, value: str, message: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=message) as refusal:
        read(production | COMPANY | {f"OFFTAKE_WEB_OIDC_{name}": value})
    assert "hush-hush" not in str(refusal.value)


def test_a_name_without_an_issuer_is_refused(production: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="OFFTAKE_WEB_OIDC_ISSUER"):
        read(production | {"OFFTAKE_WEB_OIDC_NAME": "Alder"})


def test_plain_http_is_for_this_machine_in_development() -> None:
    given = COMPANY | {"OFFTAKE_WEB_OIDC_ISSUER": "http://127.0.0.1:9000"}
    assert read({"OFFTAKE_WEB_MODE": "development"} | given).issuer is not None

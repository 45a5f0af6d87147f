from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from offtake_web.accounts.models import User

PASSWORD = "seven-tall-shelves"
OPEN = {"health", "login", "set_language"}


def our_views() -> list[str]:
    """Name every view of ours: Django's own administration guards itself."""

    def names(patterns: list[URLPattern | URLResolver]) -> list[str]:
        found: list[str] = []
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                found.append(str(pattern.name))
            elif pattern.namespace != "admin":
                found += names(pattern.url_patterns)
        return found

    return names(get_resolver().url_patterns)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(set(our_views()) - OPEN))
def test_a_stranger_gets_no_page(client: Client, name: str) -> None:
    address = reverse(name)
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.django_db
def test_a_stranger_gets_no_administration(client: Client) -> None:
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_ana_signs_in(client: Client, ana: User) -> None:
    response = client.post("/accounts/login/", {"username": "ana", "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.get("/").status_code == 200


def test_ana_returns_to_where_she_was_going(client: Client, ana: User) -> None:
    sent = {"username": "ana", "password": PASSWORD, "next": "/?week=12"}
    assert client.post("/accounts/login/", sent)["Location"] == "/?week=12"


def test_ana_is_not_sent_elsewhere(client: Client, ana: User) -> None:
    sent = {"username": "ana", "password": PASSWORD, "next": "https://elsewhere.example"}
    assert client.post("/accounts/login/", sent)["Location"] == "/"


def test_a_wrong_password(client: Client, ana: User) -> None:
    response = client.post("/accounts/login/", {"username": "ana", "password": "a-low-shelf"})
    assert response.status_code == 200
    assert "Please enter a correct username and password" in response.content.decode()
    assert client.get("/").status_code == 302


def test_ana_signs_out(signed_in: Client) -> None:
    assert signed_in.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert signed_in.get("/").status_code == 302


def test_a_link_cannot_sign_ana_out(signed_in: Client) -> None:
    assert signed_in.get("/accounts/logout/").status_code == 405
    assert signed_in.get("/").status_code == 200


def test_an_administrator_sees_people(admin_client: Client, ana: User) -> None:
    response = admin_client.get("/admin/accounts/user/")
    assert response.status_code == 200
    assert "ana" in response.content.decode()

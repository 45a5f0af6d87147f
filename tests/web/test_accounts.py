from __future__ import annotations

import pytest
from django.test import Client

from offtake_web.accounts.models import User

PASSWORD = "seven-tall-shelves"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/main/"])
def test_a_stranger_gets_no_page(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.django_db
def test_a_stranger_gets_no_administration(client: Client) -> None:
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_ana_signs_in(client: Client, ana: User) -> None:
    response = client.post("/accounts/login/", {"login": "ana", "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert client.get("/main/").status_code == 200


def test_ana_returns_to_where_she_was_going(client: Client, ana: User) -> None:
    sent = {"login": "ana", "password": PASSWORD, "next": "/?week=12"}
    assert client.post("/accounts/login/", sent)["Location"] == "/?week=12"


def test_ana_is_not_sent_elsewhere(client: Client, ana: User) -> None:
    sent = {"login": "ana", "password": PASSWORD, "next": "https://elsewhere.example"}
    assert client.post("/accounts/login/", sent)["Location"] == "/"


def test_a_wrong_password(client: Client, ana: User) -> None:
    response = client.post("/accounts/login/", {"login": "ana", "password": "a-low-shelf"})
    assert response.status_code == 200
    assert "are not correct" in response.content.decode()
    assert client.get("/").status_code == 302


def test_ana_signs_out(signed_in: Client) -> None:
    assert signed_in.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert signed_in.get("/").status_code == 302


def test_a_link_cannot_sign_ana_out(signed_in: Client) -> None:
    assert signed_in.get("/accounts/logout/").status_code == 405
    assert signed_in.get("/main/").status_code == 200


def test_an_administrator_sees_people(admin_client: Client, ana: User) -> None:
    response = admin_client.get("/admin/accounts/user/")
    assert response.status_code == 200
    assert "ana" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers", [{"HX-Request": "true"}, {"Accept": "application/json"}], ids=["htmx", "json"]
)
def test_a_script_is_told_that_the_session_has_ended(
    client: Client, headers: dict[str, str]
) -> None:
    for ask in (client.get, client.post):
        response = ask("/main/plan/1/days/", headers=headers)
        assert response.status_code == 401
        assert response.content == b""


@pytest.mark.django_db
def test_a_page_that_is_open_to_all_is_open_to_scripts(client: Client) -> None:
    response = client.get("/accounts/login/", headers={"HX-Request": "true"})
    assert response.status_code == 200

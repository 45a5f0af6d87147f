"""The page that describes the API, and the description for programs."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from offtake_web.accounts.models import User
from offtake_web.api.endpoints.service import endpoints
from offtake_web.api.frame.problems import KINDS
from offtake_web.api.templatetags.api import coded
from tests.web.api_cast import ROOT, caller
from tests.web.conftest import Visit


def test_the_page_shows_every_endpoint_and_every_problem(signed_in: Client) -> None:
    text = signed_in.get(f"{ROOT}/docs").content.decode()
    for endpoint in endpoints():
        assert f'id="{endpoint.name}"' in text
    for name in KINDS:
        assert f'id="{name}"' in text, "the address of a problem document leads here"


def test_the_page_is_in_the_readers_language(signed_in: Client) -> None:
    signed_in.cookies["django_language"] = "sr-latn"
    text = signed_in.get(f"{ROOT}/docs").content.decode()
    assert "Primer odgovora" in text
    assert "Niste prijavljeni" in text


def test_the_page_is_for_everybody_who_is_signed_in(
    cast: dict[str, User], client_of: Visit
) -> None:
    for user in cast.values():
        assert client_of(user).get(f"{ROOT}/docs").status_code == 200
    assert client_of(None).get(f"{ROOT}/docs").status_code == 302
    assert client_of(cast["viewer"]).get("/api/").headers["Location"] == f"{ROOT}/docs"


def test_the_page_asks_the_database_twice(
    signed_in: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    signed_in.get(f"{ROOT}/docs")
    with django_assert_num_queries(2):  # the session and the user
        signed_in.get(f"{ROOT}/docs")


def test_a_token_of_any_scope_reads_the_description(ana: User) -> None:
    response = caller(ana, "plan").get("/openapi.json")
    assert json.loads(response.content)["openapi"] == "3.1.0"
    again = caller(ana, "plan").get("/openapi.json", If_None_Match=response["ETag"])
    assert again.status_code == 304


@pytest.mark.django_db
def test_a_stranger_does_not_read_the_description() -> None:
    response = caller(None).get("/openapi.json")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"


def test_code_is_marked_and_nothing_else_gets_through() -> None:
    assert coded("a `<b>` & c") == "a <code>&lt;b&gt;</code> &amp; c"

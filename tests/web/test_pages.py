"""What every page has: a strict policy, a way past the header, and two languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

PAGES = ["/main/", "/accounts/login/", "/nowhere"]


def policy(header: str) -> dict[str, list[str]]:
    parts = [directive.split() for directive in header.split(";")]
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize("page", PAGES)
def test_nothing_comes_from_elsewhere(signed_in: Client, page: str) -> None:
    header = policy(signed_in.get(page)["Content-Security-Policy"])
    assert header["default-src"] == ["'none'"]
    assert header["script-src"] == header["style-src"] == ["'self'"]
    assert header["frame-ancestors"] == header["base-uri"] == ["'none'"]
    assert "unsafe" not in str(header)


@pytest.mark.django_db
def test_the_page_obeys_its_own_policy(client: Client) -> None:
    text = client.get("/accounts/login/").content.decode()
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert "<style" not in text
    assert " style=" not in text


@pytest.mark.django_db
def test_a_page_can_be_used_without_a_mouse_and_on_a_phone(client: Client) -> None:
    text = client.get("/accounts/login/").content.decode()
    assert '<html lang="en" dir="ltr">' in text
    assert '<a class="skip" href="#main">' in text
    assert '<main id="main" tabindex="-1">' in text
    assert 'content="width=device-width, initial-scale=1"' in text
    assert '<label for="id_login">' in text


def test_a_page_that_is_not_there(signed_in: Client) -> None:
    response = signed_in.get("/nowhere")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_the_style_sheet_follows_the_reader() -> None:
    found = finders.find("common/site.css")
    assert isinstance(found, str)
    css = Path(found).read_text(encoding="utf-8")
    assert "color-scheme: light dark" in css
    assert "://" not in css


@pytest.mark.django_db
@pytest.mark.parametrize("accepted", ["sr", "sr-Latn", "sr-RS", "sr-Latn-RS"])
def test_serbian_by_the_browsers_wish(client: Client, accepted: str) -> None:
    response = client.get("/accounts/login/", headers={"accept-language": accepted})
    text = response.content.decode()
    assert '<html lang="sr-latn" dir="ltr">' in text
    assert "Prijava" in text
    assert "Korisničko ime" in text  # Django's own words are translated too


def test_serbian_by_choice(signed_in: Client) -> None:
    response = signed_in.post("/language/", {"language": "sr-latn", "next": "/"})
    assert response.status_code == 302
    text = signed_in.get("/main/").content.decode()
    assert "Još ništa nije objavljeno" in text


@pytest.mark.django_db
def test_an_unknown_language_falls_back_to_english(client: Client) -> None:
    response = client.get("/accounts/login/", headers={"accept-language": "xx"})
    assert "Sign in" in response.content.decode()

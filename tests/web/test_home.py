from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from offtake.report.manifest import EXAMPLE, to_json
from offtake_web.accounts.models import User
from tests.web.conftest import Visit


def manifest_of(name: str, **more: object) -> str:
    return to_json(replace(EXAMPLE, run_id=name, **more))  # type: ignore[arg-type]  # its fields


def publish(runs: Path, name: str, manifest: str) -> None:
    folder = runs / name
    folder.mkdir()
    (folder / "manifest.json").write_text(manifest, encoding="utf-8")
    (runs / "published").write_text(f"{name}\n", encoding="utf-8")


def page(client: Client) -> str:
    response = client.get("/main/")
    assert response.status_code == 200
    return response.content.decode()


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    response = client.get("/main/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/main/"


def test_nothing_published(signed_in: Client) -> None:
    assert "Nothing is published yet" in page(signed_in)


def test_who_may_load_is_led_there_and_others_are_told_who_does(
    signed_in: Client, client_of: Visit, vesna: User
) -> None:
    assert "Analysts and administrators do that." in page(signed_in)
    text = page(client_of(vesna))
    for address in ("/main/loads/new/", "/main/runs/refresh/"):
        assert f'href="{address}"' in text
    assert "Analysts and administrators do that." not in text


def test_no_folder_of_runs(signed_in: Client, runs: Path) -> None:
    runs.rmdir()
    assert "Nothing is published yet" in page(signed_in)


def test_a_published_run(signed_in: Client, runs: Path) -> None:
    publish(runs, "2017-w52-a1", manifest_of("2017-w52-a1", created="2018-01-02T08:30:00+00:00"))
    text = page(signed_in)
    assert "2017-w52-a1" in text
    assert "2 January 2018, 08:30" in text


def simulated_run(runs: Path) -> None:
    label = "simulated: offtake.twin, seed <7>, version 1"
    frame = replace(EXAMPLE.frame, simulated=label)
    manifest = manifest_of("twin", created="2018-01-02T08:30:00+00:00", frame=frame)
    publish(runs, "twin", manifest)


def test_a_simulated_run_says_so(signed_in: Client, runs: Path) -> None:
    simulated_run(runs)
    text = page(signed_in)
    assert 'role="note"' in text
    assert "Simulated data: offtake.twin, seed &lt;7&gt;, version 1." in text
    assert "Not evidence about any market." in text


def test_a_simulated_run_says_so_in_serbian(signed_in: Client, runs: Path) -> None:
    simulated_run(runs)
    signed_in.cookies["django_language"] = "sr-latn"
    text = page(signed_in)
    assert "Simulirani podaci: offtake.twin" in text
    assert "Nije dokaz ni o jednom tržištu." in text


def test_a_run_of_real_data_has_no_such_note(signed_in: Client, runs: Path) -> None:
    publish(runs, "real", manifest_of("real", created="2018-01-02T08:30:00+00:00"))
    text = page(signed_in)
    assert 'role="note"' not in text
    assert "imulated" not in text


@pytest.mark.parametrize("manifest", ["", "[]", "{", "{}", '"text"', '{"format": 1}'])
def test_a_damaged_manifest(signed_in: Client, runs: Path, manifest: str) -> None:
    publish(runs, "monday", manifest)
    assert "The published run cannot be read" in page(signed_in)


def test_a_pointer_to_a_folder_that_is_gone(signed_in: Client, runs: Path) -> None:
    (runs / "published").write_text("monday", encoding="utf-8")
    assert "The published run cannot be read" in page(signed_in)


@pytest.mark.parametrize("pointer", ["..", ".", "../outside", "/", ""])
def test_a_pointer_never_leads_out_of_the_folder(
    signed_in: Client, runs: Path, pointer: str
) -> None:
    outside = runs.parent / "outside"
    outside.mkdir()
    (outside / "manifest.json").write_text(manifest_of("outside"), encoding="utf-8")
    (runs / "published").write_text(pointer, encoding="utf-8")
    assert "The published run cannot be read" in page(signed_in)


def test_a_name_is_shown_as_text(signed_in: Client, runs: Path) -> None:
    publish(runs, "<b>run", manifest_of("<b>run"))
    assert "&lt;b&gt;run" in page(signed_in)


def test_it_asks_the_database_five_times(
    signed_in: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5):  # the session, the user, and what waits for them
        page(signed_in)

"""Pages of loads and jobs in Serbian: reasons, steps and errors that the library wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from offtake_web.accounts.models import User
from offtake_web.feeds.models import LoadRecord
from offtake_web.jobs.actions import claim, report
from offtake_web.jobs.models import Job
from tests.web.test_loads import SALES
from tests.web.words import nothing_english
from tests.web.work import started, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    with translation.override("en"):  # what a page was read in does not outlive the test
        yield


@pytest.fixture
def analyst(client: Client, vesna: User) -> Client:
    client.force_login(vesna)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "sr-latn"
    return client


def _text(client: Client, address: str) -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "sr-latn"
    return client.get(address).content.decode()


def _sent(client: Client, content: str) -> Job:
    file = SimpleUploadedFile("week.csv", content.encode())
    assert client.post("/main/loads/new/", {"file": file, "contract": "sales"}).status_code == 302
    work()
    return Job.objects.get()


def test_rows_set_aside_say_why_in_serbian(analyst: Client) -> None:
    _sent(analyst, SALES)
    address = f"/main/loads/{LoadRecord.objects.get().load_id}/"
    nothing_english(analyst, address)
    text = _text(analyst, address)
    for reason in (
        "ne može da se pročita; dozvoljeno: broj",
        "dozvoljeno: ponedeljak, prvi dan ISO nedelje",
        "prazno; potrebno: prodavnica",
    ):
        assert reason in text


def test_a_file_that_cannot_be_loaded_says_why_in_serbian(analyst: Client) -> None:
    job = _sent(analyst, "store,units\nS1,5\n")
    nothing_english(analyst, f"/main/jobs/{job.pk}/")
    text = _text(analyst, f"/main/jobs/{job.pk}/")
    assert "Preimenujte kolone ili ih povežite u profilu (--profile)." in text
    assert "&#x27;product_id&#x27;" in text


def test_a_step_is_told_in_serbian(analyst: Client, vesna: User) -> None:
    waiting = started(vesna, kind="load")
    job = claim(waiting.pk)
    assert job is not None
    for step, serbian in (
        ("weekly sales", "prodaja po nedeljama"),
        ("BAG SNACKS: effects of 1,204 promotions", "BAG SNACKS: efekti promocija, ukupno 1.204"),
        ("something new", '<span lang="en">something new</span>'),
    ):
        report(job, step, 40.0)
        assert serbian in _text(analyst, f"/main/jobs/{job.pk}/")

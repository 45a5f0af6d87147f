"""The guide to the API: its program runs, and what it says of scopes and statuses holds."""

from __future__ import annotations

import io
import re
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from offtake_web.accounts.access import SCOPES
from offtake_web.accounts.models import Role, User
from offtake_web.api.endpoints.service import description
from offtake_web.api.frame.problems import KINDS
from offtake_web.api.frame.rate import PER_MINUTE
from offtake_web.common.markets import Market
from offtake_web.plans.models import Plan
from tests.web.api_cast import caller, publish

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api.md"
TEXT = GUIDE.read_text(encoding="utf-8")


class Answer(io.BytesIO):
    """What ``urlopen`` returns, as far as the guide reads it."""

    headers: Message


def opened(request: urllib.request.Request, timeout: float) -> Answer:
    """Answer as ``urlopen`` would, without a network."""
    assert timeout
    place = urlsplit(request.full_url)
    headers = dict(request.header_items())
    response = Client().generic(
        request.get_method(),
        f"{place.path}?{place.query}",
        data=request.data or b"",
        content_type=headers.pop("Content-type", ""),
        headers=headers,
    )
    message = Message()
    for name, value in response.headers.items():
        message[name] = value
    if not 200 <= response.status_code < 300:
        raise urllib.error.HTTPError(
            request.full_url, response.status_code, "", message, io.BytesIO(response.content)
        )
    answer = Answer(response.content)
    answer.headers = message
    return answer


@pytest.mark.django_db
def test_the_program_shown_runs(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    publish(runs)
    store = tmp_path / "offtake.duckdb"
    settings.OFFTAKE_MARKETS = (Market(key="main", title="Main", store=store, runs=runs),)
    monkeypatch.setattr(urllib.request, "urlopen", opened)
    everybody = "offtake_web.accounts.access.GRANTS"
    grants = frozenset(name for names in SCOPES.values() for name in names)
    monkeypatch.setattr(everybody, dict.fromkeys(Role, grants))
    token = caller(User.objects.create_user("ana", role=Role.MARKETING)).headers["Authorization"]
    names = {"ADDRESS": "http://testserver", "TOKEN": token.removeprefix("Bearer ")}
    code = "\n".join(re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
    exec(compile(code, str(GUIDE), "exec"), names)
    assert names["rows"]["items"][0]["value"] == 50
    assert names["problem"]["errors"][0]["field"] == "body.price_cut"
    plan = Plan.objects.get()
    assert (plan.state, plan.price_cut) == ("proposed", 25)


def test_every_scope_is_named() -> None:
    for name in SCOPES:
        assert f"`{name}`" in TEXT


def test_every_status_is_explained() -> None:
    told = {int(found) for found in re.findall(r"\b([45]\d\d)\b", TEXT.split("| status |")[1])}
    assert told | {400, 405, 500, 503} == {kind.status for kind in KINDS.values()}


def test_the_rate_is_the_one_that_holds() -> None:
    assert f"{PER_MINUTE} times a minute" in TEXT


def test_every_address_shown_exists() -> None:
    known = [re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) for path in description()["paths"]]
    shown = re.findall(r"offtake\.example\.com(/api/v1/[^\s?\"]*)", TEXT)
    assert shown
    for path in shown:
        assert any(re.fullmatch(each, path) for each in known), path

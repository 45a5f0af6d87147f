"""Every endpoint for every role and for nobody; every write of the pages has an endpoint."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import get_args

import pytest

import offtake_web
from offtake.decisions.planning.activity import GateName, Kind, State
from offtake.pipeline.models import MODELS
from offtake_web.accounts.access import GRANTS, PERMISSIONS, SCOPES
from offtake_web.accounts.models import Role, User
from offtake_web.api.endpoints.service import addresses, description, endpoints
from offtake_web.api.frame.group import FORM, Endpoint
from offtake_web.api.schemas.people import RoleName
from offtake_web.api.schemas.runs import ModelName
from offtake_web.api.schemas.tokens import ScopeName
from offtake_web.plans import models
from tests.web.api_cast import ROOT, caller

ENDPOINTS = list(endpoints())
EXAMPLES = {
    "market": "main", "run": "published", "table": "sales", "measure_id": "sales_value",
    "chart": "weekly_sales", "page": "scoreboard.html", "gate": "slot_confirmed",
    "rule": "most_days",
}  # fmt: skip
ANYBODY = {"get_me"}
WEB = Path(offtake_web.__file__).parent


def address(endpoint: Endpoint) -> str:
    def filled(match: re.Match[str]) -> str:
        return EXAMPLES.get(match[1], "1")

    return ROOT + re.sub(r"\{(\w+)\}", filled, endpoint.path)


def named(endpoint: Endpoint) -> str:
    return endpoint.name


def test_names_are_used_once() -> None:
    names = [endpoint.name for endpoint in ENDPOINTS]
    assert len(names) == len(set(names))


def test_every_endpoint_has_an_address_that_says_its_permission() -> None:
    stated = {
        (method, permission, str(address.pattern).replace("<", "{").replace(">", "}"))
        for address in addresses()
        for method, permission in address.callback.permissions.items()  # type: ignore[union-attr]
    }
    assert stated == {(each.method, each.permission, each.path.strip("/")) for each in ENDPOINTS}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_an_endpoint_says_what_it_is(endpoint: Endpoint) -> None:
    assert endpoint.permission in PERMISSIONS
    operation = description()["paths"][ROOT + endpoint.path][endpoint.method.lower()]
    assert operation["x-permission"] == endpoint.permission
    assert operation["summary"]
    assert f"`{endpoint.permission}`" in operation["description"]
    assert operation["security"] == [{"token": []}, {"session": []}]
    assert {"401", "403", "429"} <= {str(status) for status in operation["responses"]}


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_an_endpoint_is_closed_to_strangers(endpoint: Endpoint) -> None:
    response = caller(None)(endpoint.method, address(endpoint), {})
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_an_endpoint_is_open_to_the_roles_that_may_and_to_no_other(
    endpoint: Endpoint, cast: dict[str, User]
) -> None:
    for role, user in cast.items():
        response = caller(user)(endpoint.method, address(endpoint), {"!": 1})
        may = endpoint.permission in GRANTS[role]
        assert (
            f"({endpoint.permission})" not in str(response.content)
            if may
            else (response.status_code == 403)
        ), (role, response.content)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=named)
def test_a_token_without_the_permission_is_refused(endpoint: Endpoint, dragan: User) -> None:
    User.objects.filter(pk=dragan.pk).update(role=Role.MARKETING if endpoint.permission.startswith(
        "plan.") else Role.ADMINISTRATOR)  # fmt: skip
    dragan.refresh_from_db()
    reads = endpoint.permission in ("figures.view", "plan.view", "feeds.view")
    response = caller(dragan, "account" if reads else "read")(
        endpoint.method, address(endpoint), {"!": 1}
    )
    assert response.status_code == (200 if endpoint.name in ANYBODY else 403)


NOT_HERE = {
    "accounts.welcome": "what the company's sign-in does, when it makes an account",
    "accounts.appoint": "for the server's command line",
    "accounts.set_password": "for who comes by a one-time link, who is not signed in",
    "accounts.change_own_password": "passwords are only typed on pages, where the old one is asked",
    "api.take_key": "how this API answers a repeated request",
    "api.keep_answer": "as above",
    "api.give_back_key": "as above",
    "api.forget_answers": "what a worker does each day",
    "accounts.forget_sessions": "what a worker does each day",
    "jobs.forget_tasks": "what a worker does each day",
    "feeds.record_ledger": "what a worker does after a load",
    "jobs.start_job": "used by loads and refreshes",
    "jobs.hand_over": "what a worker does",
    "jobs.mark_lost": "what a worker does",
    "jobs.sweep": "what a worker does",
    "jobs.claim": "what a worker does",
    "jobs.report": "what a worker does",
    "jobs.goes_on": "what a worker does",
    "jobs.end_job": "what a worker does",
    "plans.demand_move": "a check that moves share, no action",
}
"""Public functions of actions modules that no endpoint calls, with the reason."""


def actions() -> Iterator[str]:
    for path in sorted(WEB.glob("*/actions*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield f"{path.parent.name}.{node.name}"


def used() -> set[str]:
    """Return the actions that modules of endpoints name, by the app whose module they import."""
    found = set()
    for path in (WEB / "api" / "endpoints").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        apps = dict(_imported(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found.add(f"{apps.get(node.value.id)}.{node.attr}")
        found |= {f"{app}.{name}" for name, app in apps.items()}
    return found


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("offtake_web."):
            for alias in node.names:
                yield alias.asname or alias.name, str(node.module).split(".")[1]


@pytest.mark.parametrize("action", sorted(set(actions())))
def test_every_write_of_the_pages_has_an_endpoint(action: str) -> None:
    assert (action in used()) != (action in NOT_HERE), f"{action}: give it an endpoint, or a reason"


def test_what_is_not_here_exists() -> None:
    for name in NOT_HERE:
        assert name in set(actions()), name


def test_files_are_sent_where_they_are_expected() -> None:
    assert [each.name for each in ENDPOINTS if each.terms.get("takes") == FORM]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (RoleName, Role.values),
        (ScopeName, SCOPES),
        (ModelName, [model.name for model in MODELS]),
        (GateName, models.GateName.values),
        (Kind, models.Kind.values),
        (State, models.State.values),
    ],
)
def test_closed_lists_are_whole(written: object, meant: Collection[str]) -> None:
    assert get_args(written) == tuple(meant)

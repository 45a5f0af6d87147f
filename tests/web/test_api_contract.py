"""The description of the API is what was agreed, and the API is what its description says."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

from offtake_web.accounts import access
from offtake_web.accounts.models import Role, User
from offtake_web.api.endpoints.service import GROUPS, description
from offtake_web.api.frame import rate
from offtake_web.common.markets import markets
from offtake_web.config.wsgi import application
from offtake_web.dashboards.actions import save_view
from offtake_web.feeds.actions import ask_for_ledger
from offtake_web.plans import actions as plan_actions
from offtake_web.plans import actions_talk as plan_talk
from tests.web.api_cast import caller, publish
from tests.web.test_api_access import EXAMPLES as NAMES
from tests.web.test_api_plans import content

if TYPE_CHECKING:
    from schemathesis import Case
    from schemathesis.schemas import BaseSchema

SNAPSHOT = Path(__file__).with_name("openapi.json")
RENEW = "OFFTAKE_RENEW=1 pytest tests/web/test_api_contract.py -k description"


def written() -> str:
    return json.dumps(description(), indent=1, ensure_ascii=False, default=str) + "\n"


def test_the_description_is_the_one_that_was_agreed() -> None:
    if os.environ.get("OFFTAKE_RENEW"):
        SNAPSHOT.write_text(written(), encoding="utf-8")
    assert SNAPSHOT.read_text(encoding="utf-8") == written(), (
        f"The API changed. Where that is meant: {RENEW}, and look at the difference: may programs "
        "that were written against the old description go on?"
    )


def test_the_description_is_openapi_3_1() -> None:
    found = json.loads(written())
    assert found["openapi"].startswith("3.1")
    known = set(found["components"]["schemas"])
    used = {part.split('"')[0] for part in written().split("#/components/schemas/")[1:]}
    assert used <= known
    assert known - used <= {"Problem"}


def test_every_body_has_an_example() -> None:
    for path, operations in json.loads(written())["paths"].items():
        for method, operation in operations.items():
            for body in (operation.get("requestBody", {}), *operation["responses"].values()):
                content = body.get("content", {}).get("application/json")
                assert content is None or "example" in content, (path, method)


POWERS = ("read", "plan", "data", "account", "people")
SHUTS_OUT = {"end_own_sessions", "revoke_token", "close_account", "change_person"}
"""What may shut out the one who asks, so that all that follows would be refused."""
EXAMPLES = int(os.environ.get("OFFTAKE_API_EXAMPLES", "6"))
STATUSES = {
    "positive_data_acceptance": ["2xx", "304", "403", "404", "409", "412", "415", "422", "428"],
    "negative_data_rejection": ["400", "403", "404", "412", "413", "415", "422", "428"],
    "missing_required_header": ["422", "428"],
}
"""What may be answered: the state of a plan, not the schema, says whether it can be locked."""


@pytest.fixture
def mighty(db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Sign in somebody who may do everything, as often as they like."""
    user = User.objects.create_user("mighty", role=Role.ADMINISTRATOR)
    everything = frozenset(access.PERMISSIONS)
    monkeypatch.setattr(access, "GRANTS", dict.fromkeys(access.GRANTS, everything))
    monkeypatch.setattr(access, "SIDES", {**access.SIDES, Role.ADMINISTRATOR: "sales"})
    monkeypatch.setattr(rate, "PER_MINUTE", 10**9)
    return dict(caller(user, *POWERS).headers)


@pytest.fixture
def _kept_connection() -> Iterator[None]:
    """Keep the connection of the test, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(mighty: dict[str, str], runs: Path, _kept_connection: None) -> BaseSchema:
    import schemathesis
    from schemathesis.config import SchemathesisConfig

    publish(runs)
    checks = {name: {"expected-statuses": allowed} for name, allowed in STATUSES.items()}
    # That zero characters are refused, which no schema says, has a test of its own.
    config = SchemathesisConfig.from_dict({"checks": checks, "generation": {"allow-x00": False}})
    return schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", application, config=config, headers=mighty
    )


@pytest.fixture
def places(mighty: dict[str, str], ana: User) -> dict[str, object]:
    """Return what can be put into addresses so that they lead somewhere."""
    market = markets()[0]
    plan = plan_actions.create(market, content(), by=ana)
    promise = plan_talk.commit(plan, "40 placements", due=date(2027, 1, 1), by=ana)
    view = save_view(market, "one", "/main/", shared=True, by=ana)
    job = ask_for_ledger(market, by=ana)
    numbers = {"plan_id": plan.pk, "commitment_id": promise.pk, "view_id": view.pk,
               "job_id": job.pk, "person_id": ana.pk}  # fmt: skip
    return {**NAMES, **numbers}


@pytest.mark.slow
@pytest.mark.parametrize("tag", sorted({group.tag for group in GROUPS}))
def test_random_requests_find_nothing_that_the_description_does_not_say(
    described: BaseSchema, mighty: dict[str, str], places: dict[str, object], tag: str
) -> None:
    from schemathesis import GenerationMode

    for result in described.include(tag=tag).get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"] in SHUTS_OUT:
            continue
        here = {name: place for name, place in places.items() if f"{{{name}}}" in operation.path}
        for mode in GenerationMode:
            try_out(operation.as_strategy(generation_mode=mode, path_parameters=here), mighty)


def try_out(cases: SearchStrategy[Case], headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case: Case) -> None:
        case.call_and_validate(headers=headers)

    ask()

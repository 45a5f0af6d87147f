"""Every page of the workspace, found from its addresses: what it needs, and who sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.apps import apps
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from offtake.report.run import Run
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.runs.queries import current

Arguments = Mapping[str, Any]
NOT_OURS = {"admin"}
SEEN_ELSEWHERE: dict[str, str] = {
    "logout": "leaving has no page of its own",
    "set-password": "needs a link that is shown once: test_people.py",
    "openid_connect_login": "leads to another site",
    "openid_connect_callback": "comes from another site",
    "plan-feed": "a file for calendars",
    "picture": "a picture",
    "run-page": "the library's own page, in its own look",
    "run-table": "a file",
}
"""Addresses that this walk leaves out, and why."""


def names() -> Iterator[str]:
    """Return the name of every address of ours, those of the API left out: they are no pages."""

    def of(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield str(pattern.name)
            elif pattern.namespace not in NOT_OURS and str(pattern.pattern) != "api/":
                yield from of(pattern.url_patterns)

    return iter(dict.fromkeys(of(get_resolver().url_patterns)))


def key_of(label: str, **where: object) -> int:
    """Return the key of the first row of a model; 0 where there is none."""
    found = (
        apps.get_model(label).objects.filter(**where).order_by("pk").values_list("pk", flat=True)
    )
    return int(found[0]) if found else 0


def run_of(market: Market) -> Run:
    run = current(market)
    assert run is not None
    return run


SAMPLES: dict[str, Callable[[Market], Arguments]] = {
    "job_id": lambda market: {"job_id": key_of("jobs.Job")},
    "load_id": lambda market: {"load_id": key_of("feeds.LoadRecord")},
    "run_id": lambda market: {"run_id": run_of(market).run_id},
    "pk": lambda market: {"pk": key_of("plans.Plan")},
    "number": lambda market: {"number": User.objects.get(username="viewer").pk},
}
"""What stands for a part of an address, by the name of the part."""
OF_ONE_PAGE: dict[str, Callable[[Market], Arguments]] = {
    "promotion": lambda market: {
        "name": run_of(market).rows("promotion_events")[0]["promotion_id"]
    },
    "availability-list": lambda market: {"name": "alarms"},
    "shoppers-subject": lambda market: {"subject": "norms"},
    "table": lambda market: {"name": "promotion_events"},
    "passport": lambda market: {"subject": "measures", "key": "sales_value"},
    "view-change": lambda market: {"pk": key_of("dashboards.SavedView")},
    "view-delete": lambda market: {"pk": key_of("dashboards.SavedView")},
    "plan-link-revoke": lambda market: {"pk": key_of("plans.FeedLink")},
    "plan-move": lambda market: {"pk": key_of("plans.Plan"), "move": "propose"},
    "plan-gate": lambda market: {"pk": key_of("plans.Plan"), "gate": "slot_confirmed"},
    "plan-pass": lambda market: {"pk": key_of("plans.Plan"), "gate": "slot_confirmed"},
    "plan-rule": lambda market: {"pk": key_of("plans.Plan"), "rule": "least_roi"},
    "plan-rules-change": lambda market: {"rule": "most_days"},
    "plan-commitment": lambda market: {"pk": key_of("plans.Plan"), "promise": 1},
    "person-token": lambda market: {"number": 0, "token": 0},
    "token-revoke": lambda market: {"number": 0},
}
"""What a page needs that the name of the part does not tell."""


def address_of(name: str, market: Market) -> str | None:
    """Return an address of that name with everything filled in; None where nothing fits."""
    for candidate in get_resolver().reverse_dict.getlist(name):
        parts = candidate[0][0][1]
        given: dict[str, Any] = {}
        for part in parts:
            if part == "market":
                given["market"] = market
            elif name in OF_ONE_PAGE:
                given |= OF_ONE_PAGE[name](market)
            elif part in SAMPLES:
                given |= SAMPLES[part](market)
        try:
            return reverse(name, kwargs=given)
        except NoReverseMatch:
            continue
    return None


def addresses(market: Market) -> dict[str, str]:
    """Return the addresses that this walk covers, by name."""
    found = {name: address_of(name, market) for name in names() if name not in SEEN_ELSEWHERE}
    unknown = sorted(name for name, address in found.items() if address is None)
    assert not unknown, f"say in every_page.py what these addresses need: {unknown}"
    return {name: address for name, address in found.items() if address is not None}


def pages(market: Market, client: Client) -> dict[str, str]:
    """Return those addresses that answer a person with a page of ours."""
    shown = {}
    for name, address in addresses(market).items():
        answer = client.get(address, headers={"accept": "text/html"})
        assert answer.status_code < 500, (name, address, answer.status_code)
        is_page = answer.get("Content-Type", "").startswith("text/html")
        if answer.status_code == 200 and is_page and b'id="main"' in answer.content:
            shown[name] = address
    return shown

"""Fills a workspace for the benchmark, in a process of its own: ``python -m ... REPORT``.

Fifty people are signed in, each with a draft of their own where their role plans. What they visit
is found as they would find it: by following the links of the pages they may open.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.workspace.visiting import WEIGHTS

if TYPE_CHECKING:
    from django.test import Client

    from offtake_web.accounts.models import User
    from offtake_web.common.markets import Market

PEOPLE = {
    "marketing": 13,
    "sales_lead": 5,
    "key_account_manager": 12,
    "rep": 10,
    "analyst": 4,
    "viewer": 4,
    "administrator": 2,
}
PLANNERS = ("marketing", "sales_lead", "key_account_manager")
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)"')
PARTS = 2
"""Parts of the business that key account managers and reps share among them."""
KEPT_OF_A_KIND = 25
"""Addresses of one kind that a person chooses among, such as promotions."""
API = ("/api/v1/me", "/api/v1/markets", "/api/v1/measures", "/api/v1/markets/{market}/runs")


def main(report: str) -> None:
    """Fill the database that the environment names, and write who visits what."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "offtake_web.config.settings")
    django.setup()
    from django.core.management import call_command

    from offtake_web.common.markets import markets
    from offtake_web.plans.demo import seed

    call_command("migrate", verbosity=0)
    market = markets()[0]
    people = [
        _person(f"{role}{number}", role)
        for role, count in PEOPLE.items()
        for number in range(count)
    ]
    # What is there already was planned by people who look after everything.
    seed(market)
    _narrow(people, market)
    drafts = {user.pk: _draft(user, market) for user in people if user.role in PLANNERS}
    found: dict[str, dict[str, list[str]]] = {}
    visitors = [_visitor(user, market, drafts.get(user.pk), found) for user in people]
    Path(report).write_text(json.dumps(visitors), encoding="utf-8")


def _person(name: str, role: str) -> User:
    from offtake_web.accounts.models import User

    user = User(username=name, email=f"{name}@alder.example", role=role)
    user.set_unusable_password()
    user.save()
    return user


def _narrow(people: list[User], market: Market) -> None:
    """Give key account managers a retailer each, and reps a territory."""
    from offtake_web.runs.queries import current

    run = current(market)
    assert run is not None, "the demonstration has no published run"
    stores = run.rows("planning_stores")[:PARTS]
    for place, user in enumerate(people):
        store = stores[place % len(stores)]
        if user.role == "key_account_manager":
            user.retailers = [store["retailer"]]
        elif user.role == "rep":
            user.territories = [store["territory"]]
        user.save()


def _draft(user: User, market: Market) -> int:
    from django.utils import timezone

    from offtake_web.plans.actions import create
    from offtake_web.runs.queries import current

    run = current(market)
    assert run is not None
    items = [
        row for row in run.rows("planning_items") if row["manufacturer"] == market.manufacturer
    ]
    item, first = items[user.pk % len(items)], timezone.localdate() + timedelta(days=30 + user.pk)
    values = {
        "kind": "promotion",
        "name": f"Deal of {user}",
        "side": "marketing" if user.role == "marketing" else "sales",
        "first_day": first,
        "last_day": first + timedelta(days=13),
        "product_ids": [item["product_id"]],
        "retailers": user.retailers or [run.rows("planning_stores")[0]["retailer"]],
        "price_cut": 20,
    }
    return int(create(market, values, by=user).pk)


def _visitor(
    user: User, market: Market, draft: int | None, found: dict[str, dict[str, list[str]]]
) -> dict[str, Any]:
    from django.test import Client

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    part = f"{user.role} {user.retailers} {user.territories}"
    if part not in found:
        found[part] = _addresses(client, market)
    return {
        "name": user.username,
        "cookie": client.cookies["sessionid"].value,
        "draft": f"/{market}/plan/{draft}/" if draft else "",
        "addresses": found[part],
    }


def _addresses(client: Client, market: Market) -> dict[str, list[str]]:
    """Follow links from the first page, two steps; return addresses by what they are."""
    from django.urls import Resolver404, resolve

    kinds: dict[str, list[str]] = defaultdict(list)
    home, seen = f"/{market}/", set()
    step = [home]
    for _ in range(2):
        after: list[str] = []
        for address in step:
            for link in _links(client, address):
                path = link.partition("?")[0]
                if link in seen or not path.startswith(f"/{market}/"):
                    continue
                seen.add(link)
                try:
                    kind = str(resolve(path).url_name)
                except Resolver404:
                    continue
                if kind in WEIGHTS and len(kinds[kind]) < KEPT_OF_A_KIND:
                    kinds[kind].append(link)
                    after.append(link)
        step = [links[0] for links in kinds.values() if links[0] in after]
    kinds["home"] = [home]
    kinds["api"] = [address.format(market=market) for address in API]
    return dict(kinds)


def _links(client: Client, address: str) -> Iterator[str]:
    from html import unescape

    answer = client.get(address, headers={"accept": "text/html"})
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        for link in LINK.findall(answer.content.decode()):
            whole = unescape(link)
            yield address.partition("?")[0] + whole if whole.startswith("?") else whole


if __name__ == "__main__":
    main(sys.argv[1])

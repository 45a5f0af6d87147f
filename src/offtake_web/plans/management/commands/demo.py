"""Prepares the demonstration: database, one account per role, ledger and plans; then serves it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from offtake.data.store import Store
from offtake.errors import OfftakeError
from offtake.report.run import Run
from offtake_web.accounts.models import Role, User
from offtake_web.common.markets import Market, markets
from offtake_web.feeds.actions import record_ledger
from offtake_web.plans.demo import seed
from offtake_web.runs.queries import current

PEOPLE = (
    ("admin", Role.ADMINISTRATOR, "Dragan", "Ilić"),
    ("marketing", Role.MARKETING, "Ana", "Marković"),
    ("sales_lead", Role.SALES_LEAD, "Milan", "Petrović"),
    ("key_account", Role.KEY_ACCOUNT_MANAGER, "Jelena", "Kovač"),
    ("rep", Role.REP, "Petar", "Jović"),
    ("analyst", Role.ANALYST, "Vesna", "Nikolić"),
    ("viewer", Role.VIEWER, "Olga", "Savić"),
)
PASSWORD_FILE = "password.txt"  # noqa: S105  # the name of the file
SCOPES = {"key_account": ("retailers", "retailer"), "rep": ("territories", "territory")}


class Command(BaseCommand):
    help = "Prepare the demonstration and serve it (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder", type=Path, default=Path("demo"), help="Where `offtake demo` wrote (demo)."
        )
        parser.add_argument("--port", type=int, default=8000, help="Port (8000).")
        parser.add_argument(
            "--no-serve", action="store_true", help="Prepare everything, do not serve."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT.production:
            raise CommandError("the demonstration does not run in production")
        call_command("migrate", verbosity=0)
        password = _password(options["folder"])
        new = _make_people(password)
        for market in markets():
            self._fill(market)
        # The plans are made by people who may reach all of it.
        _give_scope(new, current(markets()[0]))
        self.stdout.write(f"Sign in as one of these, with the password {password}")
        for name, role, *_ in PEOPLE:
            self.stdout.write(f"  {name:<12} {role.label}")
        if not options["no_serve"]:
            call_command("serve", port=options["port"])

    def _fill(self, market: Market) -> None:
        """Copy what is known of the market's loads, and make its plans where there are some."""
        try:
            with Store(market.store, market.schema, read_only=True) as store:
                record_ledger(market, store)
        except OfftakeError as error:
            self.stdout.write(f"{market.title}: loads are not shown: {error}")
        if market.simulated:
            made = seed(market)
            said = f"{made} plans made" if made else "its plans are there"
            self.stdout.write(f"{market.title}: {said}")


def _password(folder: Path) -> str:
    """Return the password of the demonstration's people: a new one the first time."""
    path = folder / PASSWORD_FILE
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(f"{secrets.token_hex(8)}\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def _make_people(password: str) -> list[User]:
    """Make one account per role where it is absent; return those that are new."""
    made = []
    for name, role, first, last in PEOPLE:
        user, new = User.objects.get_or_create(
            username=name,
            defaults={
                "role": role,
                "first_name": first,
                "last_name": last,
                "email": f"{name}@alder.example",
            },
        )
        if new or not user.check_password(password):
            user.set_password(password)
            user.save()
        if new:
            made.append(user)
    return made


def _give_scope(people: list[User], run: Run | None) -> None:
    """Give those who look after a part of the business their part of it."""
    rows = [] if run is None else run.rows("availability_totals")
    for user in people:
        field, dimension = SCOPES.get(user.username, ("", ""))
        known = sorted({row["name"] for row in rows if row["dimension"] == dimension})
        if known:
            setattr(user, field, known[:1])
            user.save()

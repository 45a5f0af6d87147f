from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from offtake_web.accounts.actions import appoint


class Command(BaseCommand):
    help = "Make somebody an administrator, and print the link with which they set their password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="", help="of a new account")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            person, path = appoint(options["username"], email=options["email"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(f"{person.get_username()} is an administrator. Valid once, three days:")
        self.stdout.write(path)

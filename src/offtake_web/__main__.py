"""Run the workspace's management commands: ``python -m offtake_web runserver``."""

from __future__ import annotations

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from offtake_web.config.demo import prepare


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "offtake_web.config.settings")
    try:
        if sys.argv[1:2] == ["demo"]:
            prepare(sys.argv, os.environ)
        django.setup()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"offtake_web: {error}\n")
        raise SystemExit(2) from None
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

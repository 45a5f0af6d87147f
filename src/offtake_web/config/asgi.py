"""The ASGI entry point: ``offtake_web.config.asgi:application``."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "offtake_web.config.settings")

application = get_asgi_application()

# Its apps are ready only now.
from offtake_web.dashboards.warming import start_if_wanted  # noqa: E402

start_if_wanted()

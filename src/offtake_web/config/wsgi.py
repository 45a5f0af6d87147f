"""The WSGI entry point: ``offtake_web.config.wsgi:application``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "offtake_web.config.settings")

application = get_wsgi_application()

# Its apps are ready only now.
from offtake_web.dashboards.warming import start_if_wanted  # noqa: E402

start_if_wanted()

"""The workspace's settings as tests and the type checker see them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["OFFTAKE_WEB_MODE"] = "development"

from offtake_web.config.settings import *  # noqa: F403
from offtake_web.config.settings import CACHES, DATABASES

# The safe hashers are slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Counted in this process, and forgotten before each test; tests of throttling set the real one.
SHARED_CACHES = CACHES
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Tests of it start it themselves.
OFFTAKE_WARM = False

# A file, one per process: an in-memory database hides the locks that threads meet.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    FOLDER = Path(tempfile.gettempdir())
    DATABASES["default"]["TEST"] = {"NAME": FOLDER / f"offtake-web-test-{os.getpid()}.sqlite3"}

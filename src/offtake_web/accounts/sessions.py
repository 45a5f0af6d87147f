"""Sessions in the database that know whose they are (``SESSION_ENGINE``)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

if TYPE_CHECKING:
    from offtake_web.accounts.models import Session

STARTED, BROWSER = "started", "browser"
# The first that is found names it: the later ones stand in the earlier ones' descriptions too.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows"}
SYSTEMS |= {"Mac OS": "macOS", "Linux": "Linux"}


def browser_words(agent: str) -> str:
    """Name the browser and the system that a browser says it is; empty where it says neither."""
    named = [
        next((name for mark, name in names.items() if mark in agent), "")
        for names in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(name for name in named if name)


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        # Django loads this module before models may be loaded.
        from offtake_web.accounts.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast("Session", super().create_model_instance(data))
        whose = data.get(SESSION_KEY)
        row.user_id = int(whose) if whose else None
        row.started = datetime.fromisoformat(data[STARTED]) if STARTED in data else None
        row.browser = str(data.get(BROWSER, ""))[:200]
        return row

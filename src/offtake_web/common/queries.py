from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

POINTER = "published"
MANIFEST = "manifest.json"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """The run that the library's pointer names.

    Parameters
    ----------
    name
        Name of the run's folder.
    made
        When it was made, or None where the manifest does not say.
    problem
        True where the folder or its manifest is absent or unreadable.
    """

    name: str
    made: datetime | None
    problem: bool


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("the database does not answer")
        return False
    return True


def published_run(runs: Path) -> PublishedRun | None:
    """Return the run that ``runs/published`` names, or None where nothing was published yet."""
    try:
        name = (runs / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    if not name or Path(name).name != name or not (runs / name).is_dir():
        return PublishedRun(name, made=None, problem=True)
    manifest = _manifest(runs / name / MANIFEST)
    return PublishedRun(name, made=_made(manifest or {}), problem=manifest is None)


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        logger.exception("the manifest of a published run cannot be read")
        return None
    return manifest if isinstance(manifest, dict) else None


def _made(manifest: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(manifest["made"])
    except (KeyError, TypeError, ValueError):
        return None

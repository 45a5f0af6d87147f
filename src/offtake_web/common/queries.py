from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError, connection

from offtake.data.contracts.simulated import origin_words
from offtake.errors import OfftakeError
from offtake.pipeline.run import published_id, read_run

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """The run that the library's pointer names.

    Parameters
    ----------
    name
        Its id.
    made
        When it was made; None where the run cannot be read.
    simulated
        Which simulation its data come from; empty for real data.
    """

    name: str
    made: datetime | None
    simulated: str = ""


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("the database does not answer")
        return False
    return True


def published_run(runs: Path) -> PublishedRun | None:
    """Return the run that is published, or None where nothing was published yet."""
    name = published_id(runs)
    if name is None:
        return None
    try:
        run = read_run(runs)
        made = datetime.fromisoformat(run.manifest.created)
        return PublishedRun(name, made, origin_words(run.manifest.frame.simulated))
    except (OfftakeError, KeyError, TypeError, ValueError):
        logger.exception("the published run cannot be read")
        return PublishedRun(name, made=None)

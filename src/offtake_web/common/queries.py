from __future__ import annotations

import logging

from django.db import DatabaseError, InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError)
"""What is raised where the database does not answer, or is busy for too long."""
AGAIN_IN = 5
"""Seconds after which it is worth asking again."""


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        logger.exception("the database does not answer")
        return False
    return True

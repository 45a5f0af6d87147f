"""What is swept up once a day; each app adds what it leaves behind."""

from __future__ import annotations

import logging
from collections.abc import Callable

Sweep = Callable[[], int]
logger = logging.getLogger(__name__)
_SWEEPS: dict[str, Sweep] = {}


def add_sweep(name: str, sweep: Sweep) -> None:
    """Have something removed each day; `sweep` returns how many there were."""
    _SWEEPS[name] = sweep


def tidy() -> dict[str, int | None]:
    """Remove what nobody needs any more; return how many of each, None where it failed.

    A sweep that fails is logged, and does not keep the others from being done.
    """
    return {name: _swept(name, sweep) for name, sweep in _SWEEPS.items()}


def _swept(name: str, sweep: Sweep) -> int | None:
    try:
        return sweep()
    except Exception:
        logger.exception("%s could not be removed", name)
        return None

"""The kinds of work there are; the apps that know how to do one add it when they are ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from offtake_web.accounts.access import Permission
from offtake_web.common.markets import Market

Progress = Callable[[str, float], None]
Outcome = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a kind of job is given to do.

    Parameters
    ----------
    job_id
        Of the job.
    market
        Which market it is for.
    arguments
        What was asked for, as JSON knows it.
    progress
        To be told the step and how far it is (0 to 100); it raises
        :class:`~offtake.errors.StoppedError` when the job is to end early.
    """

    job_id: int
    market: Market
    arguments: Mapping[str, Any]
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of work.

    Parameters
    ----------
    name
        As jobs keep it.
    label
        For people; translated where it is shown.
    permission
        Who may start, stop and restart it.
    run
        Does it, and returns what came of it as JSON knows it.
    template
        Shows what came of it; empty where nothing is to be shown.
    restartable
        Says whether a job that ended early still has what it needs.
    """

    name: str
    label: str
    permission: Permission
    run: Callable[[Work], Outcome]
    template: str = ""
    restartable: Callable[[Mapping[str, Any]], bool] = lambda _: True


_KINDS: dict[str, Kind] = {}


def add_kind(kind: Kind) -> None:
    _KINDS[kind.name] = kind


def kind_named(name: str) -> Kind:
    return _KINDS[name]

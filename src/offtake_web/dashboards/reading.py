"""What somebody reads: which run, set against which other, and with which part in view."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from offtake.data.contracts.simulated import origin_words
from offtake.report.run import Run
from offtake_web.accounts.access import Scope, scope_of
from offtake_web.common.kept import Kept
from offtake_web.common.markets import Market
from offtake_web.dashboards.scoped import ScopedRun
from offtake_web.runs.queries import current, run_named

BYTES = 48 * 2**20
"""Of pages that one process keeps."""
_PAGES: Kept[str] = Kept(BYTES, size=len)
_THINGS: Kept[Any] = Kept(48)
Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A run in the eyes of a reader.

    Parameters
    ----------
    request, market
        Who asks, for which page of which market.
    run
        The published run.
    against
        The run that figures are set beside; None where the address names none that can be read.
    """

    request: HttpRequest
    market: Market
    run: ScopedRun
    against: ScopedRun | None = None

    @property
    def scope(self) -> Scope:
        return self.run.scope

    @property
    def currency(self) -> str:
        return self.run.manifest.frame.currency

    @property
    def simulated(self) -> str:
        return origin_words(self.run.manifest.frame.simulated)

    @property
    def key(self) -> tuple[object, ...]:
        """What decides how a page looks, but for who reads it."""
        other = self.against.folder if self.against else None
        return (self.run.folder, other, self.scope, get_language())


def reading_of(request: HttpRequest, market: Market) -> Reading | None:
    """Return what the address asks for of the published run; None where there is no such run."""
    run = current(market)
    if run is None:
        return None
    wanted = request.GET.get("against", "")
    other = run_named(market, wanted) if wanted and wanted != run.run_id else None
    scope = scope_of(request.user)
    return Reading(request, market, scoped(run, scope), scoped(other, scope) if other else None)


def scoped(run: Run, scope: Scope) -> ScopedRun:
    return ScopedRun(run.folder, run.manifest, scope)


def thing(run: ScopedRun, name: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401  # as made
    """Return something made from a run for a scope, kept for the next who asks."""
    return _THINGS.get((run.folder, run.scope, name), make)


def body(reading: Reading, template: str, make: Callable[[], Context]) -> SafeString:
    """Return the part of a page that only the run, the address and the scope decide."""
    key = (*reading.key, template, reading.request.get_full_path())
    context = {"request": reading.request, "market": reading.market, "reading": reading}
    text = _PAGES.get(key, lambda: str(render_to_string(template, context | make())))
    return mark_safe(text)  # noqa: S308  # made by a template, which escapes


def etag(reading: Reading, *more: object) -> str:
    """Return what names this page for this reader: it is the same while nothing of it changes."""
    request = reading.request
    other = reading.against.run_id if reading.against else ""
    seen = (
        reading.run.run_id, reading.run.manifest.code_version, other, get_language(),
        request.user.pk, getattr(request.user, "role", ""), reading.scope,
        request.headers.get("Cookie", ""), request.get_full_path(), more,
    )  # fmt: skip
    return f'"{hashlib.sha256(repr(seen).encode()).hexdigest()[:32]}"'


def forget() -> None:
    """Forget what was kept."""
    _PAGES.clear()
    _THINGS.clear()

"""Two equal periods of one question: the one asked for, and one before it."""

from __future__ import annotations

from datetime import timedelta

from offtake.calendars import Period
from offtake.errors import BadInputError
from offtake.measures.scope import Scope


def period_wanted(scope: Scope, what: str) -> Period:
    """Return the period of a question that means nothing without one.

    Parameters
    ----------
    scope
        The question.
    what
        What is asked, for the message.

    Raises
    ------
    BadInputError
        When the question has no period.
    """
    if scope.period is None:
        raise BadInputError(
            f"{what} compares two equal periods: got no period, allowed: a period (--period) "
            "with as many loaded weeks before it"
        )
    return scope.period


def period_before(scope: Scope, weeks: int, what: str) -> Period:
    """Return the equal period so many weeks before.

    Raises
    ------
    BadInputError
        When not all weeks of both periods are loaded, when they share weeks, or when the question
        has no period.
    """
    now = period_wanted(scope, what)
    before = now.shifted(-weeks)
    # Sales may reach further back than baskets: then everybody would look new.
    loaded, back = scope.tables.basket_span, timedelta(weeks=scope.weeks_back)
    if loaded is None or before.first_week - back < loaded[0] or now.last_week - back > loaded[1]:
        loaded_weeks = "no week" if loaded is None else f"{loaded[0]} to {loaded[1]}"
        raise BadInputError(
            f"{what} compares {now.label!r} with the equal period {before.label!r} and needs "
            f"all weeks of both in basket_line; loaded: {loaded_weeks} (Mondays)"
        )
    if before.last_week >= now.first_week:
        raise BadInputError(
            f"{what} compares two periods that share no week: got {now.weeks} weeks, allowed: "
            f"{weeks} at most"
        )
    return before

"""A run of whole weeks, and how far back the weeks lie that it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from offtake.calendars.iso import iso_week_name, require_monday
from offtake.calendars.nrf import weeks_back
from offtake.errors import BadInputError, UnknownNameError

Against = Literal["previous", "year-ago", "restated", "nrf-week"]
"""What a period is compared with; see :func:`shift_for`."""

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole ISO weeks from ``first_week`` to ``last_week``, both included.

    Attributes
    ----------
    first_week, last_week
        Mondays.
    label
        What to call the period in a table or chart.

    Raises
    ------
    BadInputError
        A week is not a Monday, or the last is before the first.

    Examples
    --------
    >>> period = Period(date(2017, 1, 2), date(2017, 3, 27), "2017-W01..2017-W13")
    >>> period.weeks, date(2017, 3, 27) in period
    (13, True)
    """

    first_week: date
    last_week: date
    label: str

    def __post_init__(self) -> None:
        if require_monday(self.last_week) < require_monday(self.first_week):
            raise BadInputError(
                f"period {self.label!r}: its last week {self.last_week.isoformat()} is before its "
                f"first week {self.first_week.isoformat()}."
            )

    @property
    def weeks(self) -> int:
        """Number of weeks.

        Examples
        --------
        >>> Period(date(2017, 1, 2), date(2017, 1, 2), "2017-W01").weeks
        1
        """
        return (self.last_week - self.first_week) // _WEEK + 1

    def __contains__(self, monday: date) -> bool:
        """Whether the week that starts on ``monday`` is one of the period's weeks."""
        return monday.weekday() == 0 and self.first_week <= monday <= self.last_week

    def shifted(self, weeks: int) -> Period:
        """The same number of weeks, ``weeks`` later (earlier when negative).

        Examples
        --------
        >>> period = Period(date(2017, 1, 30), date(2017, 2, 20), "2017-P02")
        >>> period.shifted(-shift_for(period, "year-ago")).label
        '2016-W05..2016-W08'
        """
        first, last = self.first_week + weeks * _WEEK, self.last_week + weeks * _WEEK
        return Period(first, last, week_range_label(first, last))


def week_range_label(first: date, last: date) -> str:
    """Label of the weeks ``first`` to ``last`` (Mondays).

    Examples
    --------
    >>> week_range_label(date(2017, 1, 2), date(2017, 1, 2))
    '2017-W01'
    """
    if first == last:
        return iso_week_name(first)
    return f"{iso_week_name(first)}..{iso_week_name(last)}"


def shift_for(period: Period, against: Against) -> int:
    """Weeks to go back from ``period`` to the weeks it is compared with.

    Parameters
    ----------
    period
        The period of interest.
    against
        ``"previous"``: the same number of weeks just before the period.
        ``"year-ago"``: 52 weeks back.
        ``"restated"``: the restated NRF calendar, which is 52 weeks back for every week; see
        :func:`offtake.calendars.comparable_week`.
        ``"nrf-week"``: the same NRF week numbers of the retail year before, not restated: 52 or,
        in the year after a 53-week year, 53.

    Raises
    ------
    BadInputError
        ``against`` is unknown; or for ``"nrf-week"`` the period holds a 53rd week, which the year
        before lacks, or its weeks lie in retail years with different shifts.

    Examples
    --------
    >>> period = Period(date(2018, 2, 5), date(2018, 2, 26), "NRF2018-M01")
    >>> [shift_for(period, against) for against in ("previous", "restated", "nrf-week")]
    [4, 52, 53]
    """
    if against not in get_args(Against):
        raise UnknownNameError("comparison", against, get_args(Against))
    if against == "previous":
        return period.weeks
    if against == "nrf-week":
        return _nrf_week_shift(period)
    return 52


def _nrf_week_shift(period: Period) -> int:
    mondays = (period.first_week + number * _WEEK for number in range(period.weeks))
    shifts = {weeks_back(monday, "nrf-week") for monday in mondays}
    if len(shifts) > 1:
        raise BadInputError(
            f"period {period.label!r} spans NRF years of which one follows a 53-week year, so some "
            "of its weeks lie 52 and others 53 weeks after the same NRF week of the year before. "
            "Ask for each NRF year apart, or compare with year-ago or restated."
        )
    return shifts.pop()

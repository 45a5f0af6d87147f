"""Serbian days and times: in numbers, since Django has no months in the genitive."""

from __future__ import annotations

DATE_FORMAT = "j.n.Y."
SHORT_DATE_FORMAT = "j.n.Y."
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j.n.Y. H:i"
SHORT_DATETIME_FORMAT = "j.n.Y. H:i"
YEAR_MONTH_FORMAT = "F Y."
MONTH_DAY_FORMAT = "j.n."
FIRST_DAY_OF_WEEK = 1
# A browser's own field for days sends, and takes, nothing else.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y.", "%d.%m.%Y"]

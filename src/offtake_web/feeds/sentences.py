"""What the intake says of rows that it sets aside, and of files it cannot read, to translate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_noop as _

from offtake.data.contracts.registry import CONTRACTS
from offtake_web.feeds import edi_sentences

CELLS = (
    _("cannot be read; allowed: %(allowed)s"),
    _("is an error of a spreadsheet formula, not a value"),
    _("holds a line break; is a quote missing?"),
    _("is empty; needed: %(meaning)s"),
    _("allowed: %(code_allowed)s"),
    _("allowed: a number >= %(low)s"),
    _("allowed: a number <= %(high)s"),
    _("allowed: a number >= %(low)s and <= %(high)s"),
    _(
        "allowed: a Monday, the first day of an ISO week (map another week-ending day in the "
        "profile with `week_ends`)"
    ),
    _("allowed: a week of the calendar, %(first)s to %(last)s"),
    _("allowed: a GTIN of 8, 12, 13 or 14 digits with a right check digit"),
    _("allowed: a GLN of 13 digits with a right check digit"),
    _("allowed: a source that starts with %(code_prefix)s, as these rows are simulated"),
    _("is not in the %(table)s table; load it there, or mend the id"),
    _(
        "stands already with %(code_column)s = %(code_value)s; %(code_group)s would count twice in "
        "%(table)s"
    ),
    _(
        "the key (%(code_key)s) already stands in row %(row)s of this file with other values; the "
        "first row was kept"
    ),
    _("has %(found)s cells where the header has %(code_wanted)s"),
    _("holds bytes outside the encoding of the file; name its encoding in the profile"),
    _("is longer than %(size)s MiB; is a quote missing?"),
    _("a quote opens or closes in the wrong place"),
    _("a number"),
    _("a whole number"),
    _("a number with decimal %(code_sign)s"),
    _("a whole number with decimal %(code_sign)s"),
    _("yes or no (%(code_words)s)"),
    _("a date written %(code_form)s"),
    _("a time YYYY-MM-DD HH:MM"),
    _("%(form)s that is a %(day)s (the supplier's last day of the week)"),
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
FILES = (
    _("the file that was sent is no longer there; please send it again"),
    _("%(code_file)s has no header in row %(row)s or below"),
    _(
        "%(code_file)s: the header is not %(code_encoding)s; name the file's encoding in a profile "
        "([file] encoding)"
    ),
    _("%(code_file)s: the header cannot be read: %(code_error)s"),
    _(
        "%(code_file)s: column %(code_column)s stands twice in the header (places %(first)s and "
        "%(second)s); give each its own name"
    ),
    _(
        "%(code_file)s is UTF-16, not %(code_encoding)s; put encoding = 'utf-16' in the profile's "
        "[file]"
    ),
    _("%(code_file)s cannot be read as %(code_encoding)s: %(code_error)s"),
    _("%(code_file)s is not a whole gzip file: %(code_error)s"),
    _("%(code_file)s has no sheet"),
    _("%(code_file)s is not an Excel workbook: %(code_error)s"),
    _("%(code_file)s is not a Parquet file: %(code_error)s"),
    _("%(code_file)s is a folder; name a file in it"),
    _("%(code_file)s does not exist"),
    _(
        "%(code_file)s: the profile reads %(code_wanted)s from column %(code_column)s, which the "
        "file lacks."
    ),
    _("%(code_file)s: no column for %(code_columns)s, which contract %(code_contract)s requires."),
    _("The file has: %(code_columns)s."),
    _("Rename the columns, or map them in a profile (--profile)."),
    _("%(code_file)s: could not be loaded, nothing was written: %(code_error)s"),
    _(
        "profile %(code_profile)s is for contract %(code_contract)s, but %(code_asked)s is asked "
        "for"
    ),
    _(
        "%(code_file)s is a profile for contract %(code_contract)s, but %(code_asked)s is asked "
        "for (--as)"
    ),
    _("%(code_file)s is not a TOML file: %(code_error)s"),
)
STEPS = (
    _("reading"),
    _("checking"),
    _("writing"),
)


def _needed() -> Iterator[str]:
    """Give what the contracts say that a cell must hold, and what their tables are called."""
    for contract in CONTRACTS.values():
        yield contract.title.lower()
        yield from (column.meaning for column in contract.columns if column.required)
        yield from (f"allowed: {rule.allowed}" for rule in contract.rules)


def _templates(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace("%", "%%") for text in texts))


CONTRACTED = _templates(_needed())
SENTENCES = (*CELLS, *CONTRACTED, *edi_sentences.SENTENCES, *FILES, *STEPS)

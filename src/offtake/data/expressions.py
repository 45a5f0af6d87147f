"""SQL that turns what a file says into what a contract wants: text to number, date, flag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from offtake.calendars import Weekday
from offtake.data.contracts.contract import Column
from offtake.data.profile import ColumnRule, FileOptions

TRUE_WORDS = ("1", "true", "t", "yes", "y", "da", "ja", "oui", "si", "x")
FALSE_WORDS = ("0", "false", "f", "no", "n", "ne", "nein", "non")
YEARS = (1900, 2199)
"""Years that a date can have; anything else is a slip of the pen."""

_DAYS_TO_MIDDLE = 3
_SPACES = " \t\r\n\u00a0\u202f\u2009\u200b\ufeff"
_NARROW_SPACES = ("\u00a0", "\u202f", "\u2009")
_FLOATS = ("FLOAT", "DOUBLE")
_INTEGERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
)  # fmt: skip
_EXACT_DOUBLE = 1e15
WEEKDAY_NUMBERS: Mapping[Weekday, int] = MappingProxyType(
    {
        "monday": 1,
        "tuesday": 2,
        "wednesday": 3,
        "thursday": 4,
        "friday": 5,
        "saturday": 6,
        "sunday": 7,
    }
)


def literal(value: str) -> str:
    """Return `value` as an SQL string literal.

    Examples
    --------
    >>> literal("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """Return `identifier` quoted as an SQL name.

    Examples
    --------
    >>> name("Net Sales")
    '"Net Sales"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def names(identifiers: tuple[str, ...]) -> str:
    """Return the identifiers as a list of quoted SQL names.

    Examples
    --------
    >>> names(("a", "b"))
    '"a", "b"'
    """
    return ", ".join(name(identifier) for identifier in identifiers)


def word_list(words: tuple[str, ...]) -> str:
    """Return the words as a bracketed SQL list.

    Examples
    --------
    >>> word_list(("a", "b"))
    "('a', 'b')"
    """
    return "(" + ", ".join(literal(word) for word in words) + ")"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the value of one contract column comes from, and how the file writes values.

    Parameters
    ----------
    rule
        The column or constant.
    kind
        The engine's type of the source column.
    options
        How the file is written.
    by_hand
        Whether cells may hold what a spreadsheet leaves behind: tabs, line ends, invisible spaces.
    """

    rule: ColumnRule
    kind: str
    options: FileOptions
    by_hand: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the value is read from text rather than from a typed column."""
        translated = bool(self.rule.values) or self.rule.constant is not None
        return translated or not (is_number(self.kind) or is_moment(self.kind) or self.is_flag)

    @property
    def is_flag(self) -> bool:
        """Whether the source column is a yes/no column."""
        return self.kind == "BOOLEAN"


def is_number(kind: str) -> bool:
    """Whether an engine's type holds numbers."""
    return kind in _INTEGERS or kind in _FLOATS or kind.startswith("DECIMAL")


def is_moment(kind: str) -> bool:
    """Whether an engine's type holds days or times."""
    return kind == "DATE" or kind.startswith("TIMESTAMP")


def plain_text(column: str, kind: str) -> str:
    """Return SQL for a typed value as a person would write it: 101, not 101.0.

    Numbers with a fraction-free value lose their ``.0``: an id that went through a floating-point
    column is the same id.
    """
    text = f"CAST({column} AS VARCHAR)"
    if kind in _FLOATS:
        whole = f"{column} = trunc({column}) AND abs({column}) < {_EXACT_DOUBLE:.0f}"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE {text} END"
    if kind.startswith("DECIMAL"):
        return f"regexp_replace({text}, '\\.0+$', '')"
    return text


def got(source: Source) -> str:
    """Return SQL for what the source gives as text, NULL where it gives nothing."""
    rule, options = source.rule, source.options
    if rule.constant is not None:
        return literal(rule.constant)
    text = _cleaned(source)
    if source.kind != "VARCHAR":
        text = plain_text(text, source.kind)
    if options.null_values:
        text = f"CASE WHEN {text} NOT IN {word_list(options.null_values)} THEN {text} END"
    if rule.values:
        cases = " ".join(f"WHEN {literal(a)} THEN {literal(b)}" for a, b in rule.values.items())
        text = f"CASE {text} {cases} ELSE {text} END"
    return text


def got_nothing(source: Source) -> str:
    """Return SQL for whether the source gives nothing; a typed value is not made text for it."""
    if source.is_text or source.options.null_values:
        return f"({got(source)}) IS NULL"
    return f"({_cleaned(source)}) IS NULL"


def _cleaned(source: Source) -> str:
    assert source.rule.column is not None  # noqa: S101  # a rule has a column or a constant
    column = name(source.rule.column)
    if source.kind in _FLOATS:
        return f"CASE WHEN NOT isnan({column}) THEN {column} END"
    if source.kind == "VARCHAR":
        # A list of spaces costs seven times as much as the engine's own.
        spaces = f", {literal(_SPACES)}" if source.by_hand else ""
        return f"nullif(trim({column}{spaces}), '')"
    return column


def typed(column: Column, source: Source) -> str:
    """Return SQL for the value in the contract's type, NULL where it cannot be read as such."""
    if column.type == "text":
        return got(source)
    if column.type in ("number", "integer"):
        return _number(column, source)
    if column.type == "boolean":
        return _flag(source)
    return _moment(column, source)


def _typed_value(source: Source) -> str:
    """Return SQL for a value of a typed column, NULL where it is one of the null words."""
    if not source.options.null_values:
        return _cleaned(source)
    return f"CASE WHEN {got(source)} IS NOT NULL THEN {_cleaned(source)} END"


def _number(column: Column, source: Source) -> str:
    if source.is_text:
        options = FileOptions() if source.rule.constant is not None else source.options
        value = f"TRY_CAST({_plain_number(got(source), options)} AS DOUBLE)"
    else:
        value = _typed_value(source)
    if source.is_text or source.kind not in _INTEGERS or source.rule.scale != 1.0:
        value = f"CAST({value} AS DOUBLE)"
        if source.rule.scale != 1.0:
            value = f"({value} * {source.rule.scale!r})"
        value = f"CASE WHEN isfinite({value}) THEN {value} END"
    if column.type == "number":
        return f"CAST({value} AS DOUBLE)"
    return f"CASE WHEN {value} = trunc({value}) THEN TRY_CAST({value} AS BIGINT) END"


def _plain_number(text: str, options: FileOptions) -> str:
    """Return SQL for the number's text in plain notation, NULL where it breaks the file's own."""
    sign, decimal = options.thousands, options.decimal
    faults = [f"contains({text}, '_')"]
    plain = text
    if sign == " ":
        for space in _NARROW_SPACES:
            plain = f"replace({plain}, {literal(space)}, ' ')"
    if sign:
        # 1,5 under a thousands comma is a decimal comma that strayed in, not fifteen.
        group = _bracketed(sign)
        form = f"[+-]?[0-9]{{1,3}}({group}[0-9]{{2,3}})*{group}[0-9]{{3}}"
        form += f"({_bracketed(decimal)}[0-9]*)?"
        faults.append(
            f"contains({plain}, {literal(sign)}) "
            f"AND NOT regexp_full_match({plain}, {literal(form)})"
        )
        plain = f"replace({plain}, {literal(sign)}, '')"
    if decimal != ".":
        # A point that is neither the decimal nor the thousands sign must not pass as one.
        faults.append(f"contains({plain}, '.')")
        plain = f"replace({plain}, {literal(decimal)}, '.')"
    return f"CASE WHEN {' OR '.join(faults)} THEN NULL ELSE {plain} END"


def _bracketed(sign: str) -> str:
    return f"[\\{sign}]" if sign in "^]\\-" else f"[{sign}]"


def _flag(source: Source) -> str:
    if source.is_flag and not source.is_text:
        return _typed_value(source)
    text = f"lower({got(source)})"
    return (
        f"CASE WHEN {text} IN {word_list(TRUE_WORDS)} THEN true "
        f"WHEN {text} IN {word_list(FALSE_WORDS)} THEN false END"
    )


def _moment(column: Column, source: Source) -> str:
    sql = "DATE" if column.type == "date" else "TIMESTAMP"
    if is_moment(source.kind) and not source.is_text:
        moment = _typed_value(source)
        moment = moment if source.kind == sql else f"CAST({moment} AS {sql})"
    else:
        moment = f"CAST({_read_moment(source)} AS {sql})"
    first, last = YEARS
    moment = f"CASE WHEN year({moment}) BETWEEN {first} AND {last} THEN {moment} END"
    return moment if column.type == "timestamp" else _as_week(moment, source.rule)


def _read_moment(source: Source) -> str:
    text = got(source)
    stated = date_format(source)
    if stated is not None:
        return f"try_strptime({text}, {literal(stated)})"
    return (
        f"CASE WHEN regexp_full_match({text}, '[0-9]{{8}}') THEN try_strptime({text}, '%Y%m%d') "
        f"ELSE TRY_CAST({text} AS TIMESTAMP) END"
    )


def date_format(source: Source) -> str | None:
    """Return the ``strptime`` format that dates of a source are written in; None for ISO 8601."""
    if source.rule.constant is not None:
        return None
    return source.rule.date_format or source.options.date_format


def _as_week(value: str, rule: ColumnRule) -> str:
    if rule.week_ends is None:
        return value
    right_day = f"isodow({value}) = {WEEKDAY_NUMBERS[rule.week_ends]}"
    return (
        f"CASE WHEN {right_day} "
        f"THEN CAST(date_trunc('week', {value} - {_DAYS_TO_MIDDLE}) AS DATE) END"
    )


def written(column: str, kind: str, *, decimal: str, date_format: str | None) -> str:
    """Return SQL for a source's value as a text file under the same profile would write it.

    Parameters
    ----------
    column, kind
        The source's column and the engine's type of it.
    decimal, date_format
        The profile's notation of that column.
    """
    if kind == "VARCHAR":
        return name(column)
    if is_moment(kind) and date_format is not None:
        return f"strftime({name(column)}, {literal(date_format)})"
    text = plain_text(name(column), kind)
    if is_number(kind) and decimal != ".":
        return f"replace({text}, '.', {literal(decimal)})"
    return text


def allowed_text(column: Column, source: Source) -> str:
    """Return in words what can be read as a value of this column."""
    options = source.options
    if column.type in ("number", "integer"):
        kind = "a number" if column.type == "number" else "a whole number"
        sign = f" with decimal {options.decimal!r}" if options.decimal != "." else ""
        return f"{kind}{sign}"
    if column.type == "boolean":
        return "yes or no (" + ", ".join((*TRUE_WORDS, *FALSE_WORDS)) + ")"
    stated = date_format(source)
    if stated is not None:
        shape = f"a date written {stated}"
    else:
        shape = "a date written YYYY-MM-DD" if column.type == "date" else "a time YYYY-MM-DD HH:MM"
    if source.rule.week_ends is not None:
        day = source.rule.week_ends.capitalize()
        shape += f" that is a {day} (the supplier's last day of the week)"
    return shape

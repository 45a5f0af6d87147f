"""SQL that turns what a file says into what a contract wants: text to number, date, flag."""

from __future__ import annotations

from offtake.calendars import Weekday
from offtake.data.contracts.contract import SQL_TYPES, Column
from offtake.data.profile import ColumnRule, FileOptions

TRUE_WORDS = ("1", "true", "t", "yes", "y", "da", "ja", "oui", "si", "x")
FALSE_WORDS = ("0", "false", "f", "no", "n", "ne", "nein", "non")
_DAYS_TO_MIDDLE = 3
_ISO_DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y%m%d")
_NUMBERS = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "UTINYINT",
     "USMALLINT", "UINTEGER", "UBIGINT")
)  # fmt: skip
WEEKDAY_NUMBERS: dict[Weekday, int] = {
    "monday": 1,
    "tuesday": 2,
    "wednesday": 3,
    "thursday": 4,
    "friday": 5,
    "saturday": 6,
    "sunday": 7,
}


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


def word_list(words: tuple[str, ...]) -> str:
    """Return the words as a bracketed SQL list.

    Examples
    --------
    >>> word_list(("a", "b"))
    "('a', 'b')"
    """
    return "(" + ", ".join(literal(word) for word in words) + ")"


def got(rule: ColumnRule, kind: str, options: FileOptions) -> str:
    """Return SQL for what the source gives, NULL where it gives nothing.

    Parameters
    ----------
    rule
        Where the value comes from.
    kind
        The engine's type of the source column.
    options
        For the words that stand for nothing.
    """
    if rule.constant is not None:
        return literal(rule.constant)
    assert rule.column is not None  # noqa: S101  # a rule has a column or a constant
    column = name(rule.column)
    if kind in ("FLOAT", "DOUBLE"):
        column = f"CASE WHEN NOT isnan({column}) THEN {column} END"
    if kind != "VARCHAR":
        return _translated(column, rule) if rule.values else column
    text = f"nullif(trim({column}), '')"
    if options.null_values:
        text = f"CASE WHEN {text} NOT IN {word_list(options.null_values)} THEN {text} END"
    return _translated(text, rule)


def _translated(value: str, rule: ColumnRule) -> str:
    if not rule.values:
        return value
    cases = " ".join(f"WHEN {literal(a)} THEN {literal(b)}" for a, b in rule.values.items())
    text = f"CAST({value} AS VARCHAR)"
    return f"CASE {text} {cases} ELSE {text} END"


def typed(column: Column, rule: ColumnRule, kind: str, options: FileOptions) -> str:
    """Return SQL for the value in the contract's type, NULL where it cannot be read as such.

    Parameters
    ----------
    column
        What the contract wants.
    rule, kind, options
        As in :func:`got`.
    """
    value = got(rule, kind, options)
    is_text = kind == "VARCHAR" or bool(rule.values) or rule.constant is not None
    if rule.constant is not None:
        options = FileOptions()
    if column.type == "text":
        return value if is_text else f"CAST({value} AS VARCHAR)"
    if column.type in ("number", "integer"):
        return _number(column, rule, value, kind=kind, options=options, is_text=is_text)
    if column.type == "boolean":
        return _flag(value, kind, is_text=is_text)
    return _moment(column, rule, value, kind=kind, options=options, is_text=is_text)


def _number(
    column: Column, rule: ColumnRule, value: str, *, kind: str, options: FileOptions, is_text: bool
) -> str:
    if not is_text and kind in _NUMBERS:
        number = value if column.type == "integer" and kind in ("BIGINT", "INTEGER") else (
            f"CAST({value} AS DOUBLE)")  # fmt: skip
    else:
        number = f"TRY_CAST({_plain_number(value, options)} AS DOUBLE)"
    if kind not in ("BIGINT", "INTEGER") or is_text:
        number = f"CASE WHEN isfinite({number}) THEN {number} END"
    if rule.scale != 1.0:
        number = f"{number} * {rule.scale!r}"
    if column.type == "number":
        return f"CAST({number} AS DOUBLE)"
    return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"


def _plain_number(value: str, options: FileOptions) -> str:
    text = f"CAST({value} AS VARCHAR)"
    if options.thousands:
        text = f"replace({text}, {literal(options.thousands)}, '')"
        if options.thousands == " ":
            text = f"replace(replace({text}, chr(160), ''), chr(8239), '')"
    if options.decimal != ".":
        # A point that is neither the decimal nor the thousands sign must not pass as one.
        text = f"CASE WHEN contains({text}, '.') THEN NULL ELSE {text} END"
        text = f"replace({text}, {literal(options.decimal)}, '.')"
    return text


def _flag(value: str, kind: str, *, is_text: bool) -> str:
    if not is_text and kind == "BOOLEAN":
        return value
    text = f"lower(CAST({value} AS VARCHAR))"
    return (
        f"CASE WHEN {text} IN {word_list(TRUE_WORDS)} THEN true "
        f"WHEN {text} IN {word_list(FALSE_WORDS)} THEN false END"
    )


def _moment(
    column: Column, rule: ColumnRule, value: str, *, kind: str, options: FileOptions, is_text: bool
) -> str:
    stated = rule.date_format or options.date_format
    if not is_text and (kind == "DATE" or kind.startswith("TIMESTAMP")):
        moment = f"CAST({value} AS TIMESTAMP)"
    elif stated is not None:
        moment = f"try_strptime(CAST({value} AS VARCHAR), {literal(stated)})"
    elif column.type == "timestamp":
        moment = f"TRY_CAST(CAST({value} AS VARCHAR) AS TIMESTAMP)"
    else:
        formats = ", ".join(literal(f) for f in _ISO_DATE_FORMATS)
        moment = f"try_strptime(CAST({value} AS VARCHAR), [{formats}])"
    if column.type == "timestamp":
        return moment
    return _as_week(f"CAST({moment} AS {SQL_TYPES['date']})", rule)


def _as_week(value: str, rule: ColumnRule) -> str:
    if rule.week_ends is None:
        return value
    right_day = f"isodow({value}) = {WEEKDAY_NUMBERS[rule.week_ends]}"
    return (
        f"CASE WHEN {right_day} "
        f"THEN CAST(date_trunc('week', {value} - {_DAYS_TO_MIDDLE}) AS DATE) END"
    )


def allowed_text(column: Column, rule: ColumnRule, options: FileOptions) -> str:
    """Return in words what can be read as a value of this column."""
    if column.type in ("number", "integer"):
        kind = "a number" if column.type == "number" else "a whole number"
        sign = f" with decimal {options.decimal!r}" if options.decimal != "." else ""
        return f"{kind}{sign}"
    if column.type == "boolean":
        return "yes or no (" + ", ".join((*TRUE_WORDS, *FALSE_WORDS)) + ")"
    written = rule.date_format or options.date_format
    if written is not None:
        shape = f"a date written {written}"
    else:
        shape = "a date written YYYY-MM-DD" if column.type == "date" else "a time YYYY-MM-DD HH:MM"
    if rule.week_ends is not None:
        shape += f" that is a {rule.week_ends.capitalize()} (the supplier's last day of the week)"
    return shape

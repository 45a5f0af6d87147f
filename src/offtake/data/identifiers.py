"""Trade item and location numbers of GS1: check digits in Python and in SQL.

A number is text: its leading zeros belong to it. A GTIN has 8, 12, 13 or 14 digits, a GLN has 13;
the last is the check digit. A number of zeros only is a filler that passes the arithmetic, and is
refused.

Reference: GS1 General Specifications, section 7.9, check digit calculations.
"""

from __future__ import annotations

from offtake.errors import BadInputError

GTIN_LENGTHS = (8, 12, 13, 14)
"""Digits in a GTIN-8, GTIN-12 (UPC), GTIN-13 (EAN) and GTIN-14 (case)."""

GLN_LENGTH = 13
"""Digits in a GLN."""

_GTIN_PATTERN = "[0-9]{8}|[0-9]{12,14}"
_GLN_PATTERN = "[0-9]{13}"


def gtin_check_digit(body: str) -> str:
    """Check digit of a GS1 number: GTIN, GLN or SSCC.

    Parameters
    ----------
    body
        The digits before the check digit.

    Returns
    -------
    str
        One digit, such that the digits from the right, weighted 1, 3, 1, 3 and so on, sum to a
        multiple of ten.

    Raises
    ------
    BadInputError
        ``body`` is empty or holds something other than the digits 0 to 9.

    Examples
    --------
    >>> gtin_check_digit("629104150021")
    '3'
    """
    if not _is_digits(body):
        raise BadInputError(f"GS1 number {body!r} must be one or more of the digits 0 to 9.")
    return str(-_weighted_sum(body + "0") % 10)


def is_gtin(text: str) -> bool:
    """Whether ``text`` is a GTIN of 8, 12, 13 or 14 digits with the right check digit.

    Examples
    --------
    >>> is_gtin("036000291452"), is_gtin("036000291453"), is_gtin("36000291452")
    (True, False, False)
    """
    return len(text) in GTIN_LENGTHS and _passes(text)


def is_gln(text: str) -> bool:
    """Whether ``text`` is a GLN: 13 digits with the right check digit.

    Examples
    --------
    >>> is_gln("6291041500213"), is_gln("036000291452")
    (True, False)
    """
    return len(text) == GLN_LENGTH and _passes(text)


def normalise_gtin(text: str) -> str:
    """A GTIN filled with zeros on the left to 14 digits, to compare numbers of unequal length.

    Raises
    ------
    BadInputError
        ``text`` is not a GTIN.

    Examples
    --------
    >>> normalise_gtin("036000291452")
    '00036000291452'
    """
    if not is_gtin(text):
        raise BadInputError(f"GTIN {text!r} {_fault(text)}.")
    return text.zfill(14)


def gtin_valid_sql(column_sql: str) -> str:
    """SQL for DuckDB: whether a VARCHAR expression holds a GTIN; agrees with :func:`is_gtin`.

    Parameters
    ----------
    column_sql
        SQL of the text, such as a quoted column name. It goes into the result as it is: never
        build it from what a user typed.

    Returns
    -------
    str
        A BOOLEAN expression in brackets; NULL for NULL.

    Notes
    -----
    One match of a pattern, one cast and integer arithmetic on whole vectors.

    Examples
    --------
    >>> import duckdb
    >>> query = f"SELECT {gtin_valid_sql('code')} FROM (VALUES ('96385074'), ('96385075')) t(code)"
    >>> duckdb.sql(query).fetchall()
    [(True,), (False,)]
    """
    return _valid_sql(column_sql, _GTIN_PATTERN, max(GTIN_LENGTHS))


def gln_valid_sql(column_sql: str) -> str:
    """SQL for DuckDB: whether a VARCHAR expression holds a GLN; agrees with :func:`is_gln`.

    Parameters
    ----------
    column_sql
        As for :func:`gtin_valid_sql`.

    Returns
    -------
    str
        A BOOLEAN expression in brackets; NULL for NULL.

    Examples
    --------
    >>> import duckdb
    >>> query = f"SELECT {gln_valid_sql('code')} FROM (VALUES ('6291041500213'), ('12')) t(code)"
    >>> duckdb.sql(query).fetchall()
    [(True,), (False,)]
    """
    return _valid_sql(column_sql, _GLN_PATTERN, GLN_LENGTH)


def _is_digits(text: str) -> bool:
    # str.isdigit alone also accepts the digits of other scripts
    return text.isascii() and text.isdigit()


def _weighted_sum(digits: str) -> int:
    reverse = [int(digit) for digit in reversed(digits)]
    return sum(reverse[0::2]) + 3 * sum(reverse[1::2])


def _passes(text: str) -> bool:
    return _is_digits(text) and _weighted_sum(text) % 10 == 0 and bool(text.strip("0"))


def _fault(text: str) -> str:
    if not _is_digits(text):
        return "must hold digits only"
    if len(text) not in GTIN_LENGTHS:
        lost = "; a leading zero may be lost" if len(text) + 1 in GTIN_LENGTHS else ""
        return f"has {len(text)} digits; a GTIN has 8, 12, 13 or 14{lost}"
    if not text.strip("0"):
        return "is zeros only, which stands for no item"
    return f"ends in {text[-1]}; its check digit must be {gtin_check_digit(text[:-1])}"


def _valid_sql(column_sql: str, pattern: str, digits: int) -> str:
    number = f"TRY_CAST({column_sql} AS BIGINT)"
    places = [f"{number} // {10**place} % 10" for place in range(digits)]
    total = f"({' + '.join(places[0::2])}) + 3 * ({' + '.join(places[1::2])})"
    # the arithmetic goes first: behind another condition DuckDB repeats the cast for every digit
    return f"(({total}) % 10 = 0 AND {number} > 0 AND regexp_full_match({column_sql}, '{pattern}'))"

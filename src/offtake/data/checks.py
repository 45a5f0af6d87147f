"""The checks of a contract as SQL: set-based, one pass, every fault of a bad row named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offtake.data.contracts.contract import WEEKS, Column, Contract, Rule
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.contracts.simulated import SIMULATED_PREFIX
from offtake.data.expressions import Source, allowed_text, literal, name, word_list
from offtake.data.identifiers import gln_valid_sql, gtin_valid_sql

SPREADSHEET_ERRORS = (
    "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One way in which a row can be bad: true `fault` (SQL) sets it aside.

    Parameters
    ----------
    column
        Column to name in the report.
    fault, reason
        The condition, and what to say of it.
    unless
        SQL; where it is true the fault follows from another one and is not reported again.
    """

    column: str
    fault: str
    reason: str
    unless: str = "false"


def checks_of(
    contract: Contract,
    sources: Mapping[str, Source],
    filled: Mapping[str, str],
    *,
    by_hand: bool,
) -> list[Check]:
    """Return the checks of a row, in the order in which a person would mend them.

    Parameters
    ----------
    contract
        The contract.
    sources
        Contract column to where its value comes from, for the columns that the file gives.
    filled
        Contracts that hold rows, with their tables in SQL: references to these are checked.
    by_hand
        Whether cells may hold what a spreadsheet or a stray quote leaves behind.
    """
    checks = list(_column_checks(contract, sources, filled, by_hand=by_hand))
    return [*checks, *(_rule_check(rule, contract, checks) for rule in contract.rules)]


def _column_checks(
    contract: Contract,
    sources: Mapping[str, Source],
    filled: Mapping[str, str],
    *,
    by_hand: bool,
) -> Iterator[Check]:
    for column in contract.columns:
        source = sources.get(column.name)
        if source is not None and column.type != "text":
            yield _unreadable(column, source)
        if source is not None and column.type == "text" and by_hand:
            yield from _debris(column, in_key=column.name in contract.key)
        if column.required:
            yield _empty(column, contract, sources)
        if source is not None or column.default is not None:
            yield from _value_checks(column, filled, own=contract.name)


def _rule_check(rule: Rule, contract: Contract, checks: list[Check]) -> Check:
    """Return the check of a rule; it is silent where a column that it reads is bad in itself."""
    read = _read_columns(rule.condition, contract)
    known = [check.fault for check in checks if check.column in read]
    unless = " OR ".join(f"coalesce({fault}, false)" for fault in known) or "false"
    return Check(rule.column, f"NOT ({rule.condition})", f"allowed: {rule.allowed}", unless)


def _read_columns(condition: str, contract: Contract) -> frozenset[str]:
    """Return the columns that a condition reads, and those that fill them where they are empty."""
    seen: set[str] = set()
    waiting = [condition]
    while waiting:
        words = set(re.findall(r"[a-z_]+", waiting.pop()))
        found = [c for c in contract.columns if c.name in words - seen]
        seen.update(c.name for c in found)
        waiting += [c.default for c in found if c.default is not None]
    return frozenset(seen)


def _unreadable(column: Column, source: Source) -> Check:
    return Check(
        column.name,
        f"NOT {name('n_' + column.name)} AND {name(column.name)} IS NULL",
        f"cannot be read; allowed: {allowed_text(column, source)}",
    )


def _debris(column: Column, *, in_key: bool) -> Iterator[Check]:
    quoted = name(column.name)
    yield Check(
        column.name,
        f"starts_with({quoted}, '#') AND {quoted} IN {word_list(SPREADSHEET_ERRORS)}",
        "is an error of a spreadsheet formula, not a value",
    )
    if in_key or column.references is not None:
        yield Check(
            column.name,
            f"contains({quoted}, chr(10))",
            "holds a line break; is a quote missing?",
        )


def _empty(column: Column, contract: Contract, sources: Mapping[str, Source]) -> Check:
    quoted = name(column.name)
    unless = list(_reported_before(column, contract, sources))
    return Check(
        column.name,
        f"{quoted} IS NULL AND {name('n_' + column.name)}",
        f"is empty; needed: {column.meaning}",
        " OR ".join(unless) or "false",
    )


def _reported_before(
    column: Column, contract: Contract, sources: Mapping[str, Source]
) -> Iterator[str]:
    """Give SQL for each reason why a filled column is empty that is reported of another column."""
    words = re.findall(r"[a-z_]+", column.default or "")
    earlier = contract.column_names[: contract.column_names.index(column.name)]
    for other in contract.columns:
        if other.name not in words or other.name == column.name:
            continue
        reported = other.name in sources or other.name in earlier
        if other.required and reported and column.name not in sources:
            yield f"{name(other.name)} IS NULL"
        elif other.name in sources:
            yield f"(NOT {name('n_' + other.name)} AND {name(other.name)} IS NULL)"


def _value_checks(column: Column, filled: Mapping[str, str], *, own: str) -> Iterator[Check]:
    quoted = name(column.name)
    if column.low is not None or column.high is not None:
        yield Check(column.name, *_range(column))
    if column.allowed:
        yield Check(
            column.name,
            f"CAST({quoted} AS VARCHAR) NOT IN {word_list(column.allowed)}",
            f"allowed: {', '.join(column.allowed)}",
        )
    yield from _form(column)
    if column.references is not None and column.references != own and column.references in filled:
        yield _reference(column, column.references, filled[column.references])


def _range(column: Column) -> tuple[str, str]:
    quoted = name(column.name)
    low, high = column.low, column.high
    faults, words = [], []
    if low is not None:
        faults.append(f"{quoted} < {low}")
        words.append(f">= {low:g}")
    if high is not None:
        faults.append(f"{quoted} > {high}")
        words.append(f"<= {high:g}")
    return " OR ".join(faults), f"allowed: a number {' and '.join(words)}"


def _form(column: Column) -> Iterator[Check]:
    quoted = name(column.name)
    if column.form == "monday":
        yield Check(
            column.name,
            f"isodow({quoted}) <> 1",
            "allowed: a Monday, the first day of an ISO week (map another week-ending day in "
            "the profile with `week_ends`)",
        )
        first, last = WEEKS
        yield Check(
            column.name,
            f"{quoted} NOT BETWEEN DATE '{first}' AND DATE '{last}'",
            f"allowed: a week of the calendar, {first} to {last}",
        )
    if column.form == "gtin":
        yield Check(
            column.name,
            f"NOT ({gtin_valid_sql(quoted)})",
            "allowed: a GTIN of 8, 12, 13 or 14 digits with a right check digit",
        )
    if column.form == "simulated":
        yield Check(
            column.name,
            f"NOT starts_with({quoted}, {literal(SIMULATED_PREFIX)})",
            f"allowed: a source that starts with {SIMULATED_PREFIX}, as these rows are simulated",
        )
    if column.form == "gln":
        yield Check(
            column.name,
            f"NOT ({gln_valid_sql(quoted)})",
            "allowed: a GLN of 13 digits with a right check digit",
        )


def _reference(column: Column, target: str, table: str) -> Check:
    key = CONTRACTS[target].key[0]
    return Check(
        column.name,
        f"{name(column.name)} NOT IN (SELECT {name(key)} FROM {table})",
        f"is not in the {CONTRACTS[target].title.lower()} table; load it there, or mend the id",
    )


def unchecked_references(contract: Contract, filled: frozenset[str]) -> tuple[str, ...]:
    """Return the contracts that rows refer to but that hold nothing to check against yet."""
    targets = {column.references for column in contract.columns if column.references}
    return tuple(sorted(targets - filled))


def is_bad(checks: tuple[Check, ...]) -> str:
    """Return SQL that is true for a row with at least one fault, never NULL."""
    if not checks:
        return "false"
    return " OR ".join(f"coalesce({check.fault}, false)" for check in checks)


def fault_list(checks: tuple[Check, ...]) -> str:
    """Return SQL for the list of a row's faults as structs of column, value and reason."""
    parts = ", ".join(
        f"CASE WHEN ({check.fault}) AND NOT ({check.unless}) THEN {_fault(check)} END"
        for check in checks
    )
    return f"list_filter([{parts}], lambda f: f IS NOT NULL)"


def _fault(check: Check) -> str:
    column = check.column
    value = f"coalesce({name('g_' + column)}, CAST({name(column)} AS VARCHAR))"
    return fault_struct(literal(column), value, literal(check.reason))


def fault_struct(column: str, value: str, reason: str) -> str:
    """Return SQL for one fault from SQL for its three parts."""
    return f"{{'column': {column}, 'value': {value}, 'reason': {reason}}}"

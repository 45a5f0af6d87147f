"""The checks of a contract as SQL: set-based, one pass, every fault of a bad row named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offtake.data.contracts.contract import SQL_TYPES, Column, Contract
from offtake.data.contracts.registry import CONTRACTS
from offtake.data.expressions import allowed_text, got, literal, name, typed
from offtake.data.identifiers import gln_valid_sql, gtin_valid_sql
from offtake.data.profile import ColumnRule, FileOptions, Profile
from offtake.errors import BadInputError


@dataclass(frozen=True, slots=True)
class Check:
    """One way in which a row can be bad: true `fault` (SQL) sets it aside."""

    column: str
    fault: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A contract's columns as SQL over one staged file.

    Parameters
    ----------
    contract
        The contract the file is read as.
    rules
        Contract column to where its value comes from, for the columns that the file gives.
    unused
        Source columns that no contract column reads.
    checks
        All checks of a row, in the order in which a person would mend them.
    view
        SELECT over the staged file giving ``_id``, ``_row``, ``g_<column>`` (what was got, as
        text) and the contract's columns.
    """

    contract: Contract
    rules: Mapping[str, ColumnRule]
    unused: tuple[str, ...]
    checks: tuple[Check, ...]
    view: str


def map_columns(
    profile: Profile,
    contract: Contract,
    staged: str,
    kinds: Mapping[str, str],
    *,
    filled: frozenset[str],
    file: str,
) -> Mapped:
    """Work out where every contract column comes from and what could be wrong with it.

    Parameters
    ----------
    profile
        The mapping.
    contract
        The contract to read the file as.
    staged
        SQL name of the staged file.
    kinds
        Source column to the engine's type.
    filled
        Contracts that hold rows: references to these are checked.
    file
        Name of the file, for messages.

    Raises
    ------
    BadInputError
        When a column that the contract requires, or the profile names, is not in the file.
    """
    rules = _find_columns(profile, contract, kinds, file)
    read = {rule.column for rule in rules.values()}
    unused = tuple(c for c in kinds if c not in read and not c.startswith("_"))
    return Mapped(
        contract,
        rules,
        unused,
        tuple(_checks(contract, rules, profile.file, filled)),
        _view(contract, rules, kinds, profile.file, staged),
    )


def _find_columns(
    profile: Profile, contract: Contract, kinds: Mapping[str, str], file: str
) -> dict[str, ColumnRule]:
    by_lower = {c.lower(): c for c in kinds if not c.startswith("_")}
    rules: dict[str, ColumnRule] = {}
    for column in contract.columns:
        rule = profile.columns.get(column.name)
        if rule is None and column.name in by_lower:
            rule = ColumnRule(column=by_lower[column.name])
        if rule is not None:
            rules[column.name] = _located(rule, by_lower, file, column.name)
    _demand_required(contract, rules, by_lower, file)
    return rules


def _located(
    rule: ColumnRule, by_lower: Mapping[str, str], file: str, wanted: str
) -> ColumnRule:
    if rule.column is None:
        return rule
    found = by_lower.get(rule.column.lower())
    if found is None:
        raise BadInputError(
            f"{file}: the profile reads {wanted!r} from column {rule.column!r}, which the file "
            f"lacks. The file has: {', '.join(by_lower.values()) or '(none)'}."
        )
    return ColumnRule(
        column=found,
        scale=rule.scale,
        date_format=rule.date_format,
        week_ends=rule.week_ends,
        values=rule.values,
    )


def _demand_required(
    contract: Contract, rules: Mapping[str, ColumnRule], by_lower: Mapping[str, str], file: str
) -> None:
    missing = [c.name for c in contract.columns if c.required and not _obtainable(c, rules)]
    if missing:
        raise BadInputError(
            f"{file}: no column for {', '.join(map(repr, missing))}, which contract "
            f"{contract.name!r} requires. The file has: {', '.join(by_lower.values()) or '(none)'}."
            " Rename the columns, or map them in a profile (--profile)."
        )


def _obtainable(column: Column, rules: Mapping[str, ColumnRule]) -> bool:
    if column.name in rules:
        return True
    if column.default is None:
        return False
    needs = _names_in(column.default)
    return not needs or any(need in rules for need in needs)


def _names_in(sql: str) -> set[str]:
    """Return the columns that a default reads: its bare lower-case words, calls left out."""
    without_strings = re.sub(r"'[^']*'", "", sql)
    words = re.findall(r"\b[a-z_]+\b(?!\()", without_strings)
    return {word for word in words if word not in ("true", "false")}


def _view(
    contract: Contract,
    rules: Mapping[str, ColumnRule],
    kinds: Mapping[str, str],
    options: FileOptions,
    staged: str,
) -> str:
    parts = ["_id", "_row"]
    for column in contract.columns:
        raw, value = _sources(column, rules.get(column.name), kinds, options)
        parts += [f"{raw} AS {name('g_' + column.name)}", f"{value} AS {name('t_' + column.name)}"]
    inner = f"SELECT {', '.join(parts)} FROM {staged}"
    return f"SELECT _id, _row, {', '.join(_filled(contract))} FROM ({_with_bare(contract, inner)})"


def _sources(
    column: Column, rule: ColumnRule | None, kinds: Mapping[str, str], options: FileOptions
) -> tuple[str, str]:
    if rule is None:
        return "NULL::VARCHAR", f"NULL::{_sql_type(column)}"
    kind = "VARCHAR" if rule.column is None else kinds[rule.column]
    raw = f"CAST({got(rule, kind, options)} AS VARCHAR)"
    return raw, typed(column, rule, kind, options)


def _sql_type(column: Column) -> str:
    return SQL_TYPES[column.type]


def _with_bare(contract: Contract, inner: str) -> str:
    """Let defaults name their sibling columns bare: ``date`` beside ``t_date``."""
    bare = ", ".join(f"{name('t_' + c.name)} AS {name(c.name)}" for c in contract.columns)
    kept = ", ".join(name("g_" + c.name) for c in contract.columns)
    return f"SELECT _id, _row, {kept}, {bare} FROM ({inner})"


def _filled(contract: Contract) -> Iterator[str]:
    for column in contract.columns:
        quoted, raw = name(column.name), name("g_" + column.name)
        yield f"{raw}"
        if column.default is None:
            yield quoted
        else:
            default = f"CAST({column.default} AS {_sql_type(column)})"
            yield (
                f"CASE WHEN {quoted} IS NULL AND {raw} IS NULL THEN {default} "
                f"ELSE {quoted} END AS {quoted}"
            )


def _checks(
    contract: Contract,
    rules: Mapping[str, ColumnRule],
    options: FileOptions,
    filled: frozenset[str],
) -> Iterator[Check]:
    for column in contract.columns:
        rule = rules.get(column.name)
        if rule is not None and column.type != "text":
            yield _unreadable(column, rule, options)
        if column.required:
            yield _empty(column)
        if rule is not None or column.default is not None:
            yield from _value_checks(column, filled, own=contract.name)
    for row_rule in contract.rules:
        yield Check(
            row_rule.column,
            f"NOT ({row_rule.condition})",
            f"allowed: {row_rule.allowed}",
        )


def _unreadable(column: Column, rule: ColumnRule, options: FileOptions) -> Check:
    return Check(
        column.name,
        f"{name('g_' + column.name)} IS NOT NULL AND {name(column.name)} IS NULL",
        f"cannot be read; allowed: {allowed_text(column, rule, options)}",
    )


def _empty(column: Column) -> Check:
    quoted = name(column.name)
    got_nothing = f"{name('g_' + column.name)} IS NULL"
    return Check(column.name, f"{quoted} IS NULL AND {got_nothing}", "is empty; a value is needed")


def _value_checks(column: Column, filled: frozenset[str], *, own: str) -> Iterator[Check]:
    quoted = name(column.name)
    if column.low is not None or column.high is not None:
        yield Check(column.name, *_range(column))
    if column.allowed:
        words = ", ".join(literal(word) for word in column.allowed)
        yield Check(
            column.name,
            f"CAST({quoted} AS VARCHAR) NOT IN ({words})",
            f"allowed: {', '.join(column.allowed)}",
        )
    if column.form is not None:
        yield _form(column)
    if column.references is not None and column.references != own and column.references in filled:
        yield _reference(column, column.references)


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


def _form(column: Column) -> Check:
    quoted = name(column.name)
    if column.form == "monday":
        return Check(
            column.name,
            f"isodow({quoted}) <> 1",
            "allowed: a Monday, the first day of an ISO week (map another week-ending day in "
            "the profile with `week_ends`)",
        )
    if column.form == "gtin":
        return Check(
            column.name,
            f"NOT ({gtin_valid_sql(quoted)})",
            "allowed: a GTIN of 8, 12, 13 or 14 digits with a right check digit",
        )
    return Check(
        column.name,
        f"NOT ({gln_valid_sql(quoted)})",
        "allowed: a GLN of 13 digits with a right check digit",
    )


def _reference(column: Column, target: str) -> Check:
    key = CONTRACTS[target].key[0]
    return Check(
        column.name,
        f"{name(column.name)} NOT IN (SELECT {name(key)} FROM main.{target})",
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
        f"CASE WHEN {check.fault} THEN {_fault(check)} END" for check in checks
    )
    return f"list_filter([{parts}], lambda f: f IS NOT NULL)"


def _fault(check: Check) -> str:
    column = check.column
    value = f"coalesce({name('g_' + column)}, CAST({name(column)} AS VARCHAR))"
    return (
        f"{{'column': {literal(column)}, 'value': {value}, 'reason': {literal(check.reason)}}}"
    )

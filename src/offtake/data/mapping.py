"""Mapping: which source column every contract column comes from, as SQL over a staged file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from offtake.data.checks import Check, checks_of
from offtake.data.contracts.contract import SQL_TYPES, Column, Contract
from offtake.data.expressions import (
    Source,
    date_format,
    got,
    got_nothing,
    literal,
    name,
    names,
    typed,
    written,
)
from offtake.data.profile import ColumnRule, FileOptions, Profile
from offtake.data.sources.staging import Staged, original_name, staged_name
from offtake.errors import BadInputError

MENDED_COLUMNS = ("_load_id", "_entry")
"""Columns of an export by which a mended row is recognised."""

EXPORT_COLUMNS = (*MENDED_COLUMNS, "_problem", "_more")
"""Columns that an export adds to the source's own."""


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
    sources
        Contract column to its source, for the columns that the file gives.
    raw
        SQL over the staged file: JSON of a row's own columns, each as the file would write it.
    """

    contract: Contract
    rules: Mapping[str, ColumnRule]
    unused: tuple[str, ...]
    checks: tuple[Check, ...]
    sources: Mapping[str, Source]
    raw: str

    def view_over(self, relation: str) -> str:
        """Return a SELECT over staged rows giving what they say in the contract's words.

        It has ``_id``, ``_row``, ``g_<column>`` (what was got, as text), ``n_<column>`` (whether
        that is nothing) and the contract's columns.
        """
        return _view(self.contract, self.sources, relation)


def map_columns(
    profile: Profile,
    contract: Contract,
    staged: Staged,
    kinds: Mapping[str, str],
    *,
    filled: Mapping[str, str],
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
        The staged file.
    kinds
        Source column to the engine's type.
    filled
        Contracts that hold rows, with their tables in SQL: references to these are checked.
    file
        Name of the file, for messages.

    Raises
    ------
    BadInputError
        When a column that the contract requires, or the profile names, is not in the file.
    """
    rules = _find_columns(profile, contract, kinds, file)
    sources = {
        column: Source(rule, kinds.get(rule.column or "", "VARCHAR"), profile.file, staged.by_hand)
        for column, rule in rules.items()
    }
    read = {rule.column for rule in rules.values()}
    ours = EXPORT_COLUMNS if set(MENDED_COLUMNS) <= set(kinds) else ()
    return Mapped(
        contract=contract,
        rules=rules,
        unused=tuple(original_name(c) for c in kinds if c not in read and c not in ours),
        checks=tuple(checks_of(contract, sources, filled, by_hand=staged.by_hand)),
        sources=sources,
        raw=_raw(kinds, sources, profile.file),
    )


def _find_columns(
    profile: Profile, contract: Contract, kinds: Mapping[str, str], file: str
) -> dict[str, ColumnRule]:
    by_lower = {c.strip().lower(): c for c in kinds}
    rules: dict[str, ColumnRule] = {}
    for column in contract.columns:
        rule = profile.columns.get(column.name)
        if rule is None and column.name in by_lower:
            rule = ColumnRule(column=by_lower[column.name])
        if rule is not None:
            rules[column.name] = _located(rule, by_lower, file, column.name)
    _demand_required(contract, rules, by_lower, file)
    return rules


def _located(rule: ColumnRule, by_lower: Mapping[str, str], file: str, wanted: str) -> ColumnRule:
    if rule.column is None:
        return rule
    found = by_lower.get(staged_name(rule.column.strip()).lower())
    if found is None:
        raise BadInputError(
            f"{file}: the profile reads {wanted!r} from column {rule.column!r}, which the file "
            f"lacks. The file has: {_listed(by_lower)}."
        )
    return replace(rule, column=found)


def _listed(by_lower: Mapping[str, str]) -> str:
    return ", ".join(original_name(column) for column in by_lower.values()) or "(none)"


def _demand_required(
    contract: Contract, rules: Mapping[str, ColumnRule], by_lower: Mapping[str, str], file: str
) -> None:
    missing = [c.name for c in contract.columns if c.required and not _obtainable(c, rules)]
    if missing:
        raise BadInputError(
            f"{file}: no column for {', '.join(map(repr, missing))}, which contract "
            f"{contract.name!r} requires. The file has: {_listed(by_lower)}."
            " Rename the columns, or map them in a profile (--profile)."
        )


def _obtainable(column: Column, rules: Mapping[str, ColumnRule]) -> bool:
    if column.name in rules:
        return True
    if column.default is None:
        return False
    needs = column.needs or names_in(column.default)
    return not needs or any(need in rules for need in needs)


def names_in(sql: str) -> tuple[str, ...]:
    """Return the columns that an SQL expression reads: its bare lower-case words, calls left out.

    Examples
    --------
    >>> names_in("coalesce(date, started::DATE)")
    ('date', 'started')
    """
    without_strings = re.sub(r"'[^']*'", "", sql)
    words = re.findall(r"\b[a-z_]+\b(?!\()", without_strings)
    return tuple(dict.fromkeys(word for word in words if word not in ("true", "false")))


def _view(contract: Contract, sources: Mapping[str, Source], staged: str) -> str:
    parts = [
        part for column in contract.columns for part in _raw_parts(column, sources.get(column.name))
    ]
    inner = f"SELECT _id, _row, {', '.join(parts)} FROM {staged}"
    return f"SELECT _id, _row, {', '.join(_filled(contract))} FROM ({_with_bare(contract, inner)})"


def _raw_parts(column: Column, source: Source | None) -> Iterator[str]:
    """Give what was got as text, whether that is nothing, and the typed value."""
    text, nothing, value = "NULL::VARCHAR", "true", f"NULL::{SQL_TYPES[column.type]}"
    if source is not None:
        text, nothing, value = got(source), got_nothing(source), typed(column, source)
    for letter, sql in (("g_", text), ("n_", nothing), ("t_", value)):
        yield f"{sql} AS {name(letter + column.name)}"


def _with_bare(contract: Contract, inner: str) -> str:
    """Let defaults name their sibling columns bare: ``date`` beside ``t_date``."""
    bare = ", ".join(f"{name('t_' + c.name)} AS {name(c.name)}" for c in contract.columns)
    kept = names(tuple(letter + c.name for c in contract.columns for letter in ("g_", "n_")))
    return f"SELECT _id, _row, {kept}, {bare} FROM ({inner})"


def _filled(contract: Contract) -> Iterator[str]:
    for column in contract.columns:
        quoted, nothing = name(column.name), name("n_" + column.name)
        yield f"{name('g_' + column.name)}, {nothing}"
        if column.default is None:
            yield quoted
        else:
            default = f"CAST({column.default} AS {SQL_TYPES[column.type]})"
            yield (
                f"CASE WHEN {quoted} IS NULL AND {nothing} THEN {default} ELSE {quoted} END "
                f"AS {quoted}"
            )


def _raw(kinds: Mapping[str, str], sources: Mapping[str, Source], options: FileOptions) -> str:
    formats = {source.rule.column: date_format(source) for source in sources.values()}
    parts = [
        f"{literal(original_name(column))}, "
        + written(
            column,
            kind,
            decimal=options.decimal,
            date_format=formats.get(column, options.date_format),
        )
        for column, kind in kinds.items()
        if column not in EXPORT_COLUMNS
    ]
    return f"json_object({', '.join(parts)})::VARCHAR"

"""Plans from a workbook: what each row would do, and doing it, through the ordinary actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from offtake_web.accounts.access import demand
from offtake_web.accounts.models import User
from offtake_web.common.markets import Market
from offtake_web.plans.actions import change, create
from offtake_web.plans.actions_talk import commit, finish
from offtake_web.plans.diff import differences
from offtake_web.plans.exchange_cells import CellError, Column
from offtake_web.plans.exchange_columns import CONTENT_COLUMNS, SHEETS
from offtake_web.plans.exchange_read import Fault, Row, Rows, shown
from offtake_web.plans.facts import known
from offtake_web.plans.models import CONTENT, Commitment, Plan, State
from offtake_web.plans.sight import visible
from offtake_web.plans.writing import StaleVersionError

Outcome = Literal["new", "changed", "unchanged", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("new", "changed", "refused", "unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became, or would become, of one row.

    Parameters
    ----------
    sheet, number
        Where it stands.
    outcome
        What becomes of it.
    name
        Of the plan, or what is promised.
    pk
        Of the plan; None where there is none yet.
    changes
        What differs, each as field, before and after in words.
    faults
        Why it is refused.
    """

    sheet: str
    number: int
    outcome: Outcome
    name: str
    pk: int | None = None
    changes: tuple[tuple[str, str, str], ...] = ()
    faults: tuple[Fault, ...] = ()


class RowError(Exception):
    """A row is refused: the column at fault (none for the row), what was got, and the reason."""

    def __init__(self, column: str, got: object, reason: str) -> None:
        super().__init__(reason)
        self.column, self.got, self.reason = column, got, reason


def preview_rows(rows: Rows, market: Market, *, by: User) -> list[Result]:
    """Say what each row would do: it is done, and taken back at once.

    Raises
    ------
    PermissionDenied
        If somebody may not change plans.
    """
    return list(_each(rows, market, by, keep=False))


def apply_rows(rows: Rows, market: Market, *, by: User) -> list[Result]:
    """Take rows over, each in one transaction; refused ones change nothing.

    Raises
    ------
    PermissionDenied
        If somebody may not change plans.
    """
    return list(_each(rows, market, by, keep=True))


def _each(rows: Rows, market: Market, by: User, *, keep: bool) -> Iterator[Result]:
    demand(by, "plan.edit")
    sheets: Mapping[str, _Plans | _Promises] = {
        "plans": _Plans(market, by),
        "promises": _Promises(market, by),
    }
    seen: set[tuple[str, object]] = set()
    for row in rows.rows:
        taker = sheets[row.sheet]
        try:
            if row.faults:
                yield _refused(row, row.faults)
                continue
            _demand_once(row, seen)
            with transaction.atomic():
                result = taker.take(row)
                if not keep:
                    transaction.set_rollback(True)
            yield result
        except RowError as error:
            yield _refused(row, [_fault(rows.file, row, error)])
        except CellsError as error:
            yield _refused(row, [_fault(rows.file, row, each) for each in error.errors])
        except StaleVersionError as error:
            stale = RowError("version", error.version, str(error))
            yield _refused(row, [_fault(rows.file, row, stale)])
        except PermissionDenied as error:
            yield _refused(row, [_fault(rows.file, row, RowError("", "", str(error)))])
        except ValidationError as error:
            yield _refused(row, list(_by_field(rows.file, row, error)))


def _demand_once(row: Row, seen: set[tuple[str, object]]) -> None:
    key = (row.sheet, row.cells.get("pk"))
    if key[1] is None:
        return
    if key in seen:
        raise RowError("pk", key[1], _("The key is in an earlier row too."))
    seen.add(key)


def _refused(row: Row, faults: Iterable[Fault]) -> Result:
    name = shown(row.cells.get("name") or row.cells.get("what"))
    return Result(
        sheet=row.sheet, number=row.number, outcome="refused", name=name, faults=tuple(faults)
    )


def _fault(file: str, row: Row, error: RowError) -> Fault:
    columns = SHEETS[row.sheet][1]
    label = next((str(each.label) for each in columns if each.name == error.column), "")
    return Fault(file=file, sheet=row.title, row=row.number, column=label,
                 got=shown(error.got), reason=error.reason)  # fmt: skip


def _by_field(file: str, row: Row, error: ValidationError) -> Iterator[Fault]:
    by_field = getattr(error, "error_dict", {NON_FIELD_ERRORS: [error]})
    for name, errors in by_field.items():
        for message in ValidationError(errors).messages:
            got = row.cells.get(name) if name in CONTENT else ""
            yield _fault(file, row, RowError(name, got, message))


class CellsError(Exception):
    """Several cells of one row are at fault."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__(errors)
        self.errors = errors


def _values(
    row: Row, columns: Iterable[Column], wanted: Callable[[Column], bool]
) -> dict[str, Any]:
    """Read the cells of a row that are wanted; all that is wrong with them is named together."""
    values: dict[str, Any] = {}
    errors = []
    for column in columns:
        if column.name not in row.cells and not column.needed:
            continue
        cell = row.cells.get(column.name)
        try:
            if wanted(column):
                values[column.name] = column.read(cell)
        except CellError as error:
            errors.append(RowError(column.name, cell, str(error)))
    if errors:
        raise CellsError(errors)
    return values


def _number(row: Row, name: str) -> int | None:
    column = next(each for each in SHEETS[row.sheet][1] if each.name == name)
    try:
        found: int | None = column.read(row.cells.get(name))
    except CellError as error:
        raise RowError(name, row.cells.get(name), str(error)) from None
    return found


def _demand_version(row: Row, now: int, who: str) -> None:
    version = _number(row, "version")
    if version is None:
        raise RowError("version", "", _("Needed beside a key: the version that was exported."))
    if version != now:
        words = {"now": now, "who": who}
        raise RowError(
            "version",
            version,
            _("Changed meanwhile: it is at version %(now)s, by %(who)s. Export it anew.") % words,
        )


def _same_content(one: Plan, other: Plan) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in CONTENT)


class _Plans:
    """Takes rows of plans."""

    def __init__(self, market: Market, by: User) -> None:
        self.market, self.by, self.known = market, by, known(market)
        self.seen: Mapping[int, Plan] = {
            plan.pk: plan for plan in visible(by, market).select_related("updated_by")
        }
        # A workbook that is sent twice makes no plan twice.
        self.alike = [plan for plan in self.seen.values() if plan.state != State.CANCELLED]

    def take(self, row: Row) -> Result:
        pk = _number(row, "pk")
        return self._make(row) if pk is None else self._change(row, pk)

    def _make(self, row: Row) -> Result:
        values = _values(row, CONTENT_COLUMNS, lambda _column: True)
        plan = create(self.market, values, by=self.by)
        plan.refresh_from_db()
        twin = next((each for each in self.alike if _same_content(each, plan)), None)
        if twin is not None:
            transaction.set_rollback(True)
            return Result(
                sheet=row.sheet, number=row.number, outcome="unchanged", name=twin.name, pk=twin.pk
            )
        self.alike.append(plan)
        return Result(sheet=row.sheet, number=row.number, outcome="new", name=plan.name, pk=plan.pk)

    def _change(self, row: Row, pk: int) -> Result:
        plan = self.seen.get(pk)
        if plan is None:
            raise RowError("pk", pk, _("No such plan here; leave the key empty for a new one."))
        state = next(each for each in SHEETS["plans"][1] if each.name == "state")
        if "state" in row.cells and not state.same(row.cells["state"], plan.state):
            raise RowError("state", row.cells["state"], _("A state changes on the plan's page."))
        values = _values(
            row,
            CONTENT_COLUMNS,
            lambda column: not column.same(row.cells.get(column.name), getattr(plan, column.name)),
        )
        values = {name: each for name, each in values.items() if each != getattr(plan, name)}
        result = Result(
            sheet=row.sheet, number=row.number, outcome="unchanged", name=plan.name, pk=pk
        )
        if not values:
            return result
        _demand_version(row, plan.version, str(plan.updated_by))
        after = change(plan, values, version=plan.version, by=self.by).plan
        found = differences(plan, after, self.known, CONTENT)
        changes = tuple((each.label, each.before, each.after) for each in found)
        return replace(result, outcome="changed", name=after.name, changes=changes)


class _Promises:
    """Takes rows of promises: new ones, and whether they are kept."""

    def __init__(self, market: Market, by: User) -> None:
        self.market, self.by = market, by
        self.plans = {plan.pk: plan for plan in visible(by, market)}
        rows = Commitment.objects.filter(plan__in=self.plans).select_related("plan", "owner")
        self.seen: Mapping[int, Commitment] = {each.pk: each for each in rows}
        self.people = {each.get_username(): each for each in User.objects.filter(is_active=True)}

    def take(self, row: Row) -> Result:
        pk = _number(row, "pk")
        return self._make(row) if pk is None else self._finish(row, pk)

    def _make(self, row: Row) -> Result:
        columns = [column for column in SHEETS["promises"][1] if not column.fixed]
        values = _values(row, columns, lambda _column: True)
        plan = self.plans.get(values["plan_id"])
        if plan is None:
            raise RowError("plan_id", values["plan_id"], _("No such plan here."))
        owner = self.people.get(values["owner"])
        if owner is None:
            raise RowError("owner", values["owner"], _("Allowed: somebody's sign-in name."))
        made = commit(plan, values["what"], due=values["due"], by=self.by, owner=owner)
        if values.get("done_on"):
            finish(made, version=made.version, by=self.by)
        return Result(sheet=row.sheet, number=row.number, outcome="new", name=made.what, pk=plan.pk)

    def _finish(self, row: Row, pk: int) -> Result:
        promise = self.seen.get(pk)
        if promise is None:
            raise RowError("pk", pk, _("No such promise here; leave the key empty for a new one."))
        told = {"owner": promise.owner.get_username(), "plan_name": promise.plan.name}
        other = [
            column.name
            for column in SHEETS["promises"][1]
            if column.name in row.cells
            and column.name not in ("pk", "version", "done_on")
            and not column.same(
                row.cells[column.name], told.get(column.name, getattr(promise, column.name, None))
            )
        ]
        if other:
            reason = _("A promise stays as it was made. Take it back and make another.")
            raise RowError(other[0], row.cells[other[0]], reason)
        return self._kept(row, promise)

    def _kept(self, row: Row, promise: Commitment) -> Result:
        column = next(each for each in SHEETS["promises"][1] if each.name == "done_on")
        result = Result(sheet=row.sheet, number=row.number, outcome="unchanged",
                        name=promise.what, pk=promise.plan_id)  # fmt: skip
        if "done_on" not in row.cells or column.same(row.cells["done_on"], promise.done_on):
            return result
        done = _values(row, [column], lambda _column: True)["done_on"]
        if promise.done_on is not None and done is not None:
            raise RowError("done_on", done, _("It is kept already, on %(day)s.")
                           % {"day": promise.done_on})  # fmt: skip
        _demand_version(row, promise.version, str(promise.owner))
        finish(promise, version=promise.version, by=self.by, done=done is not None)
        words = (_("kept"), _("open again"))[done is None]
        return replace(result, outcome="changed", changes=((str(column.label), "", words),))

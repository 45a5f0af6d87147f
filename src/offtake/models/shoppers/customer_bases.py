"""Customer bases of a category: from the store to fits, choices and forecasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offtake.errors import UnknownNameError
from offtake.models.kernels.customer_law import CustomerModel
from offtake.models.kernels.customer_states import CustomerStates
from offtake.models.shoppers.customer_query import CategoryHistories, category_histories
from offtake.models.shoppers.customer_spec import CustomerSpec, CustomerUnit
from offtake.models.shoppers.customer_trial import Held, Trial, choose, misfit, tried
from offtake.models.shoppers.customer_worth import Spending, Worth, spending, worth

if TYPE_CHECKING:
    from offtake.data.store import Store, Tables

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class CustomerBase:
    """All that is known of the customers of one name.

    Parameters
    ----------
    name
        Whose customers.
    held
        By unit in which purchases count once; the unit of the chosen model first.
    trials
        Every model tried; none where too few bought again.
    chosen
        Place of the model that is used.
    why
        It is, in a few words.
    states
        (N,) customers at the end, as the chosen model counts.
    spend
        What they spend; None where it is not known.
    """

    name: str
    held: Held
    trials: tuple[Trial, ...]
    chosen: int
    why: str
    states: CustomerStates
    spend: Spending | None

    @property
    def trial(self) -> Trial:
        """The chosen model."""
        return self.trials[self.chosen]


@dataclass(frozen=True, slots=True)
class CustomerBases:
    """The customer bases of a category.

    Parameters
    ----------
    bases
        By name, that with most customers first.
    worths
        Of each, None where no model was fitted.
    allowance
        By how much forecasts were off beyond their intervals, in logs.
    left_out
        Names beyond those asked for.
    spec
        What was asked.
    """

    bases: tuple[CustomerBase, ...]
    worths: tuple[Worth | None, ...]
    allowance: float
    left_out: int
    spec: CustomerSpec


def customer_bases(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: CustomerSpec | None = None,
    progress: Progress | None = None,
) -> CustomerBases:
    """Fit, choose and forecast for every name of a category.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    spec
        Whose customers, and how far ahead.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    MissingContractError
        When no baskets are loaded.
    BadInputError
        When nobody bought anything of the category, or there are too few weeks.
    UnknownNameError
        When customers are to be listed of a name that is not among those told.
    """
    spec = spec or CustomerSpec()
    report = progress or (lambda _, __: None)
    report("reading purchases of households", 0.0)
    by_unit = {
        unit: category_histories(store, tables, category, spec=spec, unit=unit)
        for unit in dict.fromkeys(_unit(model, spec) for model in spec.models)
    }
    main = next(iter(by_unit.values()))
    names = list(main.of)
    for each in spec.listed:
        if each not in main.of:
            raise UnknownNameError("name", each, main.of)
    bases = []
    for count, name in enumerate(names):
        report(f"fitting the customers of {name}", 10 + 60 * count / len(names))
        bases.append(_base(name, by_unit, spec))
    known = [base.trial for base in bases if base.trials]
    allowance = misfit(known)
    worths = []
    for count, base in enumerate(bases):
        report(f"valuing the customers of {base.name}", 70 + 30 * count / len(names))
        worths.append(
            worth(base.trial.fit, base.states, base.spend, spec, allowance=allowance)
            if base.trials
            else None
        )
    return CustomerBases(tuple(bases), tuple(worths), allowance, main.left_out, spec)


def _base(
    name: str, by_unit: dict[CustomerUnit, CategoryHistories], spec: CustomerSpec
) -> CustomerBase:  # fmt: skip
    held = {
        unit: Held(found.of[name], found.repeats[name], found.span, found.unit)
        for unit, found in by_unit.items()
    }
    main = next(iter(held.values()))
    enough = all(_repeaters(each) >= spec.least_repeaters for each in held.values())
    trials = tuple(
        tried(model, held[_unit(model, spec)]) for model in spec.models
    ) if enough else ()  # fmt: skip
    chosen, why = choose(trials) if trials else (0, "too few customers bought again")
    used = held[trials[chosen].unit] if trials else main
    return CustomerBase(
        name, used, trials, chosen, why, used.whole(), spending(used.histories)
    )  # fmt: skip


def _unit(model: CustomerModel, spec: CustomerSpec) -> CustomerUnit:
    """Return in which unit a model counts: the BG/BB has periods."""
    return "week" if model == "bg_bb" else spec.unit


def _repeaters(held: Held) -> int:
    """Return how many customers had bought again by the cut."""
    return int((held.histories.purchases_cut > 1).sum())

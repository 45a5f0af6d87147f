"""All that is said of a category's shoppers and brands: from the store to every table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from offtake.errors import BadInputError, MissingContractError, UnknownNameError
from offtake.models.columns import as_table
from offtake.models.shoppers.campaign_tables import campaign_tables
from offtake.models.shoppers.customer_answer import customer_tables
from offtake.models.shoppers.customer_spec import CustomerSpec
from offtake.models.shoppers.funnel_answer import funnel_tables
from offtake.models.shoppers.grouping import Grouping, grouping_of
from offtake.models.shoppers.norm_spec import NormSpec
from offtake.models.shoppers.norm_tables import norm_tables
from offtake.models.shoppers.trend_tables import trend_tables
from offtake.models.shoppers.won_spec import WonSpec
from offtake.models.shoppers.won_tables import won_tables

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables

Progress = Callable[[str, float], None]

BY_BRAND: Mapping[str, tuple[Callable[..., dict[str, pa.Table]], Callable[..., Any]]] = (
    MappingProxyType({
        "norms": (norm_tables, NormSpec),
        "customers": (customer_tables, CustomerSpec),
        "won": (won_tables, WonSpec),
    })
)  # fmt: skip
"""Subjects that compare brands, or manufacturers, with their specifications."""
OTHERS: Mapping[str, Callable[..., dict[str, pa.Table]]] = MappingProxyType(
    {"campaigns": campaign_tables, "funnel": funnel_tables, "trends": trend_tables}
)
SUBJECTS = (*BY_BRAND, *OTHERS)
"""Every subject, in the order in which they are told."""
LEFT_OUT = "shopper_left_out"


def shopper_tables(
    store: Store,
    tables: Tables,
    category: str,
    *,
    subject: str,
    by: Grouping | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return every table of one subject, by name.

    Parameters
    ----------
    store, tables
        Where the data are.
    category
        As the product table calls it.
    subject
        One of :data:`SUBJECTS`.
    by
        What counts as a brand; unless given, the finer of brands and manufacturers.
    progress
        Called with what is being done and how far it is (0 to 100).

    Raises
    ------
    UnknownNameError
        When there is no such subject.
    MissingContractError
        When what the subject needs is not loaded.
    BadInputError
        When too little of the category is known.
    """
    if subject not in SUBJECTS:
        raise UnknownNameError("subject", subject, SUBJECTS)
    if subject in OTHERS:
        return OTHERS[subject](store, tables, category, progress=progress)
    tell, spec = BY_BRAND[subject]
    by = by or grouping_of(store, tables, category)
    return tell(store, tables, category, spec=spec(by=by), progress=progress)


def all_shopper_tables(
    store: Store,
    tables: Tables,
    category: str,
    *,
    by: Grouping | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return the tables of every subject that what is loaded allows.

    Subjects that it does not allow are told in ``shopper_left_out``, with the reason.

    Parameters
    ----------
    store, tables, category, by, progress
        As in :func:`shopper_tables`.

    Raises
    ------
    BadInputError
        When no subject can be told; the message gives the reason of the first.
    """
    by = by or grouping_of(store, tables, category)
    found: dict[str, pa.Table] = {}
    left_out: dict[str, str] = {}
    for place, subject in enumerate(SUBJECTS):
        try:
            found |= shopper_tables(
                store, tables, category, subject=subject, by=by, progress=_part(progress, place)
            )
        except (BadInputError, MissingContractError) as error:
            left_out[subject] = str(error)
    if not found:
        raise BadInputError(next(iter(left_out.values())))
    words = {"subject": list(left_out), "reason": list(left_out.values())}
    return found | ({LEFT_OUT: as_table(words)} if left_out else {})


def _part(progress: Progress | None, place: int) -> Progress | None:
    if progress is None:
        return None
    size = 1 / len(SUBJECTS)
    return lambda words, share: progress(words, 100 * size * place + size * share)

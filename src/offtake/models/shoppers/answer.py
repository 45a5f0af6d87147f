"""All that is said of a category's shoppers and brands: from the store to every table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

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

Subject = Callable[["Store", "Tables", str, Grouping, Progress | None], "dict[str, pa.Table]"]


def _norms(
    store: Store, tables: Tables, category: str, by: Grouping, progress: Progress | None
) -> dict[str, pa.Table]:
    return norm_tables(store, tables, category, spec=NormSpec(by=by), progress=progress)


def _customers(
    store: Store, tables: Tables, category: str, by: Grouping, progress: Progress | None
) -> dict[str, pa.Table]:
    return customer_tables(store, tables, category, spec=CustomerSpec(by=by), progress=progress)


def _won(
    store: Store, tables: Tables, category: str, by: Grouping, progress: Progress | None
) -> dict[str, pa.Table]:
    return won_tables(store, tables, category, spec=WonSpec(by=by), progress=progress)


def _campaigns(
    store: Store, tables: Tables, category: str, _by: Grouping, progress: Progress | None
) -> dict[str, pa.Table]:
    return campaign_tables(store, tables, category, progress=progress)


def _funnel(
    store: Store, tables: Tables, category: str, _by: Grouping, progress: Progress | None
) -> dict[str, pa.Table]:
    return funnel_tables(store, tables, category, progress=progress)


def _trends(
    store: Store, tables: Tables, category: str, _by: Grouping, progress: Progress | None
) -> dict[str, pa.Table]:
    return trend_tables(store, tables, category, progress=progress)


SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        "norms": _norms,
        "customers": _customers,
        "won": _won,
        "campaigns": _campaigns,
        "funnel": _funnel,
        "trends": _trends,
    }
)
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
    by = by or grouping_of(store, tables, category)
    return SUBJECTS[subject](store, tables, category, by, progress)


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

"""All that is said of a category's customer bases: from the store to every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offtake.models.shoppers.customer_bases import Progress, customer_bases
from offtake.models.shoppers.customer_spec import CustomerSpec
from offtake.models.shoppers.customer_tables import tables_of

if TYPE_CHECKING:
    import pyarrow as pa

    from offtake.data.store import Store, Tables


def customer_tables(
    store: Store,
    tables: Tables,
    category: str,
    *,
    spec: CustomerSpec | None = None,
    progress: Progress | None = None,
) -> dict[str, pa.Table]:
    """Return every table of a category's customer bases, by name.

    Tables: ``shopper_customer_base``, ``shopper_customer_models``,
    ``shopper_customer_parameters``, ``shopper_customer_tracking``, ``shopper_customers`` and
    ``shopper_customer_notes``; see :mod:`offtake.models.shoppers.customer_tables` for their
    columns. Intervals are at 80 %.

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
    """
    return tables_of(customer_bases(store, tables, category, spec=spec, progress=progress))

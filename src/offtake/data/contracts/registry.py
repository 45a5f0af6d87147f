"""The list of contracts, in the order in which a fresh store is best filled."""

from __future__ import annotations

from types import MappingProxyType

from offtake.data.contracts.calendar import CALENDAR
from offtake.data.contracts.contract import Contract
from offtake.data.contracts.field import AUDIT_LINE, NOTE, VISIT
from offtake.data.contracts.household import (
    BASKET_LINE,
    CAMPAIGN,
    CAMPAIGN_CONTACT,
    COUPON,
    HOUSEHOLD,
    REDEMPTION,
)
from offtake.data.contracts.people import MESSAGE_RECALL, PERSON, SURVEY_ANSWER, TARGET
from offtake.data.contracts.product import PRODUCT
from offtake.data.contracts.sales import SALES
from offtake.data.contracts.store import STORE
from offtake.data.contracts.support import DISTRIBUTION_LIST, MEDIA, PROMOTION, STOCK
from offtake.data.contracts.terms import PROMOTION_COST, STOCKOUT_RESPONSE, UNIT_MARGIN
from offtake.errors import UnknownNameError

CONTRACTS: MappingProxyType[str, Contract] = MappingProxyType(
    {
        contract.name: contract
        for contract in (
            PRODUCT,
            STORE,
            CALENDAR,
            HOUSEHOLD,
            PERSON,
            SALES,
            BASKET_LINE,
            PROMOTION,
            PROMOTION_COST,
            UNIT_MARGIN,
            STOCKOUT_RESPONSE,
            MEDIA,
            STOCK,
            DISTRIBUTION_LIST,
            VISIT,
            AUDIT_LINE,
            NOTE,
            SURVEY_ANSWER,
            MESSAGE_RECALL,
            TARGET,
            CAMPAIGN,
            CAMPAIGN_CONTACT,
            COUPON,
            REDEMPTION,
        )
    }
)


def contract(name: str) -> Contract:
    """Return the contract called `name`.

    Raises
    ------
    UnknownNameError
        When there is no such contract; the message lists all of them.

    Examples
    --------
    >>> contract("sales").key
    ('store_id', 'product_id', 'date', 'days')
    """
    if name not in CONTRACTS:
        raise UnknownNameError("contract", name, CONTRACTS)
    return CONTRACTS[name]

"""Code lists of the 852 that Offtake reads; README.md says what each one means."""

from __future__ import annotations

SALES_CODES = ("QS", "QU")
"""Activity codes (element 859) read as sales: sold, and returned by the consumer."""

RETURN_CODE = "QU"

STOCK_CODES = {
    "QA": "on_hand",
    "QI": "in_transit",
    "QO": "out_of_stock",
    "QP": "on_order",
    "QR": "received",
}
"""Activity codes read as stock, and the column each one fills."""

READ_CODES = tuple(sorted((*SALES_CODES, *STOCK_CODES)))

GTIN_QUALIFIERS = ("UP", "EN", "EO", "UK")
"""Product qualifiers (element 235) of GTIN-12, 13, 8 and 14, the consumer unit first."""

OTHER_QUALIFIERS = ("IN", "BP", "CB", "SK", "VN", "VP", "UI", "UD", "UA")
"""Further product qualifiers, best first, used where no GTIN is given."""

STORE_PARTIES = ("RL", "SN", "ST")
"""Parties (N101) that name the reporting store where there is no SDQ, best first."""

REPORTER_PARTIES = ("FR", "BY")
"""Parties (N101) that name who reports, best first; else the sender of the interchange."""

GLN_QUALIFIER = "UL"

PRICE_CODES = ("GSP", "RES", "RTL", "MSR")
"""Price identifiers (element 236) read as the regular price, best first."""

PROMOTION_PRICE = "PRP"

SUGGESTED_PRICE = "MSR"

UNITS = ("EA", "UN", "PC", "LB", "OZ", "KG", "GR")
"""Units of measure taken as they are: consumer units, and weights of weighed goods."""

CASE_UNITS = ("CA", "CS", "CT")
"""Units of measure turned into consumer units by PO401, the number in a case."""

START_DATES = ("090", "150", "193")
END_DATES = ("091", "151", "194")
SINGLE_DATES = ("007",)
"""Date qualifiers (element 374): start, end, and the one day that a quantity holds for."""

IGNORED = frozenset(
    ("XPO", "N9", "PER", "N2", "N3", "N4", "FOB", "TD5", "REF", "PID", "PKG", "MEA")
)
"""Segments that carry no figure of a store and product: names, addresses, descriptions."""

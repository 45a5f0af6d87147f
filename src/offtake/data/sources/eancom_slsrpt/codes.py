"""Code lists of SLSRPT that Offtake reads; README.md says what each one means."""

from __future__ import annotations

SOLD = "153"
RETURNED = "210"
SALES_CODES = (SOLD, RETURNED)
"""Quantity qualifiers (6063) read as sales: sold, and returned by the consumer."""

STOCK_CODES = {"145": "on_hand", "17": "on_hand", "217": "out_of_stock"}
"""Quantity qualifiers read as stock, and the column each one fills."""

READ_CODES = tuple(sorted((*SALES_CODES, *STOCK_CODES), key=int))

UNITS = ("", "PCE", "EA", "C62", "H87", "NAR", "KGM", "GRM", "LBR", "LTR", "MLT", "MTR")
"""Measure units (6411) taken as they are: pieces, and measures of weighed or cut goods."""

LINE_AMOUNT = "203"
"""Amount qualifier (5025) of the value of the sales of a line."""

REGULAR_PRICES = ("AAB", "AAE", "AAF", "AAA")
"""Price qualifiers (5125) read as the regular price, best first: gross before net."""

SELLING_PRICES = ("AAA", "AAE", "AAB", "AAF")
"""Price qualifiers that value a line without an amount, best first: net before gross."""

PRICE_KINDS = ("", "RTP")
"""Price specifications (5387) read: none, and retail price."""

GTIN_TYPES = ("SRV", "EN", "UP")
"""Item number types (7143) that are GTINs."""

OTHER_TYPES = ("IN", "BP", "SA", "VN", "MF")
"""Further item number types, best first, used where no GTIN is given."""

SALE_PLACE = "162"
"""Location qualifier (3227) of the place of sale."""

STORE_PARTIES = ("SN", "ST")
"""Parties (3035) that name the store where no LOC does, best first."""

REPORTER_PARTIES = ("FR", "MS", "SE", "BY")
"""Parties that name who reports, best first; else the sender of the interchange."""

SALES_PERIOD = "356"
REPORT_START = "90"
REPORT_END = "91"
OTHER_DATES = ("137", "134", "171")
"""Date qualifiers (2005) of the document, an exchange rate and a reference: passed over."""

DATE_FORMATS = {"102": 8, "203": 12, "718": 16}
"""Date formats (2379) read, and how many digits each one has."""

IGNORED = frozenset(
    ("RFF", "CTA", "COM", "CUX", "IMD", "ALI", "PAI", "PAC", "DOC", "MKS", "TDT", "FTX", "GIN")
)
"""Segments that carry no figure of a store and product: references, names, descriptions."""

"""How each file of Complete Journey becomes rows of a contract, as SQL over its Parquet files.

Findings these queries rest on (each checked on the data):

* ``transaction_timestamp`` is UTC and the shops are on New York time: only then does the file's
  own ``week`` w equal the ISO week that starts on 2016-12-26 + 7 (w - 1) days, for every line.
* Discounts are positive amounts; the shelf price without any promotion is
  (sales_value + retail_disc + coupon_match_disc) / quantity.
* 4,836 basket lines and 8 coupon lines name items that the product file lacks; the items are
  added, marked as not listed.
* Location "0" means no display, or no mailer.
* Coupons, fees, fuel and miscellaneous till lines carry quantities that are not packs
  (COUPON/MISC ITEMS alone has 151 million "units"): they are marked as no merchandise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FIRST_MONDAY = "DATE '2016-12-26'"
WEEK = f"({FIRST_MONDAY} + CAST(7 * (week - 1) AS INTEGER))"
LOCAL_TIME = (
    "(CAST(transaction_timestamp AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York')"
)
NOT_MERCHANDISE_DEPARTMENTS = (
    "('FUEL', 'COUPON', 'MISCELLANEOUS', 'CHARITABLE CONT', 'POSTAL CENTER', 'CNTRL/STORE SUP', "
    "'GM MERCH EXP')"
)


@dataclass(frozen=True, slots=True)
class Query:
    """One contract's rows.

    Parameters
    ----------
    contract
        The contract.
    files
        Parquet files read, without ending.
    sql
        SELECT giving ``_id``, ``_row`` and the contract's columns, with ``{file}`` placeholders.
    note
        What a reader must know; shown in the passport.
    """

    contract: str
    files: tuple[str, ...]
    sql: str
    note: str = ""

    def over(self, readers: Mapping[str, str]) -> str:
        """Return the SELECT with every file replaced by the SQL that reads it."""
        return self.sql.format(**readers)


PANEL_NOTE = (
    "Purchases of 2,469 panel households: totals of a store are what the panel bought there, "
    "not the store's full sales."
)

PRODUCT = Query(
    "product",
    ("products", "transactions", "coupons"),
    f"""
    SELECT file_row_number AS _id, file_row_number + 2 AS _row, product_id,
        nullif(concat_ws(' ', product_type, package_size), '') AS description,
        department, product_category AS category, product_type AS subcategory, brand,
        manufacturer_id AS manufacturer, package_size AS pack_size,
        try_cast(regexp_extract(package_size, '^([0-9]*[.]?[0-9]+) *([A-Z]+)$', 1) AS DOUBLE)
            AS pack_content,
        nullif(lower(regexp_extract(package_size, '^([0-9]*[.]?[0-9]+) *([A-Z]+)$', 2)), '')
            AS pack_measure,
        brand = 'Private' AS is_private_label,
        department NOT IN {NOT_MERCHANDISE_DEPARTMENTS}
            AND coalesce(product_category, '') NOT LIKE 'COUPON%' AS is_merchandise,
        true AS is_listed
    FROM {{products}}
    UNION ALL
    SELECT 1000000 + row_number() OVER (ORDER BY product_id), min(file_row_number) + 2, product_id,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false
    FROM (SELECT product_id, file_row_number FROM {{transactions}}
          UNION ALL SELECT product_id, file_row_number FROM {{coupons}})
    WHERE product_id NOT IN (SELECT product_id FROM {{products}})
    GROUP BY product_id
    """,
    "Manufacturers are anonymous numbers; brand says only National or Private.",
)

STORE = Query(
    "store",
    ("transactions", "promotions"),
    """
    SELECT row_number() OVER (ORDER BY store_id) AS _id, min(first_row) + 2 AS _row, store_id
    FROM (SELECT store_id, min(file_row_number) AS first_row FROM {transactions} GROUP BY store_id
          UNION ALL
          SELECT store_id, min(file_row_number) FROM {promotions} GROUP BY store_id)
    GROUP BY store_id
    """,
    "Stores are anonymous numbers; retailer, region and size are not given.",
)

HOUSEHOLD = Query(
    "household",
    ("demographics", "transactions", "campaigns"),
    """
    SELECT row_number() OVER (ORDER BY household_id) AS _id,
        row_number() OVER (ORDER BY household_id) + 1 AS _row, household_id,
        d.age, d.income, d.home_ownership, d.marital_status, d.household_size AS size,
        d.household_comp AS composition, d.kids_count AS children
    FROM (SELECT household_id FROM {transactions} UNION SELECT household_id FROM {campaigns}
          UNION SELECT household_id FROM {demographics})
    LEFT JOIN {demographics} AS d USING (household_id)
    """,
    "Demographics are known for 801 of the households.",
)

BASKET_LINE = Query(
    "basket_line",
    ("transactions",),
    f"""
    SELECT file_row_number AS _id, file_row_number + 2 AS _row, basket_id, household_id, store_id,
        product_id, {LOCAL_TIME} AS time, {WEEK} AS week, quantity AS units, sales_value AS value,
        retail_disc AS retailer_discount, coupon_disc AS coupon_discount,
        coupon_match_disc AS coupon_match_discount
    FROM {{transactions}}
    """,
    PANEL_NOTE,
)

SALES = Query(
    "sales",
    ("transactions",),
    f"""
    SELECT row_number() OVER () AS _id, row_number() OVER () + 1 AS _row, *
    FROM (SELECT store_id, product_id, {WEEK} AS week, sum(quantity) AS units,
            sum(sales_value) AS value,
            CASE WHEN sum(quantity) > 0 THEN
                sum(sales_value + retail_disc + coupon_match_disc) / sum(quantity)
            END AS regular_price
        FROM {{transactions}} GROUP BY ALL)
    """,
    "Added up from the basket lines. " + PANEL_NOTE,
)

PROMOTION = Query(
    "promotion",
    ("promotions",),
    f"""
    SELECT file_row_number AS _id, file_row_number + 2 AS _row, store_id, product_id,
        {WEEK} AS week, display_location <> '0' AS display, mailer_location <> '0' AS feature,
        nullif(display_location, '0') AS display_location,
        nullif(mailer_location, '0') AS feature_location
    FROM {{promotions}}
    """,
    "Known for 112 of 457 stores, and mostly for promoted items: no row means no promotion only "
    "in a covered store.",
)

CAMPAIGN = Query(
    "campaign",
    ("campaign_descriptions",),
    """
    SELECT file_row_number AS _id, file_row_number + 2 AS _row, campaign_id,
        'Campaign ' || campaign_id AS name, campaign_type AS kind,
        start_date AS first_day, end_date AS last_day
    FROM {campaign_descriptions}
    """,
)

CAMPAIGN_CONTACT = Query(
    "campaign_contact",
    ("campaigns",),
    """
    SELECT file_row_number AS _id, file_row_number + 2 AS _row, campaign_id, household_id
    FROM {campaigns}
    """,
    "Households were chosen, not drawn at random.",
)

COUPON = Query(
    "coupon",
    ("coupons",),
    """
    SELECT file_row_number AS _id, file_row_number + 2 AS _row, campaign_id,
        coupon_upc AS coupon_id, product_id
    FROM {coupons}
    """,
)

REDEMPTION = Query(
    "redemption",
    ("coupon_redemptions",),
    """
    SELECT file_row_number AS _id, file_row_number + 2 AS _row, campaign_id, household_id,
        coupon_upc AS coupon_id, redemption_date AS date,
        row_number() OVER (PARTITION BY campaign_id, household_id, coupon_upc, redemption_date
                           ORDER BY file_row_number) AS line
    FROM {coupon_redemptions}
    """,
)

QUERIES = (
    PRODUCT,
    STORE,
    HOUSEHOLD,
    BASKET_LINE,
    SALES,
    PROMOTION,
    CAMPAIGN,
    CAMPAIGN_CONTACT,
    COUPON,
    REDEMPTION,
)

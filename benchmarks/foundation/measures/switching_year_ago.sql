-- Complete Journey has one year only: this is asked of the small store alone.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017-Q4; needs=two years
WITH lines AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id,
        CASE WHEN week BETWEEN DATE '2017-09-25' AND DATE '2017-12-25' THEN units ELSE 0 END AS now,
        CASE WHEN week BETWEEN DATE '2016-09-26'
            AND DATE '2016-12-26' THEN units ELSE 0 END AS before
    FROM basket_line JOIN product USING (product_id)
    WHERE (week BETWEEN DATE '2017-09-25' AND DATE '2017-12-25'
        OR week BETWEEN DATE '2016-09-26' AND DATE '2016-12-26') AND category = 'BAG SNACKS'
),
homes AS (
    SELECT manufacturer, household_id, sum(now) AS now, sum(before) AS before
        FROM lines GROUP BY ALL
),
needs AS (
    SELECT *, sum(now) OVER (PARTITION BY household_id) AS all_now,
        sum(before) OVER (PARTITION BY household_id) AS all_before
    FROM homes
),
changes AS (
    SELECT *, now - before AS change,
        CASE WHEN all_before = 0 THEN 'new' WHEN all_now = 0 THEN 'lapsed'
            WHEN all_now > all_before THEN 'more' WHEN all_now < all_before THEN 'less'
            ELSE 'same' END AS kind,
        CASE WHEN all_now > all_before THEN now / all_now * (all_now - all_before)
            WHEN all_now < all_before THEN before / all_before * (all_now - all_before)
            ELSE 0 END AS from_category
    FROM needs WHERE now > 0 OR before > 0
)
SELECT manufacturer, sum(change) AS value,
    coalesce(sum(change) FILTER (kind = 'new'), 0) AS gained_from_new_category_buyers,
    coalesce(sum(change) FILTER (kind = 'lapsed'), 0) AS lost_to_lapsed_category_buyers,
    coalesce(sum(from_category) FILTER (kind = 'more'), 0) AS category_more,
    coalesce(sum(from_category) FILTER (kind = 'less'), 0) AS category_less,
    coalesce(sum(change - from_category) FILTER (kind IN ('more', 'less', 'same')), 0)
        AS net_switching
FROM changes
GROUP BY manufacturer;

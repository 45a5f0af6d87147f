-- Grocery items in stores with promotion data: each pair of store and item that sold at least four
-- units, over the weeks from its first to its last sale, with promotions beside.
WITH sold AS (
    SELECT sales.store_id, sales.product_id, sales.week, sum(units) AS units,
        sum(value) AS value, max(regular_price) AS regular_price
    FROM sales
    JOIN product ON product.product_id = sales.product_id AND department = 'GROCERY'
    WHERE sales.store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed')
    GROUP BY ALL
    HAVING sum(units) > 0
),
pairs AS (
    SELECT store_id, product_id, min(week) AS first_week, max(week) AS last_week
    FROM sold GROUP BY ALL HAVING sum(units) >= 4
),
weeks AS (
    SELECT store_id, product_id,
        CAST(unnest(range(first_week, last_week + INTERVAL 1 DAY, INTERVAL 7 DAY)) AS DATE) AS week
    FROM pairs
)
SELECT weeks.store_id, weeks.product_id, weeks.week, coalesce(units, 0) AS units,
    coalesce(value, 0) AS value, regular_price, value / units AS price,
    units IS NOT NULL AS price_seen, coalesce(display, false) AS display,
    coalesce(feature, false) AS feature,
    CASE WHEN display THEN display_days ELSE 0 END AS display_days, discount
FROM weeks
LEFT JOIN sold USING (store_id, product_id, week)
LEFT JOIN (FROM promotion WHERE status = 'observed') AS seen USING (store_id, product_id, week)

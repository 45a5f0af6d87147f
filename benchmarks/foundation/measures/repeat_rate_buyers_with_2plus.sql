-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH homes AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id,
        count(DISTINCT basket_id) AS trips
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND units > 0
    GROUP BY ALL
)
SELECT manufacturer, 100 * count(*) FILTER (trips >= 2)
    / nullif(count(*), 0) AS value, count(*) AS buyers
FROM homes
GROUP BY manufacturer;

-- ask:
WITH homes AS (
    SELECT household_id,
        count(DISTINCT basket_id) AS trips
    FROM basket_line
    WHERE units > 0
    GROUP BY ALL
)
SELECT 100 * count(*) FILTER (trips >= 2) / nullif(count(*), 0) AS value, count(*) AS buyers
FROM homes;

-- ask: by=category
WITH homes AS (
    SELECT coalesce(category, '(not stated)') AS category, household_id,
        count(DISTINCT basket_id) AS trips
    FROM basket_line LEFT JOIN product USING (product_id)
    WHERE units > 0
    GROUP BY ALL
)
SELECT category, 100 * count(*) FILTER (trips >= 2)
    / nullif(count(*), 0) AS value, count(*) AS buyers
FROM homes
GROUP BY category;

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH everyone AS (
    SELECT count(DISTINCT household_id) AS households FROM basket_line
    WHERE week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
),
buying AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
        count(DISTINCT household_id) AS buyers
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND units > 0
    GROUP BY ALL
)
SELECT manufacturer, 100 * buyers / nullif(households, 0) AS value, buyers, households
FROM buying, everyone;

-- ask:
WITH everyone AS (
    SELECT count(DISTINCT household_id) AS households FROM basket_line
),
buying AS (
    SELECT count(DISTINCT household_id) AS buyers
    FROM basket_line
    WHERE units > 0
)
SELECT 100 * buyers / nullif(households, 0) AS value, buyers, households
FROM buying, everyone;

-- ask: by=category
WITH everyone AS (
    SELECT count(DISTINCT household_id) AS households FROM basket_line
),
buying AS (
    SELECT coalesce(category, '(not stated)') AS category,
        count(DISTINCT household_id) AS buyers
    FROM basket_line LEFT JOIN product USING (product_id)
    WHERE units > 0
    GROUP BY ALL
)
SELECT category, 100 * buyers / nullif(households, 0) AS value, buyers, households
FROM buying, everyone;

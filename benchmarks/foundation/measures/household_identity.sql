-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH everyone AS (
    SELECT count(DISTINCT household_id) AS households FROM basket_line
    WHERE week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
),
sold AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
        sum(units) AS value,
        count(DISTINCT household_id) FILTER (units > 0) AS buyers
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
)
SELECT manufacturer, value, households, buyers / nullif(households, 0) AS penetration,
    value / nullif(buyers, 0) AS buy_rate
FROM sold, everyone;

-- ask:
WITH everyone AS (
    SELECT count(DISTINCT household_id) AS households FROM basket_line
),
sold AS (
    SELECT sum(units) AS value,
        count(DISTINCT household_id) FILTER (units > 0) AS buyers
    FROM basket_line
)
SELECT value, households, buyers / nullif(households, 0) AS penetration,
    value / nullif(buyers, 0) AS buy_rate
FROM sold, everyone;

-- ask: by=category
WITH everyone AS (
    SELECT count(DISTINCT household_id) AS households FROM basket_line
),
sold AS (
    SELECT coalesce(category, '(not stated)') AS category,
        sum(units) AS value,
        count(DISTINCT household_id) FILTER (units > 0) AS buyers
    FROM basket_line LEFT JOIN product USING (product_id)
    GROUP BY ALL
)
SELECT category, value, households, buyers / nullif(households, 0) AS penetration,
    value / nullif(buyers, 0) AS buy_rate
FROM sold, everyone;

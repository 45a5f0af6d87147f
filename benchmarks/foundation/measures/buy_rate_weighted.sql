-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH lines AS (
    SELECT *, coalesce(manufacturer, '(not stated)') AS maker
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
),
homes AS (
    SELECT maker, household_id, sum(units) AS units, sum(value) AS value,
        count(DISTINCT basket_id) FILTER (units > 0) AS trips
    FROM lines GROUP BY ALL
),
weighted AS (
    SELECT homes.*, coalesce(weight, 1) AS w,
        sum(units) OVER (PARTITION BY household_id) AS all_units,
        sum(value) OVER (PARTITION BY household_id) AS all_value
    FROM homes LEFT JOIN household USING (household_id)
)
SELECT maker AS manufacturer,
    sum(w * units) / sum(w) FILTER (units > 0) AS value, sum(w) FILTER (units > 0) AS buyers
FROM weighted
GROUP BY maker;

-- ask:
WITH homes AS (
    SELECT household_id, sum(units) AS units, sum(value) AS value,
        count(DISTINCT basket_id) FILTER (units > 0) AS trips
    FROM basket_line GROUP BY ALL
),
weighted AS (
    SELECT homes.*, coalesce(weight, 1) AS w, units AS all_units, value AS all_value
    FROM homes LEFT JOIN household USING (household_id)
)
SELECT sum(w * units) / sum(w) FILTER (units > 0) AS value, sum(w) FILTER (units > 0) AS buyers
FROM weighted;

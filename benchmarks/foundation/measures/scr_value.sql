-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH homes AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id,
        sum(units) AS units, sum(value) AS own
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
),
needs AS (
    SELECT *, sum(own) OVER (PARTITION BY household_id) AS requirements FROM homes
)
SELECT manufacturer, 100 * sum(own) / nullif(sum(requirements), 0) AS value, count(*) AS buyers
FROM needs WHERE units > 0
GROUP BY manufacturer;

-- ask: by=brand
WITH homes AS (
    SELECT coalesce(brand, '(not stated)') AS brand, household_id,
        sum(units) AS units, sum(value) AS own
    FROM basket_line LEFT JOIN product USING (product_id)
    GROUP BY ALL
),
needs AS (
    SELECT *, sum(own) OVER (PARTITION BY household_id) AS requirements FROM homes
)
SELECT brand, 100 * sum(own) / nullif(sum(requirements), 0) AS value, count(*) AS buyers
FROM needs WHERE units > 0
GROUP BY brand;

-- ask: by=category,brand
WITH homes AS (
    SELECT coalesce(category, '(not stated)') AS category, coalesce(brand,
        '(not stated)') AS brand, household_id,
        sum(units) AS units, sum(value) AS own
    FROM basket_line LEFT JOIN product USING (product_id)
    GROUP BY ALL
),
needs AS (
    SELECT *, sum(own) OVER (PARTITION BY category, household_id) AS requirements FROM homes
)
SELECT category, brand, 100 * sum(own) / nullif(sum(requirements), 0) AS value, count(*) AS buyers
FROM needs WHERE units > 0
GROUP BY category, brand;

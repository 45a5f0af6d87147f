-- Thirds by ntile, which gives the heavier third the one more where three does not divide.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH homes AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id,
        sum(units) AS units
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND units > 0
    GROUP BY ALL
),
ranked AS (
    SELECT *, ntile(3) OVER (PARTITION BY manufacturer ORDER BY units DESC, household_id) AS third
    FROM homes
),
names AS (SELECT * FROM (VALUES (1, 'heavy'), (2, 'medium'), (3, 'light')) AS n(third, name)),
sums AS (
    SELECT manufacturer, third, count(*) AS buyers, sum(units) AS units FROM ranked GROUP BY ALL
),
wholes AS (SELECT manufacturer, sum(units) AS whole FROM homes GROUP BY ALL)
SELECT manufacturer, name AS buyer_group, 100 * coalesce(units, 0) / whole AS value,
    coalesce(buyers, 0) AS buyers, coalesce(units, 0) AS units
FROM wholes CROSS JOIN names LEFT JOIN sums USING (manufacturer, third);

-- ask:
WITH homes AS (
    SELECT household_id, sum(units) AS units FROM basket_line WHERE units > 0 GROUP BY ALL
),
ranked AS (SELECT *, ntile(3) OVER (ORDER BY units DESC, household_id) AS third FROM homes)
SELECT CASE third WHEN 1 THEN 'heavy' WHEN 2 THEN 'medium' ELSE 'light' END AS buyer_group,
    100 * sum(units) / sum(sum(units)) OVER () AS value, count(*) AS buyers, sum(units) AS units
FROM ranked GROUP BY ALL;

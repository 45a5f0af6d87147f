-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH lines AS (
    SELECT basket_id, product_id, units, value, category,
        coalesce(department, '(not stated)') AS department,
        coalesce(manufacturer, '(not stated)') AS manufacturer
    FROM basket_line LEFT JOIN product USING (product_id)
    WHERE week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25' AND units > 0
),
trips AS (
    SELECT basket_id, CASE WHEN count(DISTINCT product_id) >= 15 THEN 'main shop'
        WHEN count(DISTINCT product_id) <= 3 AND count(DISTINCT department) = 1 THEN 'single need'
        ELSE 'top-up' END AS mission
    FROM lines GROUP BY basket_id
),
every AS (
    SELECT mission, 100 * count(*) / sum(count(*)) OVER () AS of_all_trips FROM trips GROUP BY ALL
),
own AS (
    SELECT manufacturer, mission, count(DISTINCT basket_id) AS trips, sum(units) AS units,
        sum(value) AS sales_value
    FROM lines JOIN trips USING (basket_id) WHERE category = 'BAG SNACKS' GROUP BY ALL
),
cells AS (
    SELECT * FROM (SELECT DISTINCT manufacturer FROM own)
        CROSS JOIN (VALUES ('main shop'), ('top-up'), ('single need')) AS m(mission)
)
SELECT manufacturer, mission, coalesce(of_all_trips, 0) AS of_all_trips,
    100 * coalesce(trips, 0) / sum(trips) OVER (PARTITION BY manufacturer) AS value,
    coalesce(trips, 0) AS trips, coalesce(units, 0) AS units,
    coalesce(sales_value, 0) AS sales_value
FROM cells LEFT JOIN own USING (manufacturer, mission) LEFT JOIN every USING (mission);

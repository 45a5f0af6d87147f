-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH homes AS (
    SELECT DISTINCT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND units > 0
),
sizes AS (SELECT manufacturer, count(*) AS buyers FROM homes GROUP BY manufacturer),
shared AS (
    SELECT a.manufacturer, b.manufacturer AS also_bought, count(*) AS both_bought
    FROM homes AS a JOIN homes AS b USING (household_id)
    WHERE a.manufacturer <> b.manufacturer GROUP BY ALL
),
pairs AS (
    SELECT a.manufacturer, b.manufacturer AS also_bought, a.buyers, b.buyers AS also_buyers,
        100 * coalesce(both_bought, 0) / a.buyers AS duplication
    FROM sizes AS a JOIN sizes AS b ON a.manufacturer <> b.manufacturer
    LEFT JOIN shared ON shared.manufacturer = a.manufacturer AND shared.also_bought = b.manufacturer
)
SELECT manufacturer, also_bought, duplication AS value, buyers,
    also_buyers * avg(duplication) OVER () / avg(also_buyers) OVER () AS expected
FROM pairs;

-- ask: by=brand
WITH homes AS (
    SELECT DISTINCT coalesce(brand, '(not stated)') AS brand, household_id
    FROM basket_line LEFT JOIN product USING (product_id)
    WHERE units > 0
),
sizes AS (SELECT brand, count(*) AS buyers FROM homes GROUP BY brand),
shared AS (
    SELECT a.brand, b.brand AS also_bought, count(*) AS both_bought
    FROM homes AS a JOIN homes AS b USING (household_id)
    WHERE a.brand <> b.brand GROUP BY ALL
),
pairs AS (
    SELECT a.brand, b.brand AS also_bought, a.buyers, b.buyers AS also_buyers,
        100 * coalesce(both_bought, 0) / a.buyers AS duplication
    FROM sizes AS a JOIN sizes AS b ON a.brand <> b.brand
    LEFT JOIN shared ON shared.brand = a.brand AND shared.also_bought = b.brand
)
SELECT brand, also_bought, duplication AS value, buyers,
    also_buyers * avg(duplication) OVER () / avg(also_buyers) OVER () AS expected
FROM pairs;

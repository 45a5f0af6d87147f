-- ask: by=category; where=category=BAG SNACKS and brand=Private; period=2017
WITH lines AS (
    SELECT basket_id AS who, units, coalesce(category, '(not stated)') AS category,
        coalesce(category = 'BAG SNACKS' AND brand = 'Private', false) AS own
    FROM basket_line LEFT JOIN product USING (product_id)
    WHERE week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND units > 0
),
buyers AS (SELECT DISTINCT who FROM lines WHERE own AND units > 0),
counted AS (
    SELECT (SELECT count(DISTINCT who) FROM lines) AS everyone,
        (SELECT count(*) FROM buyers) AS buyers
)
SELECT category, 100 * count(DISTINCT who) FILTER (who IN (FROM buyers)) / any_value(buyers)
        AS value,
    count(DISTINCT who) FILTER (who IN (FROM buyers)) AS both, any_value(buyers) AS buyers,
    100 * count(DISTINCT who) / any_value(everyone) AS among_all
FROM lines, counted
WHERE NOT own AND units > 0
GROUP BY category;

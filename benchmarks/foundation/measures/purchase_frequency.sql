-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
    count(DISTINCT basket_id) / count(DISTINCT household_id) AS value
FROM basket_line JOIN product USING (product_id)
WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    AND units > 0
GROUP BY ALL;

-- ask:
SELECT count(DISTINCT basket_id) / count(DISTINCT household_id) AS value
FROM basket_line
WHERE units > 0;

-- ask: by=category
SELECT coalesce(category, '(not stated)') AS category,
    count(DISTINCT basket_id) / count(DISTINCT household_id) AS value
FROM basket_line LEFT JOIN product USING (product_id)
WHERE units > 0
GROUP BY ALL;

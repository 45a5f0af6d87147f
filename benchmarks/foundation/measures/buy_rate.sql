-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
    sum(units) / nullif(count(DISTINCT household_id) FILTER (units > 0), 0) AS value
FROM basket_line JOIN product USING (product_id)
WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
GROUP BY ALL;

-- ask:
SELECT sum(units) / nullif(count(DISTINCT household_id) FILTER (units > 0), 0) AS value
FROM basket_line;

-- ask: by=category
SELECT coalesce(category, '(not stated)') AS category,
    sum(units) / nullif(count(DISTINCT household_id) FILTER (units > 0), 0) AS value
FROM basket_line LEFT JOIN product USING (product_id)
GROUP BY ALL;

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
    sum(units) AS value
FROM sales JOIN product USING (product_id)
WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
GROUP BY ALL;

-- ask:
SELECT sum(units) AS value
FROM sales;

-- ask: by=category
SELECT coalesce(category, '(not stated)') AS category,
    sum(units) AS value
FROM sales LEFT JOIN product USING (product_id)
GROUP BY ALL;

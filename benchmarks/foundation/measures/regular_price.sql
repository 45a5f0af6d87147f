-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
    sum(units * regular_price) / sum(units) AS value
FROM sales JOIN product USING (product_id)
WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    AND units > 0 AND regular_price IS NOT NULL
GROUP BY ALL;

-- ask:
SELECT sum(units * regular_price) / sum(units) AS value
FROM sales
WHERE units > 0 AND regular_price IS NOT NULL;

-- ask: by=category
SELECT coalesce(category, '(not stated)') AS category,
    sum(units * regular_price) / sum(units) AS value
FROM sales LEFT JOIN product USING (product_id)
WHERE units > 0 AND regular_price IS NOT NULL
GROUP BY ALL;

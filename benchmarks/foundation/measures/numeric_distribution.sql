-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
    100 * count(DISTINCT store_id) / (
        SELECT count(DISTINCT store_id) FROM sales
        WHERE units > 0 AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25') AS value
FROM sales JOIN product USING (product_id)
WHERE category = 'BAG SNACKS' AND units > 0
    AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
GROUP BY ALL;

-- ask:
-- The stores that sold anything, of themselves.
SELECT CASE WHEN count(DISTINCT store_id) > 0 THEN 100 END AS value,
    count(DISTINCT store_id) AS stores_selling
FROM sales WHERE units > 0;

-- ask: by=category
SELECT coalesce(category, '(not stated)') AS category,
    100 * count(DISTINCT store_id) / (
        SELECT count(DISTINCT store_id) FROM sales WHERE units > 0) AS value
FROM sales LEFT JOIN product USING (product_id)
WHERE units > 0
GROUP BY ALL;

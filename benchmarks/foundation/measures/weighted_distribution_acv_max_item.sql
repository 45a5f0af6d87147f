-- A store's size is what it sold of all merchandise: the data give no other.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH size AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS acv
    FROM sales JOIN product USING (product_id)
    WHERE is_merchandise
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY store_id
    HAVING bool_or(units > 0)
),
selling AS (
    SELECT DISTINCT coalesce(manufacturer, '(not stated)') AS manufacturer, product_id, store_id
    FROM sales JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND units > 0
),
items AS (
    SELECT manufacturer, product_id, coalesce(sum(acv), 0) AS acv
    FROM selling LEFT JOIN size USING (store_id) GROUP BY manufacturer, product_id
)
SELECT manufacturer, 100 * max(acv) / (SELECT sum(acv) FROM size) AS value, count(*) AS items
FROM items
GROUP BY manufacturer;

-- ask:
WITH size AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS acv
    FROM sales JOIN product USING (product_id)
    WHERE is_merchandise
    GROUP BY store_id
    HAVING bool_or(units > 0)
),
selling AS (
    SELECT DISTINCT product_id, store_id
    FROM sales
    WHERE units > 0
),
items AS (
    SELECT product_id, coalesce(sum(acv), 0) AS acv
    FROM selling LEFT JOIN size USING (store_id) GROUP BY product_id
)
SELECT 100 * max(acv) / (SELECT sum(acv) FROM size) AS value, count(*) AS items
FROM items;

-- ask: by=category
WITH size AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS acv
    FROM sales JOIN product USING (product_id)
    WHERE is_merchandise
    GROUP BY store_id
    HAVING bool_or(units > 0)
),
selling AS (
    SELECT DISTINCT coalesce(category, '(not stated)') AS category, product_id, store_id
    FROM sales LEFT JOIN product USING (product_id)
    WHERE units > 0
),
items AS (
    SELECT category, product_id, coalesce(sum(acv), 0) AS acv
    FROM selling LEFT JOIN size USING (store_id) GROUP BY category, product_id
)
SELECT category, 100 * max(acv) / (SELECT sum(acv) FROM size) AS value, count(*) AS items
FROM items
GROUP BY category;

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
sold AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, store_id, sum(units) AS units,
        sum(value) AS sales_value, bool_or(units > 0) AS sells
    FROM sales JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
)
SELECT manufacturer, 100 * coalesce(sum(acv) FILTER (sells), 0) / (SELECT sum(acv)
    FROM size) AS value
FROM sold LEFT JOIN size USING (store_id)
GROUP BY manufacturer;

-- ask:
WITH size AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS acv
    FROM sales JOIN product USING (product_id)
    WHERE is_merchandise
    GROUP BY store_id
    HAVING bool_or(units > 0)
),
sold AS (
    SELECT store_id, sum(units) AS units, sum(value) AS sales_value, bool_or(units > 0) AS sells
    FROM sales GROUP BY store_id
)
SELECT 100 * coalesce(sum(acv) FILTER (sells), 0) / (SELECT sum(acv) FROM size) AS value
FROM sold LEFT JOIN size USING (store_id);

-- ask: by=category
WITH size AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS acv
    FROM sales JOIN product USING (product_id)
    WHERE is_merchandise
    GROUP BY store_id
    HAVING bool_or(units > 0)
),
sold AS (
    SELECT coalesce(category, '(not stated)') AS category, store_id, sum(units) AS units,
        sum(value) AS sales_value, bool_or(units > 0) AS sells
    FROM sales LEFT JOIN product USING (product_id)
    GROUP BY ALL
)
SELECT category, 100 * coalesce(sum(acv) FILTER (sells), 0) / (SELECT sum(acv) FROM size) AS value
FROM sold LEFT JOIN size USING (store_id)
GROUP BY category;

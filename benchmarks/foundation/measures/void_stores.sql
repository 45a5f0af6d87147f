-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH market AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, store_id,
        bool_or(units > 0) AS sells
    FROM sales JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
)
SELECT manufacturer, (SELECT count(DISTINCT store_id) FROM market WHERE sells)
    - count(*) FILTER (sells) AS value
FROM market GROUP BY manufacturer;

-- ask:
-- Every store that sold anything sold something of everything.
SELECT count(DISTINCT store_id) - count(DISTINCT store_id) AS value,
    count(DISTINCT store_id) AS stores_selling
FROM sales WHERE units > 0;

-- ask: by=category,brand
WITH cells AS (
    SELECT coalesce(category, '(not stated)') AS category,
        coalesce(brand, '(not stated)') AS brand, store_id, bool_or(units > 0) AS sells
    FROM sales LEFT JOIN product USING (product_id) GROUP BY ALL
),
markets AS (
    SELECT category, count(DISTINCT store_id) AS stores FROM cells WHERE sells GROUP BY category
)
SELECT category, brand, coalesce(any_value(stores), 0) - count(*) FILTER (sells) AS value
FROM cells LEFT JOIN markets USING (category) GROUP BY category, brand;

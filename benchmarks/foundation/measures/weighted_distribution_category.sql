-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH stores AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS sold
    FROM sales JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY store_id
),
selling AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, store_id,
        bool_or(units > 0) AS sells
    FROM sales JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
)
SELECT manufacturer,
    100 * coalesce(sum(sold) FILTER (sells), 0) / (SELECT sum(sold) FROM stores) AS value
FROM selling JOIN stores USING (store_id)
GROUP BY manufacturer;

-- ask:
WITH stores AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS sold, bool_or(units > 0) AS sells
    FROM sales GROUP BY store_id
)
SELECT 100 * sum(sold) FILTER (sells) / sum(sold) AS value FROM stores WHERE sells;

-- ask: by=category,brand
-- Within each category, the stores that sell any item of the brand; the universe is the stores that
-- sold anything at all.
WITH universe AS (SELECT DISTINCT store_id FROM sales WHERE units > 0),
cells AS (
    SELECT coalesce(category, '(not stated)') AS category,
        coalesce(brand, '(not stated)') AS brand, store_id, sum(value) AS sold,
        bool_or(units > 0) AS sells
    FROM sales LEFT JOIN product USING (product_id) SEMI JOIN universe USING (store_id)
    GROUP BY ALL
),
weighed AS (
    SELECT *, greatest(coalesce(sum(sold) OVER (PARTITION BY category, store_id), 0), 0) AS size
    FROM cells
),
markets AS (
    SELECT category, sum(size) AS size
    FROM (SELECT DISTINCT category, store_id, size FROM weighed) GROUP BY category
)
SELECT category, brand,
    100 * coalesce(sum(weighed.size) FILTER (sells), 0)
        / nullif(any_value(markets.size), 0) AS value
FROM weighed JOIN markets USING (category)
GROUP BY category, brand;

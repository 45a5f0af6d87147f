-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH own AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, sum(units) AS sold
    FROM sales JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
)
SELECT manufacturer, 100 * sold / nullif(sum(sold) OVER (), 0) AS value, sold AS units
FROM own WHERE sold IS NOT NULL;

-- ask: by=brand
WITH own AS (
    SELECT coalesce(brand, '(not stated)') AS brand, sum(units) AS sold
    FROM sales LEFT JOIN product USING (product_id) GROUP BY ALL
)
SELECT brand, 100 * sold / nullif(sum(sold) OVER (), 0) AS value, sold AS units
FROM own WHERE sold IS NOT NULL;

-- ask: by=category,brand; period=2017
WITH own AS (
    SELECT coalesce(category, '(not stated)') AS category,
        coalesce(brand, '(not stated)') AS brand, sum(units) AS sold
    FROM sales LEFT JOIN product USING (product_id)
    WHERE week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
)
SELECT category, brand, 100 * sold / nullif(sum(sold) OVER (PARTITION BY category), 0) AS value
FROM own WHERE sold IS NOT NULL;

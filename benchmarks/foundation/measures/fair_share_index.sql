-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH support AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, count(*) AS cells
    FROM promotion JOIN product USING (product_id)
    WHERE status = 'observed' AND (display OR feature OR price_cut) AND category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
),
sold AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, sum(value) AS sales_value
    FROM sales JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND sales.week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed'
            AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25')
    GROUP BY ALL
),
shares AS (
    SELECT *, 100 * coalesce(cells, 0) / nullif(sum(cells) OVER (), 0) AS share_of_support,
        100 * coalesce(sales_value, 0) / nullif(sum(sales_value) OVER (), 0) AS share_of_sales
    FROM support FULL JOIN sold USING (manufacturer)
)
SELECT manufacturer, 100 * share_of_support / nullif(share_of_sales, 0) AS value, share_of_support,
    share_of_sales
FROM shares;

-- ask: by=brand
WITH support AS (
    SELECT coalesce(brand, '(not stated)') AS brand, count(*) AS cells
    FROM promotion LEFT JOIN product USING (product_id)
    WHERE status = 'observed' AND (display OR feature OR price_cut)
    GROUP BY ALL
),
sold AS (
    SELECT coalesce(brand, '(not stated)') AS brand, sum(value) AS sales_value
    FROM sales LEFT JOIN product USING (product_id)
    WHERE store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed')
    GROUP BY ALL
),
shares AS (
    SELECT *, 100 * coalesce(cells, 0) / nullif(sum(cells) OVER (), 0) AS share_of_support,
        100 * coalesce(sales_value, 0) / nullif(sum(sales_value) OVER (), 0) AS share_of_sales
    FROM support FULL JOIN sold USING (brand)
)
SELECT brand, 100 * share_of_support / nullif(share_of_sales, 0) AS value, share_of_support,
    share_of_sales
FROM shares;

-- ask: by=category,brand
WITH support AS (
    SELECT coalesce(category, '(not stated)') AS category,
        coalesce(brand, '(not stated)') AS brand, count(*) AS cells
    FROM promotion LEFT JOIN product USING (product_id)
    WHERE status = 'observed' AND (display OR feature OR price_cut)
    GROUP BY ALL
),
sold AS (
    SELECT coalesce(category, '(not stated)') AS category,
        coalesce(brand, '(not stated)') AS brand, sum(value) AS sales_value
    FROM sales LEFT JOIN product USING (product_id)
    WHERE store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed')
    GROUP BY ALL
),
shares AS (
    SELECT *, 100 * coalesce(cells, 0)
        / nullif(sum(cells) OVER (PARTITION BY category), 0) AS share_of_support,
        100 * coalesce(sales_value, 0)
            / nullif(sum(sales_value) OVER (PARTITION BY category), 0) AS share_of_sales
    FROM support FULL JOIN sold USING (category, brand)
)
SELECT category, brand, 100 * share_of_support
    / nullif(share_of_sales, 0) AS value, share_of_support,
    share_of_sales
FROM shares;

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH seen AS (
    SELECT promotion.* FROM promotion JOIN product USING (product_id)
    WHERE status = 'observed' AND category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
)
SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
    coalesce(sum(units) FILTER (display OR feature OR price_cut), 0) AS value
FROM sales JOIN product USING (product_id)
LEFT JOIN seen
    ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
    AND seen.week = sales.week AND seen.status = 'observed'
WHERE category = 'BAG SNACKS'
    AND sales.week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
GROUP BY ALL;

-- ask:
SELECT coalesce(sum(units) FILTER (display OR feature OR price_cut), 0) AS value
FROM sales
LEFT JOIN promotion AS seen
    ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
    AND seen.week = sales.week AND seen.status = 'observed';

-- ask: by=category
SELECT coalesce(category, '(not stated)') AS category,
    coalesce(sum(units) FILTER (display OR feature OR price_cut), 0) AS value
FROM sales LEFT JOIN product USING (product_id)
LEFT JOIN promotion AS seen
    ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
    AND seen.week = sales.week AND seen.status = 'observed'
GROUP BY ALL;

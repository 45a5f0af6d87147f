-- Stores count only where promotions of anything were observed.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH seen AS (
    SELECT promotion.* FROM promotion JOIN product USING (product_id)
    WHERE status = 'observed' AND category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
)
SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
    100 * coalesce(sum(units) FILTER (display OR feature OR price_cut), 0)
        / nullif(sum(units), 0) AS value
FROM sales JOIN product USING (product_id)
LEFT JOIN seen
    ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
    AND seen.week = sales.week AND seen.status = 'observed'
WHERE category = 'BAG SNACKS'
    AND sales.week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    AND sales.store_id IN (
    SELECT DISTINCT store_id FROM promotion WHERE status = 'observed'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25')
GROUP BY ALL;

-- ask:
SELECT 100 * coalesce(sum(units) FILTER (display OR feature OR price_cut), 0)
        / nullif(sum(units), 0) AS value
FROM sales
LEFT JOIN promotion AS seen
    ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
    AND seen.week = sales.week AND seen.status = 'observed'
WHERE sales.store_id IN (
    SELECT DISTINCT store_id FROM promotion WHERE status = 'observed');

-- ask: by=category
SELECT coalesce(category, '(not stated)') AS category,
    100 * coalesce(sum(units) FILTER (display OR feature OR price_cut), 0)
        / nullif(sum(units), 0) AS value
FROM sales LEFT JOIN product USING (product_id)
LEFT JOIN promotion AS seen
    ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
    AND seen.week = sales.week AND seen.status = 'observed'
WHERE sales.store_id IN (
    SELECT DISTINCT store_id FROM promotion WHERE status = 'observed')
GROUP BY ALL;

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH seen AS (
    SELECT promotion.* FROM promotion JOIN product USING (product_id)
    WHERE status = 'observed' AND category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
),
store_weeks AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, sales.store_id, sales.week,
        bool_or(feature) AS supported
    FROM sales JOIN product USING (product_id)
    LEFT JOIN seen
        ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
        AND seen.week = sales.week AND seen.status = 'observed'
    WHERE units > 0
        AND category = 'BAG SNACKS'
        AND sales.week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND sales.store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed'
            AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25')
    GROUP BY ALL
)
SELECT manufacturer, 100 * count(*) FILTER (supported) / nullif(count(*), 0) AS value,
    count(*) AS selling_store_weeks
FROM store_weeks
GROUP BY manufacturer;

-- ask:
WITH store_weeks AS (
    SELECT sales.store_id, sales.week,
        bool_or(feature) AS supported
    FROM sales
    LEFT JOIN promotion AS seen
        ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
        AND seen.week = sales.week AND seen.status = 'observed'
    WHERE units > 0
        AND sales.store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed')
    GROUP BY ALL
)
SELECT 100 * count(*) FILTER (supported) / nullif(count(*), 0) AS value,
    count(*) AS selling_store_weeks
FROM store_weeks;

-- ask: by=category
WITH store_weeks AS (
    SELECT coalesce(category, '(not stated)') AS category, sales.store_id, sales.week,
        bool_or(feature) AS supported
    FROM sales LEFT JOIN product USING (product_id)
    LEFT JOIN promotion AS seen
        ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
        AND seen.week = sales.week AND seen.status = 'observed'
    WHERE units > 0
        AND sales.store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed')
    GROUP BY ALL
)
SELECT category, 100 * count(*) FILTER (supported) / nullif(count(*), 0) AS value,
    count(*) AS selling_store_weeks
FROM store_weeks
GROUP BY category;

-- A store's size is what it sold of all merchandise: the data give no other.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH seen AS (
    SELECT promotion.* FROM promotion JOIN product USING (product_id)
    WHERE status = 'observed' AND category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
),
size AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS acv
    FROM sales JOIN product USING (product_id)
    WHERE is_merchandise
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY store_id
    HAVING bool_or(units > 0)
),
store_weeks AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, sales.store_id, sales.week,
        bool_or((display OR feature OR price_cut)) AS supported
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
SELECT manufacturer, 100 * coalesce(sum(acv) FILTER (supported), 0) / nullif(sum(acv), 0) AS value
FROM store_weeks LEFT JOIN size USING (store_id)
GROUP BY manufacturer;

-- ask:
WITH size AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS acv
    FROM sales JOIN product USING (product_id)
    WHERE is_merchandise
    GROUP BY store_id
    HAVING bool_or(units > 0)
),
store_weeks AS (
    SELECT sales.store_id, sales.week,
        bool_or((display OR feature OR price_cut)) AS supported
    FROM sales
    LEFT JOIN promotion AS seen
        ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
        AND seen.week = sales.week AND seen.status = 'observed'
    WHERE units > 0
        AND sales.store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed')
    GROUP BY ALL
)
SELECT 100 * coalesce(sum(acv) FILTER (supported), 0) / nullif(sum(acv), 0) AS value
FROM store_weeks LEFT JOIN size USING (store_id);

-- ask: by=category
WITH size AS (
    SELECT store_id, greatest(coalesce(sum(value), 0), 0) AS acv
    FROM sales JOIN product USING (product_id)
    WHERE is_merchandise
    GROUP BY store_id
    HAVING bool_or(units > 0)
),
store_weeks AS (
    SELECT coalesce(category, '(not stated)') AS category, sales.store_id, sales.week,
        bool_or((display OR feature OR price_cut)) AS supported
    FROM sales LEFT JOIN product USING (product_id)
    LEFT JOIN promotion AS seen
        ON seen.store_id = sales.store_id AND seen.product_id = sales.product_id
        AND seen.week = sales.week AND seen.status = 'observed'
    WHERE units > 0
        AND sales.store_id IN (
        SELECT DISTINCT store_id FROM promotion WHERE status = 'observed')
    GROUP BY ALL
)
SELECT category, 100 * coalesce(sum(acv) FILTER (supported), 0) / nullif(sum(acv), 0) AS value
FROM store_weeks LEFT JOIN size USING (store_id)
GROUP BY category;

-- Complete Journey has no plans: this is asked of the small store alone.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017; needs=plans
WITH agreed AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, plan.display_days AS days,
        CASE WHEN seen.week IS NULL THEN 0 ELSE least(seen.display_days, plan.display_days) END
            AS stood, seen.week IS NOT NULL AND seen.display_days IS NULL AS uncounted
    FROM promotion AS plan JOIN product USING (product_id)
    LEFT JOIN promotion AS seen
        ON seen.store_id = plan.store_id AND seen.product_id = plan.product_id
        AND seen.week = plan.week AND seen.status = 'observed' AND seen.display
    WHERE plan.status = 'planned' AND plan.display AND category = 'BAG SNACKS'
        AND plan.week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
)
SELECT manufacturer, 100 * sum(stood) / nullif(sum(days), 0) AS value
FROM agreed WHERE days IS NOT NULL AND NOT uncounted
GROUP BY manufacturer;

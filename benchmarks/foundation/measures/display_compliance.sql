-- Complete Journey has no plans: this is asked of the small store alone.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017; needs=plans
SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
    100 * count(seen.week) / count(*) AS value
FROM promotion AS plan JOIN product USING (product_id)
LEFT JOIN promotion AS seen
    ON seen.store_id = plan.store_id AND seen.product_id = plan.product_id
    AND seen.week = plan.week AND seen.status = 'observed' AND seen.display
WHERE plan.status = 'planned' AND plan.display AND category = 'BAG SNACKS'
    AND plan.week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
GROUP BY ALL;

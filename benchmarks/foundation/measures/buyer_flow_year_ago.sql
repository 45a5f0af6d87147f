-- The fourth quarter of 2017 against the same 14 weeks a year (52 weeks) ago.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017-Q4; needs=weeks of 2016
WITH lines AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id, week, units
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND units > 0 AND week <= DATE '2017-12-25'
),
homes AS (
    SELECT manufacturer, household_id,
        coalesce(sum(units) FILTER (week >= DATE '2017-09-25'), 0) AS now,
        coalesce(sum(units) FILTER (week BETWEEN DATE '2016-09-26' AND DATE '2016-12-26'), 0)
            AS before,
        bool_or(week < DATE '2017-09-25') AS known
    FROM lines GROUP BY ALL
),
groups AS (SELECT DISTINCT manufacturer FROM homes WHERE now > 0 OR before > 0),
named AS (
    SELECT manufacturer, now, before, CASE WHEN now > 0 AND before > 0 THEN 'retained'
        WHEN before > 0 THEN 'lapsed' WHEN known THEN 'returning' ELSE 'new' END AS buyer_status
    FROM homes WHERE now > 0 OR before > 0
)
SELECT groups.manufacturer, s.name AS buyer_status, count(now) AS value,
    coalesce(sum(now), 0) AS units_now, coalesce(sum(before), 0) AS units_before
FROM groups CROSS JOIN (VALUES ('new'), ('returning'), ('retained'), ('lapsed')) AS s(name)
LEFT JOIN named ON named.manufacturer = groups.manufacturer AND buyer_status = s.name
GROUP BY ALL;

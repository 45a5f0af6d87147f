-- Thirteen weeks (91 days) without it before; each week on its own households.

-- ask: by=manufacturer; where=category=BAG SNACKS
WITH loaded AS (SELECT min(date) AS first, max(date) AS last FROM basket_line),
days AS (
    SELECT DISTINCT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id, date
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND units > 0
),
homes AS (
    SELECT manufacturer, household_id, list_sort(list(date)) AS days FROM days GROUP BY ALL
),
fresh AS (
    SELECT manufacturer, days, last FROM homes, loaded WHERE days[1] >= first + 91
),
cells AS (
    SELECT manufacturer, w AS weeks_since_trial, d AS depth,
        count(*) FILTER (days[d::INTEGER + 1] <= days[1] + 7 * w::INTEGER) AS repeaters,
        count(*) AS followed
    FROM fresh, range(1, 200) AS a(w), range(1, 6) AS b(d)
    WHERE days[1] + 7 * w::INTEGER <= last
    GROUP BY ALL
)
SELECT manufacturer, weeks_since_trial, depth, 100 * repeaters / followed AS value, repeaters,
    followed
FROM cells;

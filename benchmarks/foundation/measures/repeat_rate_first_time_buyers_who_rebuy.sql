-- Thirteen weeks (91 days) without it before, and thirteen in which to come back.

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH loaded AS (SELECT min(date) AS first, max(date) AS last FROM basket_line),
days AS (
    SELECT DISTINCT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id, date
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND units > 0
),
firsts AS (
    SELECT manufacturer, household_id, min(date) AS first_day,
        list_sort(list(date))[2] AS second_day
    FROM days GROUP BY manufacturer, household_id
),
fresh AS (
    SELECT manufacturer, first_day + 91 <= last AS followed,
        coalesce(second_day <= first_day + 91, false) AS again
    FROM firsts, loaded
    WHERE first_day >= first + 91
        AND date_trunc('week', first_day) BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
)
SELECT manufacturer, 100 * count(*) FILTER (followed AND again)
    / nullif(count(*) FILTER (followed), 0)
        AS value,
    count(*) FILTER (followed) AS first_time_buyers, count(*) FILTER (NOT followed)
        AS not_yet_followed
FROM fresh
GROUP BY manufacturer;

-- ask:
WITH loaded AS (SELECT min(date) AS first, max(date) AS last FROM basket_line),
days AS (
    SELECT DISTINCT household_id, date
    FROM basket_line
    WHERE units > 0
),
firsts AS (
    SELECT household_id, min(date) AS first_day,
        list_sort(list(date))[2] AS second_day
    FROM days GROUP BY household_id
),
fresh AS (
    SELECT first_day + 91 <= last AS followed,
        coalesce(second_day <= first_day + 91, false) AS again
    FROM firsts, loaded
    WHERE first_day >= first + 91
)
SELECT 100 * count(*) FILTER (followed AND again) / nullif(count(*) FILTER (followed), 0)
        AS value,
    count(*) FILTER (followed) AS first_time_buyers, count(*) FILTER (NOT followed)
        AS not_yet_followed
FROM fresh;

-- ask: by=category
WITH loaded AS (SELECT min(date) AS first, max(date) AS last FROM basket_line),
days AS (
    SELECT DISTINCT coalesce(category, '(not stated)') AS category, household_id, date
    FROM basket_line LEFT JOIN product USING (product_id)
    WHERE units > 0
),
firsts AS (
    SELECT category, household_id, min(date) AS first_day,
        list_sort(list(date))[2] AS second_day
    FROM days GROUP BY category, household_id
),
fresh AS (
    SELECT category, first_day + 91 <= last AS followed,
        coalesce(second_day <= first_day + 91, false) AS again
    FROM firsts, loaded
    WHERE first_day >= first + 91
)
SELECT category, 100 * count(*) FILTER (followed AND again) / nullif(count(*) FILTER (followed), 0)
        AS value,
    count(*) FILTER (followed) AS first_time_buyers, count(*) FILTER (NOT followed)
        AS not_yet_followed
FROM fresh
GROUP BY category;

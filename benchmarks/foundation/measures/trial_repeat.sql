-- Week by week and depth by depth: who had bought on so many days by the end of the week.

-- ask: by=manufacturer; where=category=BAG SNACKS
WITH days AS (
    SELECT DISTINCT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id, date, week
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND units > 0
),
numbered AS (
    SELECT *, row_number() OVER (PARTITION BY manufacturer, household_id ORDER BY date) - 1 AS depth
    FROM days
),
launches AS (SELECT manufacturer, min(week) AS launch FROM days GROUP BY ALL),
everyone AS (
    SELECT count(DISTINCT household_id) AS households, max(week) AS last FROM basket_line
),
weeks AS (
    SELECT manufacturer, launch, households,
        unnest(generate_series(launch, last, INTERVAL 7 DAY))::DATE AS week
    FROM launches, everyone
),
cells AS (SELECT * FROM weeks CROSS JOIN range(6) AS d(depth)),
reached AS (
    SELECT cells.*, (SELECT count(*) FROM numbered WHERE numbered.manufacturer = cells.manufacturer
        AND numbered.depth = cells.depth AND numbered.week <= cells.week) AS reached
    FROM cells
)
SELECT manufacturer, (week - launch) // 7 + 1 AS weeks_since_launch, depth,
    100 * reached / households AS value, reached, households
FROM reached;

-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH everyone AS (
    SELECT sum(coalesce(weight, 1)) AS households
    FROM (SELECT DISTINCT household_id FROM basket_line WHERE week BETWEEN DATE '2016-12-26'
        AND DATE '2017-12-25')
    LEFT JOIN household USING (household_id)
),
buying AS (
    SELECT DISTINCT coalesce(manufacturer, '(not stated)') AS manufacturer,
        household_id
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND units > 0
)
SELECT manufacturer, 100 * sum(coalesce(weight, 1)) / nullif(any_value(households), 0) AS value
FROM buying LEFT JOIN household USING (household_id), everyone
GROUP BY manufacturer;

-- ask:
WITH everyone AS (
    SELECT sum(coalesce(weight, 1)) AS households
    FROM (SELECT DISTINCT household_id FROM basket_line)
    LEFT JOIN household USING (household_id)
),
buying AS (
    SELECT DISTINCT household_id
    FROM basket_line
    WHERE units > 0
)
SELECT 100 * sum(coalesce(weight, 1)) / nullif(any_value(households), 0) AS value
FROM buying LEFT JOIN household USING (household_id), everyone;

-- ask: by=category
WITH everyone AS (
    SELECT sum(coalesce(weight, 1)) AS households
    FROM (SELECT DISTINCT household_id FROM basket_line)
    LEFT JOIN household USING (household_id)
),
buying AS (
    SELECT DISTINCT coalesce(category, '(not stated)') AS category,
        household_id
    FROM basket_line LEFT JOIN product USING (product_id)
    WHERE units > 0
)
SELECT category, 100 * sum(coalesce(weight, 1)) / nullif(any_value(households), 0) AS value
FROM buying LEFT JOIN household USING (household_id), everyone
GROUP BY category;

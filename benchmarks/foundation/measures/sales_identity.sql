-- ask: by=manufacturer; where=category=BAG SNACKS; period=2017
WITH universe AS (
    SELECT count(DISTINCT store_id) AS stores FROM sales
    WHERE units > 0
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
),
loaded AS (
    SELECT count(DISTINCT week) AS weeks FROM sales
    WHERE week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
),
sold AS (
    SELECT coalesce(manufacturer, '(not stated)') AS manufacturer,
        sum(value) AS value, sum(units) AS units,
        count(DISTINCT store_id) FILTER (units > 0) AS selling
    FROM sales JOIN product USING (product_id)
    WHERE value IS NOT NULL AND category = 'BAG SNACKS'
        AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
    GROUP BY ALL
)
SELECT sold.*, stores AS stores_in_universe, selling / stores AS distribution_fraction,
    units / nullif(selling * weeks, 0) AS rate_of_sale, weeks,
    value / nullif(units, 0) AS average_price
FROM sold, universe, loaded;

-- ask:
WITH universe AS (
    SELECT count(DISTINCT store_id) AS stores FROM sales
    WHERE units > 0
),
loaded AS (
    SELECT count(DISTINCT week) AS weeks FROM sales
),
sold AS (
    SELECT sum(value) AS value, sum(units) AS units,
        count(DISTINCT store_id) FILTER (units > 0) AS selling
    FROM sales
    WHERE value IS NOT NULL
)
SELECT sold.*, stores AS stores_in_universe, selling / stores AS distribution_fraction,
    units / nullif(selling * weeks, 0) AS rate_of_sale, weeks,
    value / nullif(units, 0) AS average_price
FROM sold, universe, loaded;

-- ask: by=category
WITH universe AS (
    SELECT count(DISTINCT store_id) AS stores FROM sales
    WHERE units > 0
),
loaded AS (
    SELECT count(DISTINCT week) AS weeks FROM sales
),
sold AS (
    SELECT coalesce(category, '(not stated)') AS category, sum(value) AS value, sum(units) AS units,
        count(DISTINCT store_id) FILTER (units > 0) AS selling
    FROM sales LEFT JOIN product USING (product_id)
    WHERE value IS NOT NULL
    GROUP BY ALL
)
SELECT sold.*, stores AS stores_in_universe, selling / stores AS distribution_fraction,
    units / nullif(selling * weeks, 0) AS rate_of_sale, weeks,
    value / nullif(units, 0) AS average_price
FROM sold, universe, loaded;

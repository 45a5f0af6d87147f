-- Wilson's interval by hand; the index's by each household's influence.

-- ask: by=manufacturer,age; where=category=BAG SNACKS; period=2017
WITH everyone AS (
    SELECT household_id, coalesce(weight, 1) AS w, coalesce(age, '(not stated)') AS age
    FROM (SELECT DISTINCT household_id FROM basket_line
        WHERE week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25')
    LEFT JOIN household USING (household_id)
),
buying AS (
    SELECT DISTINCT coalesce(manufacturer, '(not stated)') AS manufacturer, household_id
    FROM basket_line JOIN product USING (product_id)
    WHERE category = 'BAG SNACKS' AND week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
        AND units > 0
),
cells AS (
    SELECT manufacturer, age
    FROM (SELECT DISTINCT manufacturer FROM buying), (SELECT DISTINCT age FROM everyone)
),
members AS (
    SELECT cells.manufacturer, cells.age, w, (everyone.age = cells.age)::INTEGER AS band,
        (buying.household_id IS NOT NULL)::INTEGER AS buyer
    FROM cells CROSS JOIN everyone LEFT JOIN buying
        ON buying.household_id = everyone.household_id AND buying.manufacturer = cells.manufacturer
),
sums AS (
    SELECT manufacturer, age, sum(w * buyer * band) AS hits, sum(w * buyer) AS base,
        sum(w * band) AS in_band, sum(w) AS whole, sum(buyer * band) AS buyers,
        sum(w * buyer) ** 2 / sum(w * w * buyer) AS n
    FROM members GROUP BY ALL
),
spread AS (
    SELECT manufacturer, age, exp(1.959963984540054 * sqrt(sum((w * (buyer * band / nullif(hits, 0)
        - buyer / base - band / in_band + 1 / whole)) ** 2))) AS wide
    FROM members JOIN sums USING (manufacturer, age) GROUP BY ALL
)
SELECT manufacturer, age, 100 * hits / base AS value, buyers, n AS effective_sample,
    100 * in_band / whole AS of_all_households, 100 * (hits / base) / (in_band / whole) AS index,
    CASE WHEN hits = 0 THEN 0 ELSE 100 * (hits / base) / (in_band / whole) / wide END AS index_low,
    100 * greatest(0, least(hits / base, (hits / base + 1.959963984540054 ** 2 / (2 * n) - 1.959963984540054
        * sqrt(hits / base * (1 - hits / base) / n + (1.959963984540054 / (2 * n)) ** 2))
        / (1 + 1.959963984540054 ** 2 / n))) AS low
FROM sums JOIN spread USING (manufacturer, age);

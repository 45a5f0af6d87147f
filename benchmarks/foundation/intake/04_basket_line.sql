-- Numbers are checked as numbers, before they become text. The file's week is taken, and must be
-- the week of the local day.
CREATE TEMP VIEW typed AS
SELECT *, DATE '2016-12-26' + CAST(7 * (week - 1) AS INTEGER) AS monday,
    CAST(transaction_timestamp AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York'
        AS local_time
FROM read_parquet('{folder}/transactions.parquet', file_row_number = true);

CREATE TEMP VIEW judged AS
SELECT *, CASE
    WHEN basket_id IS NULL THEN {'col': 'basket_id', 'why': 'is empty'}
    WHEN household_id IS NULL OR household_id NOT IN
        (SELECT CAST(household_id AS BIGINT) FROM household)
        THEN {'col': 'household_id', 'why': 'is empty or unknown'}
    WHEN store_id IS NULL OR store_id NOT IN (SELECT CAST(store_id AS BIGINT) FROM store)
        THEN {'col': 'store_id', 'why': 'is empty or unknown'}
    WHEN product_id IS NULL OR product_id NOT IN (SELECT CAST(product_id AS BIGINT) FROM product)
        THEN {'col': 'product_id', 'why': 'is empty or unknown'}
    WHEN local_time IS NULL THEN {'col': 'date', 'why': 'is empty'}
    WHEN monday IS NULL OR monday <> CAST(date_trunc('week', local_time) AS DATE)
        THEN {'col': 'week', 'why': 'is empty or not the week of the day'}
    WHEN quantity IS NULL OR quantity < 0 THEN {'col': 'units', 'why': 'is empty or below 0'}
    WHEN sales_value IS NULL OR NOT isfinite(sales_value) OR sales_value < 0
        THEN {'col': 'value', 'why': 'is empty or below 0'}
    WHEN NOT isfinite(retail_disc) OR retail_disc < 0
        THEN {'col': 'retailer_discount', 'why': 'below 0'}
    WHEN NOT isfinite(coupon_disc) OR coupon_disc < 0
        THEN {'col': 'coupon_discount', 'why': 'below 0'}
    WHEN NOT isfinite(coupon_match_disc) OR coupon_match_disc < 0
        THEN {'col': 'coupon_match_discount', 'why': 'below 0'} END AS problem
FROM typed;

-- An item stands once in a basket; the few that stand twice are looked at row by row.
CREATE TEMP TABLE doubled AS
SELECT basket_id, product_id FROM judged WHERE problem IS NULL
GROUP BY basket_id, product_id HAVING count(*) > 1;

CREATE TEMP TABLE repeated AS
SELECT file_row_number,
    row_number() OVER (PARTITION BY basket_id, product_id, quantity, sales_value, retail_disc,
        coupon_disc, coupon_match_disc, local_time, household_id, store_id
        ORDER BY file_row_number) > 1 AS same,
    row_number() OVER (PARTITION BY basket_id, product_id ORDER BY file_row_number) AS place
FROM judged SEMI JOIN doubled USING (basket_id, product_id) WHERE problem IS NULL;

INSERT INTO set_aside
SELECT 4, 'basket_line', file_row_number + 2, problem.col, NULL, problem.why, to_json(judged)
FROM judged WHERE problem IS NOT NULL
UNION ALL
SELECT 4, 'basket_line', file_row_number + 2, 'basket_id', CAST(basket_id AS VARCHAR),
    'the item stands twice in the basket', to_json(judged)
FROM judged JOIN repeated USING (file_row_number) WHERE place > 1 AND NOT same;

INSERT INTO basket_line
SELECT CAST(basket_id AS VARCHAR), CAST(household_id AS VARCHAR), CAST(store_id AS VARCHAR),
    CAST(product_id AS VARCHAR), 1, local_time, CAST(local_time AS DATE), monday, quantity,
    sales_value, retail_disc, coupon_disc, coupon_match_disc, 4
FROM judged
WHERE problem IS NULL
    AND file_row_number NOT IN (SELECT file_row_number FROM repeated WHERE place > 1);

INSERT INTO loads
SELECT 4, 'basket_line', '{hash}', (SELECT count(*) FROM typed),
    (SELECT count(*) FROM basket_line), (SELECT count(*) FROM set_aside WHERE load_id = 4),
    (SELECT count(*) FROM repeated WHERE place > 1 AND same), 0;
DROP TABLE repeated;
DROP TABLE doubled;
DROP VIEW judged;
DROP VIEW typed;

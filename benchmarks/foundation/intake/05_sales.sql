-- Basket lines added up to store, item and week; the sums have one row per key by construction.
CREATE TEMP TABLE typed AS
SELECT store_id, product_id, DATE '2016-12-26' + CAST(7 * (week - 1) AS INTEGER) AS monday,
    CAST(sum(quantity) AS DOUBLE) AS units, sum(sales_value) AS value,
    CASE WHEN sum(quantity) > 0 THEN
        sum(sales_value + retail_disc + coupon_match_disc) / sum(quantity) END AS regular_price
FROM read_parquet('{folder}/transactions.parquet')
GROUP BY store_id, product_id, week;

CREATE TEMP VIEW judged AS
SELECT *, CASE
    WHEN store_id IS NULL OR store_id NOT IN (SELECT CAST(store_id AS BIGINT) FROM store)
        THEN {'col': 'store_id', 'why': 'is empty or unknown'}
    WHEN product_id IS NULL OR product_id NOT IN (SELECT CAST(product_id AS BIGINT) FROM product)
        THEN {'col': 'product_id', 'why': 'is empty or unknown'}
    WHEN monday IS NULL OR isodow(monday) <> 1 THEN {'col': 'week', 'why': 'not a Monday'}
    WHEN units IS NULL OR NOT isfinite(units) OR units < 0
        THEN {'col': 'units', 'why': 'is empty or below 0'}
    WHEN NOT isfinite(value) OR value < 0 THEN {'col': 'value', 'why': 'below 0'}
    WHEN NOT isfinite(regular_price) OR regular_price < 0
        THEN {'col': 'regular_price', 'why': 'below 0'} END AS problem
FROM typed;

INSERT INTO set_aside
SELECT 5, 'sales', NULL, problem.col, NULL, problem.why, to_json(judged)
FROM judged WHERE problem IS NOT NULL;

INSERT INTO sales
SELECT CAST(store_id AS VARCHAR), CAST(product_id AS VARCHAR), monday, 7, monday, units, value,
    regular_price, 0, 5
FROM judged WHERE problem IS NULL;

INSERT INTO loads
SELECT 5, 'sales', '{hash}', (SELECT count(*) FROM typed), (SELECT count(*) FROM sales),
    (SELECT count(*) FROM set_aside WHERE load_id = 5), 0, 0;
DROP VIEW judged;
DROP TABLE typed;

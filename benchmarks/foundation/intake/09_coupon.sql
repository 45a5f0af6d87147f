CREATE TEMP TABLE judged AS
SELECT CAST(campaign_id AS VARCHAR) AS campaign_id, CAST(coupon_upc AS VARCHAR) AS coupon_id,
    CAST(product_id AS VARCHAR) AS product_id, file_row_number + 2 AS row_no,
    row_number() OVER twin AS place, CASE
    WHEN campaign_id IS NULL OR campaign_id NOT IN
        (SELECT CAST(campaign_id AS BIGINT) FROM campaign)
        THEN {'col': 'campaign_id', 'why': 'is empty or unknown'}
    WHEN coupon_upc IS NULL THEN {'col': 'coupon_id', 'why': 'is empty'}
    WHEN product_id IS NULL OR product_id NOT IN (SELECT CAST(product_id AS BIGINT) FROM product)
        THEN {'col': 'product_id', 'why': 'is empty or unknown'} END AS problem
FROM read_parquet('{folder}/coupons.parquet', file_row_number = true)
WINDOW twin AS (PARTITION BY campaign_id, coupon_upc, product_id ORDER BY file_row_number);

INSERT INTO set_aside
SELECT 9, 'coupon', row_no, problem.col, NULL, problem.why, to_json(judged)
FROM judged WHERE problem IS NOT NULL;

INSERT INTO coupon
SELECT campaign_id, coupon_id, product_id, 9 FROM judged WHERE problem IS NULL AND place = 1;

INSERT INTO loads
SELECT 9, 'coupon', '{hash}', (SELECT count(*) FROM judged), (SELECT count(*) FROM coupon),
    (SELECT count(*) FROM set_aside WHERE load_id = 9),
    (SELECT count(*) FROM judged WHERE problem IS NULL AND place > 1), 0;
DROP TABLE judged;

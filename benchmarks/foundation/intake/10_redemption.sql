-- Two of one coupon on one day are two redemptions: they are numbered.
CREATE TEMP TABLE judged AS
SELECT CAST(campaign_id AS VARCHAR) AS campaign_id, CAST(household_id AS VARCHAR) AS household_id,
    CAST(coupon_upc AS VARCHAR) AS coupon_id, CAST(redemption_date AS DATE) AS day,
    file_row_number + 2 AS row_no, row_number() OVER (
        PARTITION BY campaign_id, household_id, coupon_upc, redemption_date
        ORDER BY file_row_number) AS line, CASE
    WHEN campaign_id IS NULL OR campaign_id NOT IN
        (SELECT CAST(campaign_id AS BIGINT) FROM campaign)
        THEN {'col': 'campaign_id', 'why': 'is empty or unknown'}
    WHEN household_id IS NULL OR household_id NOT IN
        (SELECT CAST(household_id AS BIGINT) FROM household)
        THEN {'col': 'household_id', 'why': 'is empty or unknown'}
    WHEN coupon_upc IS NULL THEN {'col': 'coupon_id', 'why': 'is empty'}
    WHEN redemption_date IS NULL THEN {'col': 'date', 'why': 'is empty'} END AS problem
FROM read_parquet('{folder}/coupon_redemptions.parquet', file_row_number = true);

INSERT INTO set_aside
SELECT 10, 'redemption', row_no, problem.col, NULL, problem.why, to_json(judged)
FROM judged WHERE problem IS NOT NULL;

INSERT INTO redemption
SELECT campaign_id, household_id, coupon_id, day, line, CAST(date_trunc('week', day) AS DATE), 10
FROM judged WHERE problem IS NULL;

INSERT INTO loads
SELECT 10, 'redemption', '{hash}', (SELECT count(*) FROM judged),
    (SELECT count(*) FROM redemption), (SELECT count(*) FROM set_aside WHERE load_id = 10), 0, 0;
DROP TABLE judged;

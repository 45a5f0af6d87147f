CREATE TEMP TABLE judged AS
SELECT CAST(campaign_id AS VARCHAR) AS campaign_id, CAST(household_id AS VARCHAR) AS household_id,
    file_row_number + 2 AS row_no, row_number() OVER twin AS place, CASE
    WHEN campaign_id IS NULL OR campaign_id NOT IN
        (SELECT CAST(campaign_id AS BIGINT) FROM campaign)
        THEN {'col': 'campaign_id', 'why': 'is empty or unknown'}
    WHEN household_id IS NULL OR household_id NOT IN
        (SELECT CAST(household_id AS BIGINT) FROM household)
        THEN {'col': 'household_id', 'why': 'is empty or unknown'} END AS problem
FROM read_parquet('{folder}/campaigns.parquet', file_row_number = true)
WINDOW twin AS (PARTITION BY campaign_id, household_id ORDER BY file_row_number);

INSERT INTO set_aside
SELECT 8, 'campaign_contact', row_no, problem.col, NULL, problem.why, to_json(judged)
FROM judged WHERE problem IS NOT NULL;

INSERT INTO campaign_contact
SELECT campaign_id, household_id, NULL, 8 FROM judged WHERE problem IS NULL AND place = 1;

INSERT INTO loads
SELECT 8, 'campaign_contact', '{hash}', (SELECT count(*) FROM judged),
    (SELECT count(*) FROM campaign_contact), (SELECT count(*) FROM set_aside WHERE load_id = 8),
    (SELECT count(*) FROM judged WHERE problem IS NULL AND place > 1), 0;
DROP TABLE judged;

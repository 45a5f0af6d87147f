CREATE TEMP TABLE typed AS
SELECT CAST(campaign_id AS VARCHAR) AS campaign_id, campaign_type AS kind,
    CAST(start_date AS DATE) AS first_day, CAST(end_date AS DATE) AS last_day,
    file_row_number + 2 AS row_no
FROM read_parquet('{folder}/campaign_descriptions.parquet', file_row_number = true);

CREATE TEMP TABLE judged AS
SELECT *, CASE
    WHEN campaign_id IS NULL THEN {'col': 'campaign_id', 'why': 'is empty'}
    WHEN first_day IS NULL THEN {'col': 'first_day', 'why': 'is empty'}
    WHEN last_day IS NULL OR last_day < first_day
        THEN {'col': 'last_day', 'why': 'is empty or before the first'}
    WHEN row_number() OVER (PARTITION BY campaign_id ORDER BY row_no) > 1
        THEN {'col': 'campaign_id', 'why': 'the id stands twice'} END AS problem
FROM typed;

INSERT INTO set_aside
SELECT 7, 'campaign', row_no, problem.col, NULL, problem.why, to_json(judged)
FROM judged WHERE problem IS NOT NULL;

INSERT INTO campaign
SELECT campaign_id, 'Campaign ' || campaign_id, kind, NULL, first_day, last_day, 7
FROM judged WHERE problem IS NULL;

INSERT INTO loads
SELECT 7, 'campaign', '{hash}', (SELECT count(*) FROM typed), (SELECT count(*) FROM campaign),
    (SELECT count(*) FROM set_aside WHERE load_id = 7), 0, 0;
DROP TABLE judged;
DROP TABLE typed;

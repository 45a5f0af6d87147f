-- Every household that bought or was contacted, with demographics where they are known.
CREATE TEMP TABLE typed AS
SELECT CAST(everyone.household_id AS VARCHAR) AS household_id, d.age, d.income,
    d.home_ownership, d.marital_status, d.household_size, d.household_comp, d.kids_count
FROM (SELECT household_id FROM read_parquet('{folder}/transactions.parquet')
      UNION SELECT household_id FROM read_parquet('{folder}/campaigns.parquet')
      UNION SELECT household_id FROM read_parquet('{folder}/demographics.parquet')) AS everyone
LEFT JOIN read_parquet('{folder}/demographics.parquet') AS d USING (household_id);

CREATE TEMP TABLE judged AS
SELECT *, CASE
    WHEN household_id IS NULL THEN 'is empty'
    WHEN row_number() OVER (PARTITION BY household_id) > 1 THEN 'the id stands twice'
    END AS problem
FROM typed;

INSERT INTO set_aside
SELECT 3, 'household', NULL, 'household_id', household_id, problem, to_json(judged)
FROM judged WHERE problem IS NOT NULL;

INSERT INTO household
SELECT household_id, 1, age, income, home_ownership, marital_status, household_size,
    household_comp, kids_count, NULL, 3
FROM judged WHERE problem IS NULL;

INSERT INTO loads
SELECT 3, 'household', '{hash}', (SELECT count(*) FROM typed), (SELECT count(*) FROM household),
    (SELECT count(*) FROM set_aside WHERE load_id = 3), 0, 0;
DROP TABLE judged;
DROP TABLE typed;

-- The one large file. Keys are compared as numbers; those that stand twice are two displays or
-- mailers of one item, and become one row that names both.
CREATE TEMP VIEW judged AS
SELECT *, DATE '2016-12-26' + CAST(7 * (week - 1) AS INTEGER) AS monday, CASE
    WHEN store_id IS NULL OR store_id NOT IN (SELECT CAST(store_id AS BIGINT) FROM store)
        THEN {'col': 'store_id', 'why': 'is empty or unknown'}
    WHEN product_id IS NULL OR product_id NOT IN (SELECT CAST(product_id AS BIGINT) FROM product)
        THEN {'col': 'product_id', 'why': 'is empty or unknown'}
    WHEN week IS NULL THEN {'col': 'week', 'why': 'is empty'} END AS problem
FROM read_parquet('{folder}/promotions.parquet', file_row_number = true);

CREATE TEMP TABLE doubled AS
SELECT store_id, product_id, week FROM judged WHERE problem IS NULL
GROUP BY store_id, product_id, week HAVING count(*) > 1;

-- Rows that repeat an earlier one word for word are duplicates, not further parts.
CREATE TEMP TABLE repeated AS
SELECT *, row_number() OVER (PARTITION BY store_id, product_id, week ORDER BY file_row_number)
        AS place,
    row_number() OVER (PARTITION BY store_id, product_id, week, display_location,
        mailer_location ORDER BY file_row_number) > 1 AS same
FROM judged SEMI JOIN doubled USING (store_id, product_id, week) WHERE problem IS NULL;

INSERT INTO set_aside
SELECT 6, 'promotion', file_row_number + 2, problem.col, NULL, problem.why, to_json(judged)
FROM judged WHERE problem IS NOT NULL;

INSERT INTO promotion
SELECT CAST(store_id AS VARCHAR), CAST(product_id AS VARCHAR), monday, 'observed',
    coalesce(display_location <> '0', false), coalesce(mailer_location <> '0', false), NULL, NULL,
    nullif(display_location, '0'), nullif(mailer_location, '0'), NULL, NULL, 6
FROM judged
WHERE problem IS NULL AND file_row_number NOT IN (SELECT file_row_number FROM repeated);

INSERT INTO promotion
SELECT CAST(store_id AS VARCHAR), CAST(product_id AS VARCHAR), monday, 'observed',
    bool_or(coalesce(display_location <> '0', false)),
    bool_or(coalesce(mailer_location <> '0', false)), NULL, NULL,
    string_agg(DISTINCT nullif(display_location, '0'), '+'
        ORDER BY nullif(display_location, '0')),
    string_agg(DISTINCT nullif(mailer_location, '0'), '+'
        ORDER BY nullif(mailer_location, '0')), NULL, NULL, 6
FROM repeated GROUP BY store_id, product_id, monday;

INSERT INTO loads
SELECT 6, 'promotion', '{hash}', (SELECT count(*) FROM judged),
    (SELECT count(*) FROM promotion), (SELECT count(*) FROM set_aside WHERE load_id = 6),
    (SELECT count(*) FROM repeated WHERE place > 1 AND same),
    (SELECT count(*) FROM repeated WHERE place > 1 AND NOT same);
DROP TABLE repeated;
DROP TABLE doubled;
DROP VIEW judged;

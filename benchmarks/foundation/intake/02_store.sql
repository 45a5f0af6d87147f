-- Stores are not listed anywhere: they are those that sold or promoted something.
CREATE TEMP TABLE typed AS
SELECT CAST(store_id AS VARCHAR) AS store_id
FROM (SELECT store_id FROM read_parquet('{folder}/transactions.parquet')
      UNION SELECT store_id FROM read_parquet('{folder}/promotions.parquet'));

INSERT INTO set_aside
SELECT 2, 'store', NULL, 'store_id', NULL, 'is empty', to_json(typed)
FROM typed WHERE store_id IS NULL;

INSERT INTO store (store_id, load_id)
SELECT store_id, 2 FROM typed WHERE store_id IS NOT NULL;

INSERT INTO loads
SELECT 2, 'store', '{hash}', (SELECT count(*) FROM typed), (SELECT count(*) FROM store),
    (SELECT count(*) FROM set_aside WHERE load_id = 2), 0, 0;
DROP TABLE typed;

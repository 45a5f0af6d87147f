-- Listed items, and the items that were sold or couponed without being listed.
CREATE TEMP TABLE typed AS
SELECT CAST(product_id AS VARCHAR) AS product_id, file_row_number + 2 AS row_no,
    nullif(concat_ws(' ', product_type, package_size), '') AS description, department,
    product_category AS category, product_type AS subcategory, brand,
    CAST(manufacturer_id AS VARCHAR) AS manufacturer, package_size AS pack_size,
    TRY_CAST(regexp_extract(package_size, '^([0-9]*[.]?[0-9]+) *([A-Z]+)$', 1) AS DOUBLE)
        AS pack_content,
    nullif(lower(regexp_extract(package_size, '^([0-9]*[.]?[0-9]+) *([A-Z]+)$', 2)), '')
        AS pack_measure,
    coalesce(brand = 'Private', false) AS is_private_label,
    coalesce(department NOT IN ('FUEL', 'COUPON', 'MISCELLANEOUS', 'CHARITABLE CONT',
        'POSTAL CENTER', 'CNTRL/STORE SUP', 'GM MERCH EXP')
        AND coalesce(product_category, '') NOT LIKE 'COUPON%', true) AS is_merchandise,
    true AS is_listed
FROM read_parquet('{folder}/products.parquet', file_row_number = true)
UNION ALL
SELECT CAST(product_id AS VARCHAR), min(row_no), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, false, true, false
FROM (
    SELECT product_id, file_row_number + 2 AS row_no
    FROM read_parquet('{folder}/transactions.parquet', file_row_number = true)
    UNION ALL
    SELECT product_id, file_row_number + 2
    FROM read_parquet('{folder}/coupons.parquet', file_row_number = true))
WHERE product_id NOT IN (SELECT product_id FROM read_parquet('{folder}/products.parquet'))
GROUP BY product_id;

CREATE TEMP TABLE judged AS
SELECT *, CASE
    WHEN product_id IS NULL THEN {'col': 'product_id', 'why': 'is empty'}
    WHEN pack_content < 0 THEN {'col': 'pack_content', 'why': 'below 0'}
    WHEN row_number() OVER (PARTITION BY product_id ORDER BY row_no) > 1
        THEN {'col': 'product_id', 'why': 'the id stands twice'} END AS problem
FROM typed;

INSERT INTO set_aside
SELECT 1, 'product', row_no, problem.col, product_id, problem.why, to_json(judged)
FROM judged WHERE problem IS NOT NULL;

INSERT INTO product
SELECT product_id, NULL, description, department, category, subcategory, brand, manufacturer,
    pack_size, pack_content, pack_measure, is_private_label, is_merchandise, is_listed, 1
FROM judged WHERE problem IS NULL;

INSERT INTO loads
SELECT 1, 'product', '{hash}', (SELECT count(*) FROM typed), (SELECT count(*) FROM product),
    (SELECT count(*) FROM set_aside WHERE load_id = 1), 0, 0;
DROP TABLE judged;
DROP TABLE typed;

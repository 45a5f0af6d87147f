-- For information: what it costs only to convert and write, with nothing checked or set aside.
CREATE TABLE product AS
SELECT CAST(product_id AS VARCHAR) AS product_id, product_type || ' ' || package_size AS description,
    department, product_category AS category, product_type AS subcategory, brand,
    CAST(manufacturer_id AS VARCHAR) AS manufacturer, package_size AS pack_size,
    brand = 'Private' AS is_private_label
FROM read_parquet('{folder}/products.parquet');
CREATE TABLE store AS
SELECT DISTINCT CAST(store_id AS VARCHAR) AS store_id
FROM read_parquet('{folder}/transactions.parquet');
CREATE TABLE household AS
SELECT CAST(household_id AS VARCHAR) AS household_id, age, income, home_ownership, marital_status,
    household_size, household_comp, kids_count
FROM read_parquet('{folder}/demographics.parquet');
CREATE TABLE basket_line AS
SELECT CAST(basket_id AS VARCHAR) AS basket_id, CAST(household_id AS VARCHAR) AS household_id,
    CAST(store_id AS VARCHAR) AS store_id, CAST(product_id AS VARCHAR) AS product_id,
    CAST(transaction_timestamp AS TIMESTAMP) AT TIME ZONE 'UTC' AT TIME ZONE 'America/New_York'
        AS time,
    DATE '2016-12-26' + CAST(7 * (week - 1) AS INTEGER) AS week,
    CAST(quantity AS DOUBLE) AS units, sales_value AS value, retail_disc AS retailer_discount,
    coupon_disc AS coupon_discount, coupon_match_disc AS coupon_match_discount
FROM read_parquet('{folder}/transactions.parquet');
CREATE TABLE sales AS
SELECT store_id, product_id, week, sum(units) AS units, sum(value) AS value,
    sum(value + retailer_discount + coupon_match_discount) / nullif(sum(units), 0)
        AS regular_price
FROM basket_line GROUP BY ALL;
CREATE TABLE promotion AS
SELECT CAST(store_id AS VARCHAR) AS store_id, CAST(product_id AS VARCHAR) AS product_id,
    DATE '2016-12-26' + CAST(7 * (week - 1) AS INTEGER) AS week, display_location <> '0' AS display,
    mailer_location <> '0' AS feature, nullif(display_location, '0') AS display_location,
    nullif(mailer_location, '0') AS feature_location
FROM read_parquet('{folder}/promotions.parquet');
CREATE TABLE campaign AS
SELECT CAST(campaign_id AS VARCHAR) AS campaign_id, campaign_type AS kind,
    CAST(start_date AS DATE) AS first_day, CAST(end_date AS DATE) AS last_day
FROM read_parquet('{folder}/campaign_descriptions.parquet');
CREATE TABLE campaign_contact AS
SELECT CAST(campaign_id AS VARCHAR) AS campaign_id, CAST(household_id AS VARCHAR) AS household_id
FROM read_parquet('{folder}/campaigns.parquet');
CREATE TABLE coupon AS
SELECT DISTINCT CAST(campaign_id AS VARCHAR) AS campaign_id,
    CAST(coupon_upc AS VARCHAR) AS coupon_id, CAST(product_id AS VARCHAR) AS product_id
FROM read_parquet('{folder}/coupons.parquet');
CREATE TABLE redemption AS
SELECT CAST(campaign_id AS VARCHAR) AS campaign_id, CAST(household_id AS VARCHAR) AS household_id,
    CAST(coupon_upc AS VARCHAR) AS coupon_id, CAST(redemption_date AS DATE) AS date
FROM read_parquet('{folder}/coupon_redemptions.parquet');

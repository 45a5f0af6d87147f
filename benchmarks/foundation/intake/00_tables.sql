-- The tables that the contracts ask for, and the two that hold what a load must leave behind.
CREATE TABLE loads (
    load_id INTEGER, contract VARCHAR, file_hash VARCHAR,
    rows_in BIGINT, loaded BIGINT, set_aside BIGINT, duplicate BIGINT, combined BIGINT);
CREATE TABLE set_aside (
    load_id INTEGER, contract VARCHAR, "row" BIGINT, "column" VARCHAR, "value" VARCHAR,
    reason VARCHAR, raw VARCHAR);
CREATE TABLE product (
    product_id VARCHAR, gtin VARCHAR, description VARCHAR, department VARCHAR, category VARCHAR,
    subcategory VARCHAR, brand VARCHAR, manufacturer VARCHAR, pack_size VARCHAR,
    pack_content DOUBLE, pack_measure VARCHAR, is_private_label BOOLEAN, is_merchandise BOOLEAN,
    is_listed BOOLEAN, load_id INTEGER);
CREATE TABLE store (
    store_id VARCHAR, name VARCHAR, retailer VARCHAR, banner VARCHAR, format VARCHAR,
    region VARCHAR, territory VARCHAR, gln VARCHAR, acv DOUBLE, city VARCHAR, latitude DOUBLE,
    longitude DOUBLE, opened DATE, closed DATE, load_id INTEGER);
CREATE TABLE household (
    household_id VARCHAR, weight DOUBLE, age VARCHAR, income VARCHAR, home_ownership VARCHAR,
    marital_status VARCHAR, size VARCHAR, composition VARCHAR, children VARCHAR,
    lifestyle VARCHAR, load_id INTEGER);
CREATE TABLE basket_line (
    basket_id VARCHAR, household_id VARCHAR, store_id VARCHAR, product_id VARCHAR, line BIGINT,
    time TIMESTAMP, date DATE, week DATE, units DOUBLE, value DOUBLE, retailer_discount DOUBLE,
    coupon_discount DOUBLE, coupon_match_discount DOUBLE, load_id INTEGER);
CREATE TABLE sales (
    store_id VARCHAR, product_id VARCHAR, date DATE, days BIGINT, week DATE, units DOUBLE,
    value DOUBLE, regular_price DOUBLE, returns DOUBLE, load_id INTEGER);
CREATE TABLE promotion (
    store_id VARCHAR, product_id VARCHAR, week DATE, status VARCHAR, display BOOLEAN,
    feature BOOLEAN, price_cut BOOLEAN, discount DOUBLE, display_location VARCHAR,
    feature_location VARCHAR, display_days DOUBLE, promotion_id VARCHAR, load_id INTEGER);
CREATE TABLE campaign (
    campaign_id VARCHAR, name VARCHAR, kind VARCHAR, brand VARCHAR, first_day DATE,
    last_day DATE, load_id INTEGER);
CREATE TABLE campaign_contact (
    campaign_id VARCHAR, household_id VARCHAR, contacted DATE, load_id INTEGER);
CREATE TABLE coupon (
    campaign_id VARCHAR, coupon_id VARCHAR, product_id VARCHAR, load_id INTEGER);
CREATE TABLE redemption (
    campaign_id VARCHAR, household_id VARCHAR, coupon_id VARCHAR, date DATE, line BIGINT,
    week DATE, load_id INTEGER);

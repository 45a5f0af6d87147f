-- ask: by=campaign_id
WITH handed_in AS (
    SELECT campaign_id, household_id, count(*) AS coupons FROM redemption GROUP BY ALL
)
SELECT campaign_id, 100 * count(coupons) / count(*) AS value, count(*) AS contacts,
    coalesce(sum(coupons), 0) AS redemptions
FROM campaign_contact LEFT JOIN handed_in USING (campaign_id, household_id)
GROUP BY campaign_id;

-- ask:
SELECT 100 * count(*) FILTER ((campaign_id, household_id) IN (
        SELECT (campaign_id, household_id) FROM redemption)) / nullif(count(*), 0) AS value
FROM campaign_contact;

-- ask: by=age; period=2017
-- Campaigns that ran on any day from Monday 2016-12-26 to Sunday 2017-12-31.
WITH handed_in AS (
    SELECT DISTINCT campaign_id, household_id, true AS handed_in FROM redemption
    WHERE week BETWEEN DATE '2016-12-26' AND DATE '2017-12-25'
)
SELECT coalesce(age, '(not stated)') AS age, 100 * count(handed_in) / count(*) AS value
FROM campaign_contact
LEFT JOIN household USING (household_id)
LEFT JOIN handed_in USING (campaign_id, household_id)
WHERE campaign_id IN (
    SELECT campaign_id FROM campaign
    WHERE first_day <= DATE '2017-12-31' AND last_day >= DATE '2016-12-26')
GROUP BY ALL;

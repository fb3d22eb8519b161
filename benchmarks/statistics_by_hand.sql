-- Every statistic by month and channel as its definition says it, in plain SQL over the clean tables; nothing of
-- Rapport's own is used. {zone} is the company's time zone, {start} and {end} the range; the tables are views that the
-- benchmark makes. Columns that begin with an underscore are steps on the way.

-- One row a contact: the later version where there are two, its sentiment, and whether it was its customer's first.
CREATE TABLE facts AS
WITH latest AS (
    SELECT * FROM interactions WHERE is_revision
    UNION ALL BY NAME
    SELECT * FROM interactions ANTI JOIN (SELECT interaction_id FROM interactions WHERE is_revision) USING (interaction_id)
), felt AS (
    SELECT interaction_id, sentiment FROM message_signals WHERE is_revision
    UNION ALL BY NAME
    SELECT interaction_id, sentiment FROM message_signals
    ANTI JOIN (SELECT interaction_id FROM message_signals WHERE is_revision) USING (interaction_id)
), firsts AS (
    SELECT arg_min(interaction_id, (occurred_at, interaction_id)) AS interaction_id, true AS first
    FROM latest WHERE NOT coalesce(is_automated, false) AND customer_id IS NOT NULL GROUP BY customer_id
)
SELECT strftime(occurred_at AT TIME ZONE '{zone}', '%Y-%m') AS month, channel, customer_id, kind, outcome, reopened,
    satisfaction, sentiment, duration_ms, wait_ms, direction, resolved_at, responded_at, coalesce(first, false) AS first,
    NOT coalesce(is_automated, false) AS person, person AND coalesce(direction, '') <> 'outbound' AS begun,
    date_diff('microsecond', occurred_at, responded_at) / 6e7 AS answer_minutes,
    date_diff('microsecond', occurred_at, resolved_at) / 36e8 AS resolution_hours
FROM latest LEFT JOIN felt USING (interaction_id) LEFT JOIN firsts USING (interaction_id)
WHERE occurred_at >= '{start}' AND occurred_at < '{end}';

SELECT month, channel,
    count(*) FILTER (person) AS contacts,
    count(*) FILTER (begun) AS inbound_contacts,
    count(*) FILTER (NOT person) AS automated_contacts,
    count(*) FILTER (person AND direction = 'outbound') / nullif(contacts, 0) AS outbound_share,
    count(customer_id) FILTER (person) / nullif(contacts, 0) AS identified_share,
    count(*) FILTER (first) AS new_customers,
    count(*) FILTER (begun AND kind = 'complaint') / nullif(inbound_contacts, 0) AS complaint_share,
    avg(duration_ms) FILTER (person AND outcome = 'answered') / 1000 AS service_seconds_mean,
    avg(wait_ms) FILTER (begun) / 1000 AS wait_seconds_mean,
    count(*) FILTER (begun AND channel IN ('phone', 'chat') AND outcome = 'answered') AS _taken,
    count(*) FILTER (begun AND channel IN ('phone', 'chat') AND outcome = 'abandoned') AS _lost,
    count(*) FILTER (begun AND channel IN ('phone', 'chat') AND outcome = 'answered' AND wait_ms <= 20000) AS _soon,
    count(*) FILTER (begun AND channel IN ('phone', 'chat') AND outcome = 'answered' AND wait_ms IS NULL) AS _unknown,
    _soon / nullif(_taken - _unknown + _lost, 0) AS service_level,
    _lost / nullif(_taken + _lost, 0) AS abandonment_share,
    count(*) FILTER (begun AND channel IN ('phone', 'chat') AND outcome IN ('answered', 'abandoned') AND wait_ms > 0) AS _queued,
    count(*) FILTER (begun AND channel IN ('phone', 'chat') AND outcome = 'abandoned' AND wait_ms > 0) AS _queued_lost,
    _queued_lost / nullif(_queued, 0) AS abandonment_queued_share,
    count(*) FILTER (begun AND answer_minutes >= 0) AS _answered,
    count(*) FILTER (begun AND answer_minutes >= 0 AND answer_minutes < 60) / nullif(_answered, 0) AS first_response_0_1h_share,
    count(*) FILTER (begun AND answer_minutes >= 60 AND answer_minutes < 240) / nullif(_answered, 0) AS first_response_1_4h_share,
    count(*) FILTER (begun AND answer_minutes >= 240 AND answer_minutes < 480) / nullif(_answered, 0) AS first_response_4_8h_share,
    count(*) FILTER (begun AND answer_minutes >= 480 AND answer_minutes < 1440) / nullif(_answered, 0) AS first_response_8_24h_share,
    count(*) FILTER (begun AND answer_minutes >= 1440) / nullif(_answered, 0) AS first_response_24h_share,
    count(*) FILTER (begun AND responded_at IS NULL AND coalesce(outcome, '') <> 'answered') / nullif(inbound_contacts, 0) AS unanswered_share,
    count(*) FILTER (begun AND resolved_at IS NOT NULL AND reopened) / nullif(count(resolved_at) FILTER (begun), 0) AS reopened_share,
    count(satisfaction) FILTER (person) AS rating_count,
    count(*) FILTER (person AND satisfaction >= 4) / nullif(rating_count, 0) AS csat,
    count(satisfaction) FILTER (begun) / nullif(inbound_contacts, 0) AS csat_response_share,
    -- One channel and month is one stratum, in which every rating weighs the same.
    count(*) FILTER (begun AND satisfaction >= 4) / nullif(count(satisfaction) FILTER (begun), 0) AS csat_weighted,
    avg(satisfaction) FILTER (person) AS rating_mean,
    (sum(round(sentiment, 6)::DECIMAL(18, 6)) FILTER (begun))::DOUBLE / nullif(count(sentiment) FILTER (begun), 0) AS sentiment_mean,
    count(*) FILTER (begun AND sentiment < -0.05) / nullif(count(sentiment) FILTER (begun), 0) AS negative_share,
    (rating_mean - 1) / 4 AS satisfaction_score_rating,
    (sentiment_mean + 1) / 2 AS satisfaction_score_sentiment,
    1 - complaint_share AS satisfaction_score_calm,
    CASE WHEN coalesce(satisfaction_score_rating, satisfaction_score_sentiment) IS NOT NULL THEN list_avg(list_filter(
        [satisfaction_score_rating, satisfaction_score_sentiment, satisfaction_score_calm], lambda part: part IS NOT NULL
    )) END AS satisfaction_score
FROM facts GROUP BY month, channel;

SELECT month, channel, count(DISTINCT customer_id) FILTER (person) AS unique_customers,
    count(customer_id) FILTER (person) / nullif(unique_customers, 0) AS contacts_per_customer,
    unique_customers - count(*) FILTER (first) AS returning_customers
FROM facts GROUP BY month, channel;

-- The company is always open, so business time is all the time there is.
SELECT month, channel,
    quantile_cont(duration_ms, 0.5) FILTER (person AND outcome = 'answered') / 1000 AS service_seconds_median,
    quantile_cont(duration_ms, 0.9) FILTER (person AND outcome = 'answered') / 1000 AS service_seconds_p90,
    quantile_cont(wait_ms, 0.5) FILTER (begun) / 1000 AS wait_seconds_median,
    quantile_cont(wait_ms, 0.9) FILTER (begun) / 1000 AS wait_seconds_p90,
    quantile_cont(answer_minutes, 0.5) FILTER (begun AND answer_minutes >= 0) AS first_response_minutes_median,
    quantile_cont(answer_minutes, 0.9) FILTER (begun AND answer_minutes >= 0) AS first_response_minutes_p90,
    first_response_minutes_median AS first_response_business_minutes_median,
    first_response_minutes_p90 AS first_response_business_minutes_p90,
    quantile_cont(resolution_hours, 0.5) FILTER (begun AND resolution_hours >= 0) AS resolution_hours_median,
    quantile_cont(resolution_hours, 0.9) FILTER (begun AND resolution_hours >= 0) AS resolution_hours_p90,
    resolution_hours_median AS resolution_business_hours_median,
    resolution_hours_p90 AS resolution_business_hours_p90
FROM facts GROUP BY month, channel;

SELECT month, channel, avg(score) AS value_score, avg(income) AS value_score_income,
    avg(frequency) AS value_score_frequency, avg(loyalty) AS value_score_loyalty
FROM (SELECT DISTINCT month, channel, customer_id FROM facts WHERE person) LEFT JOIN customer_values USING (customer_id)
GROUP BY month, channel;

WITH latest AS (
    SELECT * FROM orders WHERE is_revision
    UNION ALL BY NAME
    SELECT * FROM orders ANTI JOIN (SELECT order_line_id FROM orders WHERE is_revision) USING (order_line_id)
)
SELECT strftime(ordered_at AT TIME ZONE '{zone}', '%Y-%m') AS month, NULL AS channel,
    count(DISTINCT order_id) AS orders, coalesce(sum(amount), 0)::DOUBLE AS revenue,
    sum(amount)::DOUBLE / nullif(count(DISTINCT order_id) FILTER (amount IS NOT NULL), 0) AS order_value_mean,
    count(DISTINCT order_id) FILTER (customer_id IS NOT NULL) / nullif(count(DISTINCT customer_id), 0) AS orders_per_customer
FROM latest WHERE ordered_at >= '{start}' AND ordered_at < '{end}' GROUP BY month;

WITH latest AS (
    SELECT * FROM surveys WHERE is_revision
    UNION ALL BY NAME
    SELECT * FROM surveys ANTI JOIN (SELECT response_id FROM surveys WHERE is_revision) USING (response_id)
)
SELECT strftime(answered_at AT TIME ZONE '{zone}', '%Y-%m') AS month, NULL AS channel,
    avg(importance * (5 - satisfaction)) AS need_gap, avg(satisfaction) AS survey_satisfaction
FROM latest WHERE answered_at >= '{start}' AND answered_at < '{end}' GROUP BY month;

-- The customer feature table as somebody fluent in DuckDB would write it for these tables alone: no identities, no fills.
-- Keys of which no row is marked as a later version need no comparing. Parameters: cutoff (timestamptz), and the folder of the Parquet files in place of {folder}.
WITH
known_interactions AS (SELECT * FROM '{folder}/interactions.parquet' WHERE known_at < $cutoff),
latest_known_interactions AS (
    SELECT * FROM known_interactions WHERE interaction_id NOT IN (SELECT interaction_id FROM known_interactions WHERE is_revision)
    UNION ALL
    SELECT * FROM known_interactions WHERE interaction_id IN (SELECT interaction_id FROM known_interactions WHERE is_revision)
    QUALIFY row_number() OVER (
        PARTITION BY interaction_id ORDER BY known_at DESC, collected_at DESC, source DESC, source_row DESC) = 1
),
known_orders AS (SELECT * FROM '{folder}/orders.parquet' WHERE known_at < $cutoff),
latest_known_orders AS (
    SELECT * FROM known_orders WHERE order_line_id NOT IN (SELECT order_line_id FROM known_orders WHERE is_revision)
    UNION ALL
    SELECT * FROM known_orders WHERE order_line_id IN (SELECT order_line_id FROM known_orders WHERE is_revision)
    QUALIFY row_number() OVER (
        PARTITION BY order_line_id ORDER BY known_at DESC, collected_at DESC, source DESC, source_row DESC) = 1
),
known_message_signals AS (SELECT * FROM '{folder}/message_signals.parquet' WHERE known_at < $cutoff),
latest_known_message_signals AS (
    SELECT * FROM known_message_signals WHERE interaction_id NOT IN (SELECT interaction_id FROM known_message_signals WHERE is_revision)
    UNION ALL
    SELECT * FROM known_message_signals WHERE interaction_id IN (SELECT interaction_id FROM known_message_signals WHERE is_revision)
    QUALIFY row_number() OVER (
        PARTITION BY interaction_id ORDER BY known_at DESC, collected_at DESC, source DESC, source_row DESC) = 1
),
known_surveys AS (SELECT * FROM '{folder}/surveys.parquet' WHERE known_at < $cutoff),
latest_known_surveys AS (
    SELECT * FROM known_surveys WHERE response_id NOT IN (SELECT response_id FROM known_surveys WHERE is_revision)
    UNION ALL
    SELECT * FROM known_surveys WHERE response_id IN (SELECT response_id FROM known_surveys WHERE is_revision)
    QUALIFY row_number() OVER (
        PARTITION BY response_id ORDER BY known_at DESC, collected_at DESC, source DESC, source_row DESC) = 1
),
known_customers AS (SELECT * FROM '{folder}/customers.parquet' WHERE known_at < $cutoff),
latest_known_customers AS (
    SELECT * FROM known_customers WHERE customer_id NOT IN (SELECT customer_id FROM known_customers WHERE is_revision)
    UNION ALL
    SELECT * FROM known_customers WHERE customer_id IN (SELECT customer_id FROM known_customers WHERE is_revision)
    QUALIFY row_number() OVER (
        PARTITION BY customer_id ORDER BY known_at DESC, collected_at DESC, source DESC, source_row DESC) = 1
),
all_customers AS (SELECT * FROM '{folder}/customers.parquet'),
latest_all_customers AS (
    SELECT * FROM all_customers WHERE customer_id NOT IN (SELECT customer_id FROM all_customers WHERE is_revision)
    UNION ALL
    SELECT * FROM all_customers WHERE customer_id IN (SELECT customer_id FROM all_customers WHERE is_revision)
    QUALIFY row_number() OVER (
        PARTITION BY customer_id ORDER BY known_at DESC, collected_at DESC, source DESC, source_row DESC) = 1
),
i AS (
    SELECT *, epoch_us($cutoff) - epoch_us(occurred_at) AS age,
        coalesce(direction, 'unknown') <> 'outbound' AND NOT coalesce(is_automated, false) AS begun
    FROM (
        SELECT * FROM latest_known_interactions
    )
    WHERE occurred_at < $cutoff AND customer_id IS NOT NULL
),
o AS (
    SELECT *, epoch_us($cutoff) - epoch_us(ordered_at) AS age, coalesce(order_id, order_line_id) AS order_key
    FROM (
        SELECT * FROM latest_known_orders
    )
    WHERE ordered_at < $cutoff
),
e AS (
    SELECT customer_id, age FROM i WHERE begun
    UNION ALL
    SELECT customer_id, max(age) FROM o GROUP BY customer_id, order_key
),
p AS (
    SELECT *, before - age AS silence, CASE WHEN before <= 365 * day THEN before - age END AS gap,
        everything - 1 - place AS from_end, gaps // 2 AS half
    FROM (
        SELECT *, 86400000000 AS day,
            lag(age) OVER (PARTITION BY customer_id ORDER BY age DESC) AS before,
            row_number() OVER (PARTITION BY customer_id ORDER BY age DESC) - 1 AS place,
            count(*) OVER (PARTITION BY customer_id) AS everything,
            count(*) FILTER (age <= 365 * 86400000000) OVER (PARTITION BY customer_id) - 1 AS gaps
        FROM e
    )
),
alive AS (
    SELECT customer_id,
        min(age) / any_value(day) AS recency_days, max(age) / any_value(day) AS tenure_days,
        count(*) FILTER (age <= 365 * day) AS frequency,
        count(*) FILTER (age <= 30 * day) AS frequency_30, count(*) FILTER (age <= 90 * day) AS frequency_90,
        count(DISTINCT (epoch_us($cutoff) - age) // day) FILTER (age <= 365 * day) AS active_days_count,
        median(gap) / any_value(day) AS gap_days_median,
        sqrt((sum(gap::DECIMAL(19, 0) * gap::DECIMAL(19, 0)) * count(gap)
            - sum(gap)::DECIMAL(19, 0) * sum(gap)::DECIMAL(19, 0))::DOUBLE
            / nullif(count(gap) * (count(gap) - 1), 0)) * count(gap) / nullif(sum(gap), 0) AS gap_days_cv,
        min(age) / nullif(median(gap), 0) AS overdue_ratio,
        sum(gap) FILTER (from_end < half) / nullif(sum(gap) FILTER (from_end >= gaps - half), 0) AS slowing_ratio,
        CASE WHEN min(age) > 90 * any_value(day) THEN 'dormant' WHEN max(age) <= 90 * any_value(day) THEN 'new'
            WHEN bool_or(age <= 90 * day AND silence > 90 * day) THEN 'resurrecting' ELSE 'returning' END AS lifecycle,
        CASE WHEN max(age) > 364 * any_value(day)
            THEN count(*) FILTER (age <= 364 * day AND age > 273 * day) END AS season_ahead_count,
        CASE WHEN max(age) > 455 * any_value(day)
            THEN count(*) FILTER (age <= 455 * day AND age > 364 * day) END AS season_behind_count
    FROM p GROUP BY customer_id
),
s AS (
    SELECT interaction_id, language, (round(sentiment * 1000000))::BIGINT AS felt, sentiment, words, questions FROM latest_known_message_signals
),
w AS (
    SELECT i.*, s.* EXCLUDE (interaction_id), age <= 90 * 86400000000 AS recent,
        CASE WHEN responded_at < $cutoff THEN epoch_us(responded_at) - epoch_us(occurred_at) END AS response,
        coalesce(resolved_at < $cutoff, false) AS resolved,
        CASE WHEN coalesce(rated_at, responded_at, occurred_at) < $cutoff THEN satisfaction END AS rating,
        epoch_us($cutoff) - epoch_us(coalesce(rated_at, responded_at, occurred_at)) AS rated_age
    FROM i LEFT JOIN s USING (interaction_id)
    WHERE age <= 365 * 86400000000
),
contacts AS (
    SELECT customer_id,
        count(*) FILTER (begun) AS n, count(*) FILTER (begun AND recent) AS r, n - r AS b,
        count(*) FILTER (begun AND channel = 'phone') / nullif(n, 0) AS phone_share,
        count(*) FILTER (begun AND channel = 'email') / nullif(n, 0) AS email_share,
        count(*) FILTER (begun AND channel = 'chat') / nullif(n, 0) AS chat_share,
        count(*) FILTER (begun AND channel = 'social') / nullif(n, 0) AS social_share,
        count(*) FILTER (begun AND channel = 'web') / nullif(n, 0) AS web_share,
        count(DISTINCT channel) FILTER (begun) AS channels_used,
        count(*) FILTER (direction = 'outbound') AS outbound_count,
        count(*) FILTER (direction = 'outbound')
            / nullif(count(*) FILTER (direction IN ('inbound', 'outbound')), 0) AS outbound_share,
        (abs(count(*) FILTER (begun AND recent AND channel = 'phone') * b
            - count(*) FILTER (begun AND NOT recent AND channel = 'phone') * r)
        + abs(count(*) FILTER (begun AND recent AND channel = 'email') * b
            - count(*) FILTER (begun AND NOT recent AND channel = 'email') * r)
        + abs(count(*) FILTER (begun AND recent AND channel = 'chat') * b
            - count(*) FILTER (begun AND NOT recent AND channel = 'chat') * r)
        + abs(count(*) FILTER (begun AND recent AND channel = 'social') * b
            - count(*) FILTER (begun AND NOT recent AND channel = 'social') * r)
        + abs(count(*) FILTER (begun AND recent AND channel = 'web') * b
            - count(*) FILTER (begun AND NOT recent AND channel = 'web') * r)
        + abs(count(*) FILTER (begun AND recent AND NOT coalesce(channel IN ('phone', 'email', 'chat', 'social', 'web'), false)) * b
            - count(*) FILTER (begun AND NOT recent AND NOT coalesce(channel IN ('phone', 'email', 'chat', 'social', 'web'), false)) * r)
        ) / nullif(2 * r * b, 0) AS channel_shift,
        median(response) FILTER (begun AND response >= 0) / 60000000 AS response_minutes_median,
        sum(response) FILTER (begun AND response >= 0 AND recent)
            / (nullif(count(*) FILTER (begun AND response >= 0 AND recent), 0) * 60000000) AS response_minutes_90,
        sum(wait_ms) FILTER (begun)
            / (nullif(count(wait_ms) FILTER (begun), 0) * 1000) AS wait_seconds_mean,
        count(*) FILTER (begun AND outcome = 'abandoned')
            / nullif(count(outcome) FILTER (begun), 0) AS abandoned_share,
        count(*) FILTER (begun AND response IS NULL AND coalesce(outcome, '') <> 'answered')
            / nullif(n, 0) AS unanswered_share,
        count(*) FILTER (begun AND resolved AND reopened) / nullif(count(*) FILTER (begun AND resolved), 0) AS reopened_share,
        sum(rating) / nullif(count(rating), 0) AS rating_mean, count(rating) AS rating_count,
        arg_min(rating, rated_age * 8 + rating) FILTER (rating IS NOT NULL) AS rating_last,
        count(*) FILTER (recent AND rating <= 2) AS low_ratings_90,
        count(*) FILTER (begun AND kind = 'complaint') / nullif(n, 0) AS complaint_share,
        count(*) FILTER (begun AND recent AND kind = 'complaint') AS complaints_90,
        sum(rating) FILTER (recent) / nullif(count(rating) FILTER (recent), 0)
            - sum(rating) FILTER (NOT recent) / nullif(count(rating) FILTER (NOT recent), 0) AS rating_trend,
        count(rating) FILTER (begun) / nullif(n, 0) AS rating_response_share,
        sum(felt) FILTER (begun) / (nullif(count(felt) FILTER (begun), 0) * 1000000) AS sentiment_mean,
        sum(felt) FILTER (begun AND recent)
            / (nullif(count(felt) FILTER (begun AND recent), 0) * 1000000) AS sentiment_90,
        count(*) FILTER (begun AND sentiment < -0.05) / nullif(count(sentiment) FILTER (begun), 0) AS negative_share,
        sum(words) FILTER (begun) / nullif(count(words) FILTER (begun), 0) AS words_mean,
        count(*) FILTER (begun AND words IS NOT NULL AND questions > 0)
            / nullif(count(words) FILTER (begun), 0) AS question_share,
        count(*) FILTER (begun AND words IS NOT NULL AND language IN ('zh', 'mixed'))
            / nullif(count(words) FILTER (begun), 0) AS chinese_share
    FROM w GROUP BY customer_id
),
bought AS (
    SELECT customer_id,
        count(DISTINCT order_key) FILTER (age <= 365 * 86400000000) AS order_count,
        sum(amount) FILTER (age <= 365 * 86400000000) AS order_amount,
        count(DISTINCT order_key) FILTER (age <= 90 * 86400000000) AS order_count_90,
        sum(amount) FILTER (age <= 90 * 86400000000) AS order_amount_90,
        min(age) / 86400000000 AS order_recency_days
    FROM o GROUP BY customer_id
),
asked AS (
    SELECT customer_id,
        sum(importance * (5 - satisfaction)) / nullif(count(importance * satisfaction), 0) AS need_gap,
        sum(satisfaction) / nullif(count(satisfaction), 0) AS survey_satisfaction
    FROM (
        SELECT * FROM latest_known_surveys
    )
    WHERE answered_at < $cutoff AND answered_at >= $cutoff - INTERVAL 365 DAY
    GROUP BY customer_id
),
people AS (
    SELECT customer_id, income FROM latest_known_customers
),
refused AS (
    SELECT customer_id FROM (
        SELECT customer_id, do_not_profile FROM latest_all_customers
    )
    WHERE do_not_profile
)
SELECT alive.*,
    contacts.* EXCLUDE (customer_id, n, r, b, channels_used, outbound_count, rating_count, low_ratings_90, complaints_90),
    coalesce(channels_used, 0) AS channels_used, coalesce(outbound_count, 0) AS outbound_count,
    coalesce(rating_count, 0) AS rating_count, coalesce(low_ratings_90, 0) AS low_ratings_90,
    coalesce(complaints_90, 0) AS complaints_90,
    coalesce(order_count, 0) AS order_count,
    CASE WHEN coalesce(order_count, 0) = 0 THEN 0 ELSE order_amount END AS order_amount,
    coalesce(order_count_90, 0) AS order_count_90,
    CASE WHEN coalesce(order_count_90, 0) = 0 THEN 0 ELSE order_amount_90 END AS order_amount_90,
    order_amount::DOUBLE / nullif(order_count, 0) AS order_amount_mean, order_recency_days, income,
    need_gap, survey_satisfaction
FROM alive
LEFT JOIN contacts USING (customer_id) LEFT JOIN bought USING (customer_id)
LEFT JOIN asked USING (customer_id) LEFT JOIN people USING (customer_id)
ANTI JOIN refused USING (customer_id)
ORDER BY customer_id

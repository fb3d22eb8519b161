"""The customer features: name, type, meaning, unit and formula of each, by the concepts of features/customer/.

The words of the formulas are those of WORDS: sets of rows that were known before the cutoff.
"""

from workspace.columns import FLOAT, INTEGER, MONEY, TEXT, Column

WORDS = {
    "window": "the observation window, `[cutoff - observation_days, cutoff)`",
    "recent": "of the last 90 days of the window",
    "interactions": "the customer's interactions in the window, in both directions, those of machines included",
    "contacts": "the interactions that the customer began: direction inbound or unknown, sent by no machine",
    "orders": "order lines of the window with the same order_id; a line without one is an order of its own",
    "events": "contacts and orders before the cutoff, also those before the window, an order at its first line; "
    'orders alone where `[churn] event = "orders"`. Window events: those in the window',
    "age": "cutoff - the event's moment",
    "gaps": "times between one event and the next, both in the window",
    "rated": "with a rating that was given before the cutoff",
    "answered": "with a human answer that came before the cutoff, and not before the contact",
    "messages": "contacts with a text",
    "active_days": "`[windows] active_days` of rapport.toml",
}

RFM = (
    Column("recency_days", FLOAT, "days since the last event", "days", formula="min(age) of events", actionable=True),
    Column("tenure_days", FLOAT, "days since the first event of all", "days", formula="max(age) of events"),
    Column("frequency", INTEGER, "events in the window", "events", formula="count of window events"),
    Column(
        "frequency_30",
        INTEGER,
        "events in the 30 days before the cutoff",
        "events",
        formula="count of window events with age <= 30 days",
    ),
    Column(
        "frequency_90",
        INTEGER,
        "events in the 90 days before the cutoff",
        "events",
        formula="count of recent events",
    ),
)

CADENCE = (
    Column(
        "active_days_count",
        INTEGER,
        "different days, in UTC, with an event in the window",
        "days",
        formula="count of distinct UTC days of window events",
    ),
    Column(
        "gap_days_median",
        FLOAT,
        "usual days between events",
        "days",
        formula="median(gaps); null without one",
    ),
    Column(
        "gap_days_cv",
        FLOAT,
        "how irregular the gaps are: 0 is a clockwork",
        "ratio",
        formula="sample standard deviation(gaps) / mean(gaps); null below two gaps",
    ),
    Column(
        "overdue_ratio",
        FLOAT,
        "how long the present silence is beside the usual gap",
        "ratio",
        formula="recency_days / gap_days_median; null where that is 0",
    ),
    Column(
        "slowing_ratio",
        FLOAT,
        "whether gaps grow: above 1 they do",
        "ratio",
        formula="sum(gaps of the later half) / sum(gaps of the earlier half); of an odd number the middle one is "
        "left out",
    ),
)

LIFECYCLE = (
    Column(
        "lifecycle",
        TEXT,
        "where the customer stands: new, returning, resurrecting or dormant",
        formula='"dormant" if recency_days > active_days; else "new" if tenure_days <= active_days; else '
        '"resurrecting" if an event of the active_days came more than active_days after the one before; else '
        '"returning"',
    ),
)

SEASON = (
    Column(
        "season_ahead_count",
        INTEGER,
        "events a year before the 13 weeks after the cutoff; null: no customer yet when those weeks began",
        "events",
        formula="count of events with 273 < age <= 364 days; null if tenure_days <= 364",
    ),
    Column(
        "season_behind_count",
        INTEGER,
        "events a year before the 13 weeks up to the cutoff; null: no customer yet when those weeks began",
        "events",
        formula="count of events with 364 < age <= 455 days; null if tenure_days <= 455",
    ),
)

CHANNEL_MIX = (
    *(
        Column(
            f"{channel}_share",
            FLOAT,
            f"share of the contacts that came by {spoken}",
            "share",
            formula=f'count of contacts with channel "{channel}" / count of contacts',
            actionable=True,
        )
        for channel, spoken in (
            ("phone", "telephone"),
            ("email", "e-mail"),
            ("chat", "chat"),
            ("social", "social network"),
            ("web", "web form"),
        )
    ),
    Column(
        "channels_used",
        INTEGER,
        "different channels of the contacts",
        "channels",
        formula="count of distinct channels of contacts; 0 without one",
    ),
    Column(
        "outbound_count",
        INTEGER,
        "contacts the company began, those of machines included",
        "contacts",
        formula="count of interactions with direction outbound",
        actionable=True,
    ),
    Column(
        "outbound_share",
        FLOAT,
        "share of them among contacts of known direction",
        "share",
        formula="outbound_count / count of interactions with direction inbound or outbound",
    ),
    Column(
        "channel_shift",
        FLOAT,
        "how far the mix of channels has moved lately: 0 the same mix, 1 wholly other channels",
        "0 to 1",
        formula="1/2 x sum over phone, email, chat, social, web and all others together of |share of recent contacts - "
        "share of the contacts before|; null without contacts in both",
    ),
)

RESPONSIVENESS = (
    Column(
        "response_minutes_median",
        FLOAT,
        "usual minutes from a contact to its first human answer",
        "minutes",
        formula="median(responded_at - occurred_at) of answered contacts",
    ),
    Column(
        "response_minutes_90",
        FLOAT,
        "minutes from a contact to its first human answer lately",
        "minutes",
        formula="mean(responded_at - occurred_at) of recent answered contacts",
        actionable=True,
    ),
    Column(
        "wait_seconds_mean",
        FLOAT,
        "seconds in the queue",
        "seconds",
        formula="mean(wait_ms) / 1000 of contacts with a known one",
        actionable=True,
    ),
    Column(
        "abandoned_share",
        FLOAT,
        "share of contacts that were given up",
        "share",
        formula='count of contacts with outcome "abandoned" / count of contacts with a known outcome',
        actionable=True,
    ),
    Column(
        "unanswered_share",
        FLOAT,
        "share of contacts that nobody has answered",
        "share",
        formula='count of contacts without an answer before the cutoff whose outcome is not "answered" / '
        "count of contacts",
        actionable=True,
    ),
    Column(
        "reopened_share",
        FLOAT,
        "share of resolved contacts that were opened again",
        "share",
        formula="count of resolved contacts that were reopened / count of contacts resolved before the cutoff",
        actionable=True,
    ),
)

SATISFACTION = (
    Column("rating_mean", FLOAT, "mean rating", "1 to 5", formula="mean(satisfaction) of rated interactions"),
    Column("rating_count", INTEGER, "ratings given", "ratings", formula="count of rated interactions"),
    Column(
        "rating_last",
        INTEGER,
        "latest rating given",
        "1 to 5",
        formula="satisfaction of the rated interaction with the latest rated_at; of several at one moment the lowest",
        actionable=True,
    ),
    Column(
        "low_ratings_90",
        INTEGER,
        "low ratings lately",
        "ratings",
        formula="count of recent rated interactions with satisfaction <= 2",
    ),
    Column(
        "complaint_share",
        FLOAT,
        "share of contacts that are complaints",
        "share",
        formula='count of contacts with kind "complaint" / count of contacts',
    ),
    Column(
        "complaints_90",
        INTEGER,
        "complaints lately",
        "contacts",
        formula='count of recent contacts with kind "complaint"',
        actionable=True,
    ),
    Column(
        "rating_trend",
        FLOAT,
        "whether ratings rise (above 0) or fall",
        "points",
        formula="mean(satisfaction) of recent rated interactions - mean(satisfaction) of those before; null "
        "without both",
    ),
    Column(
        "rating_response_share",
        FLOAT,
        "share of contacts that were rated",
        "share",
        formula="count of rated contacts / count of contacts",
    ),
)

VALUE = (
    Column("order_count", INTEGER, "orders in the window", "orders", formula="count of orders"),
    Column(
        "order_amount",
        MONEY,
        "amount ordered in the window; null: no amount known",
        "company currency",
        formula="sum(amount) of orders; 0 without an order",
    ),
    Column("order_count_90", INTEGER, "orders lately", "orders", formula="count of recent orders"),
    Column(
        "order_amount_90",
        MONEY,
        "amount ordered lately; null: no amount known",
        "company currency",
        formula="sum(amount) of recent orders; 0 without one",
    ),
    Column("order_amount_mean", FLOAT, "amount of an order", "company currency", formula="order_amount / order_count"),
    Column(
        "order_recency_days",
        FLOAT,
        "days since the last order of all",
        "days",
        formula="cutoff - max(ordered_at), also before the window",
    ),
    Column(
        "income",
        MONEY,
        "yearly income as known at the cutoff",
        "company currency",
        personal=True,
        formula="customers.income of the latest version known before the cutoff",
    ),
)

SURVEYS = (
    Column(
        "need_gap",
        FLOAT,
        "how much of what matters is unmet",
        "0 to 20",
        formula="mean(importance x (5 - satisfaction)) of survey answers in the window with both",
        actionable=True,
    ),
    Column(
        "survey_satisfaction",
        FLOAT,
        "satisfaction said in surveys",
        "1 to 5",
        formula="mean(satisfaction) of survey answers in the window",
    ),
)

MESSAGES = (
    Column(
        "sentiment_mean",
        FLOAT,
        "how friendly the messages are, by a lexicon",
        "-1 to 1",
        formula="mean(sentiment) of messages, each rounded to a millionth",
    ),
    Column(
        "sentiment_90",
        FLOAT,
        "how friendly they are lately",
        "-1 to 1",
        formula="mean(sentiment) of recent messages, each rounded to a millionth",
        actionable=True,
    ),
    Column(
        "negative_share",
        FLOAT,
        "share of unfriendly messages",
        "share",
        formula="count of messages with sentiment < -0.05 / count of messages with a sentiment",
    ),
    Column("words_mean", FLOAT, "words a message", "words", formula="sum(words) / count of messages"),
    Column(
        "question_share",
        FLOAT,
        "share of messages that ask something",
        "share",
        formula="count of messages with a question / count of messages",
    ),
    Column(
        "chinese_share",
        FLOAT,
        "share of messages in Chinese, alone or mixed",
        "share",
        formula='count of messages with language "zh" or "mixed" / count of messages',
    ),
)

# By the files of features/customer/, in the table's order.
CONCEPTS = {
    "rfm": RFM,
    "cadence": CADENCE,
    "lifecycle": LIFECYCLE,
    "season": SEASON,
    "channel_mix": CHANNEL_MIX,
    "responsiveness": RESPONSIVENESS,
    "satisfaction": SATISFACTION,
    "value": VALUE,
    "surveys": SURVEYS,
    "text": MESSAGES,
}
FEATURES = tuple(column for columns in CONCEPTS.values() for column in columns)

"""Every table: key, columns, types, units, meaning. The one vocabulary.

Times are UTC microseconds, durations integer milliseconds (`*_ms`), money DECIMAL(18, 4).
Unknown is null, never "" or 0.
Nothing here reads or writes: rooms import the names and schemas they promise to each other.
"""

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from workspace.collected import COLLECTED
from workspace.columns import FLAG as FLAG
from workspace.columns import FLOAT as FLOAT
from workspace.columns import INTEGER as INTEGER
from workspace.columns import MONEY as MONEY
from workspace.columns import TEXT as TEXT
from workspace.columns import TIMESTAMP as TIMESTAMP
from workspace.columns import Column as Column
from workspace.feature_columns import FEATURES

CHANNELS = ("phone", "email", "chat", "social", "web", "sms", "in_person", "other")
DIRECTIONS = ("inbound", "outbound", "unknown")


@dataclass(frozen=True)
class Table:
    """One table: the columns of its key, all its columns, and the column that says when a row happened."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    meaning: str
    event_time: str | None = None

    @cached_property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(column.name, column.type) for column in self.columns])

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


PROVENANCE = (
    Column("source", TEXT, "where the row came from: the source's name in rapport.toml, or the file's folder and name"),
    Column("source_row", INTEGER, "row number in that source, the first data row being 1"),
    Column("collected_at", TIMESTAMP, "when Rapport received the row"),
    Column("known_at", TIMESTAMP, "from when on the row's content was known: what features go by"),
    Column(
        "is_revision", FLAG, "false: the first row of its key; true: a later version of it; null: nobody has looked"
    ),
)

CUSTOMERS = Table(
    "customers",
    ("customer_id",),
    (
        Column("customer_id", TEXT, "the customer's key in the source", personal=True),
        Column("name", TEXT, "full name", personal=True),
        Column("email", TEXT, "e-mail address", personal=True),
        Column("phone", TEXT, "telephone number", personal=True),
        Column("gender", TEXT, "as the source says"),
        Column("birth_year", INTEGER, "year of birth", "year"),
        Column("country", TEXT, "country"),
        Column("region", TEXT, "region or province"),
        Column("city", TEXT, "city"),
        Column("latitude", FLOAT, "of the city or address", "degrees", personal=True),
        Column("longitude", FLOAT, "of the city or address", "degrees", personal=True),
        Column("owner", TEXT, "the sales rep who looks after the customer"),
        Column("income", MONEY, "yearly income", "company currency", personal=True),
        Column("joined_at", TIMESTAMP, "when the customer became one"),
        Column("left_at", TIMESTAMP, "when the customer left, where the source knows"),
        Column("marketing_consent", FLAG, "may be written to for marketing"),
        Column("do_not_profile", FLAG, "must not be scored nor trained on"),
        *PROVENANCE,
    ),
    "Who the customers are.",
    "joined_at",
)

INTERACTIONS = Table(
    "interactions",
    ("interaction_id",),
    (
        Column("interaction_id", TEXT, "key of the contact"),
        Column("customer_id", TEXT, "null: an unidentified caller", personal=True),
        Column("occurred_at", TIMESTAMP, "when the contact began"),
        Column("channel", TEXT, "phone email chat social web sms in_person other"),
        Column("direction", TEXT, "inbound outbound unknown"),
        Column("kind", TEXT, "inquiry complaint feedback order refund ... as the source says"),
        Column("content", TEXT, "what the customer wrote or said", personal=True),
        Column("duration_ms", INTEGER, "length of the conversation", "ms"),
        Column("wait_ms", INTEGER, "time in the queue before an agent or hanging up", "ms"),
        Column("outcome", TEXT, "answered abandoned ... as the source says"),
        Column("responded_at", TIMESTAMP, "first human answer"),
        Column("response_content", TEXT, "what was answered", personal=True),
        Column("resolved_at", TIMESTAMP, "when the matter was last resolved"),
        Column("reopened", FLAG, "was opened again after being resolved"),
        Column("satisfaction", INTEGER, "rating of this contact", "1 to 5"),
        Column("rated_at", TIMESTAMP, "when the rating was given"),
        Column("agent_id", TEXT, "who answered"),
        Column("is_automated", FLAG, "sent by a machine: a campaign or an automatic reply"),
        *PROVENANCE,
    ),
    "One row for each contact with a customer.",
    "occurred_at",
)

MESSAGE_SIGNALS = Table(
    "message_signals",
    ("interaction_id",),
    (
        Column("interaction_id", TEXT, "the message's contact"),
        Column("language", TEXT, "zh, en, mixed or other"),
        Column("sentiment", FLOAT, "lexicon sentiment", "-1 to 1"),
        Column("words", INTEGER, "words in the message", "words"),
        Column("questions", INTEGER, "questions asked", "count"),
        Column("masked", INTEGER, "pieces of personal data masked in the text", "count"),
        *PROVENANCE,
    ),
    "What a message's text says, computed once when the message arrives.",
)

ORDERS = Table(
    "orders",
    ("order_line_id",),
    (
        Column("order_line_id", TEXT, "key of the order line"),
        Column("order_id", TEXT, "the order it belongs to"),
        Column("customer_id", TEXT, "who ordered", personal=True),
        Column("ordered_at", TIMESTAMP, "when"),
        Column("amount", MONEY, "price of the line", "company currency"),
        Column("currency", TEXT, "currency the source named"),
        Column("product", TEXT, "what was ordered"),
        Column("quantity", INTEGER, "how many", "pieces"),
        Column("status", TEXT, "as the source says"),
        Column("payment_method", TEXT, "as the source says"),
        *PROVENANCE,
    ),
    "One row for each line of an order.",
    "ordered_at",
)

SURVEYS = Table(
    "surveys",
    ("response_id",),
    (
        Column("response_id", TEXT, "key of the answer"),
        Column("customer_id", TEXT, "who answered", personal=True),
        Column("answered_at", TIMESTAMP, "when"),
        Column("topic", TEXT, "what was asked about"),
        Column("importance", INTEGER, "how much the topic matters", "1 to 5"),
        Column("satisfaction", INTEGER, "how well it is met", "1 to 5"),
        Column("comment", TEXT, "free text", personal=True),
        *PROVENANCE,
    ),
    "One row for each survey answer on a topic.",
    "answered_at",
)

VOLUME_HISTORY = Table(
    "volume_history",
    ("period_start", "channel"),
    (
        Column("period_start", TIMESTAMP, "start of the period"),
        Column("channel", TEXT, "channel, or all"),
        Column("period_minutes", INTEGER, "length of the period", "minutes"),
        Column("count", INTEGER, "contacts in the period", "contacts"),
        *PROVENANCE,
    ),
    "Older contact counts that exist only as totals.",
    "period_start",
)

QUARANTINE = Table(
    "quarantine",
    ("source", "source_row", "table"),
    (
        Column("table", TEXT, "the table the row was meant for"),
        Column("row", TEXT, "the row as received, as JSON", personal=True),
        Column("reasons", TEXT, "why it was refused, joined by '; '"),
        *PROVENANCE[:3],
    ),
    "Every refused row, as received, with its reasons.",
)

ACCOUNTS = Table(
    "accounts",
    ("source", "table", "raw_file"),
    (
        Column("source", TEXT, "the source's name"),
        Column("table", TEXT, "the table the rows were meant for"),
        Column("raw_file", TEXT, "the raw Parquet file, relative to raw/"),
        Column("mapping", TEXT, "hash of the mapping the rows were cleaned with"),
        Column("received", INTEGER, "rows received", "rows"),
        Column("known", INTEGER, "rows already known, word for word", "rows"),
        Column("duplicate", INTEGER, "rows that repeat another of the same key", "rows"),
        Column("excluded", INTEGER, "rows the mapping leaves out (where)", "rows"),
        Column("quarantined", INTEGER, "rows refused with a reason", "rows"),
        Column("kept", INTEGER, "rows kept", "rows"),
        Column("repairs", TEXT, "what was put right in kept rows: JSON object of repair name to count"),
        Column("collected_at", TIMESTAMP, "when the file was received"),
    ),
    "Received = known + duplicate + excluded + quarantined + kept, for every file received.",
)

IDENTITY_LINKS = Table(
    "identity_links",
    ("customer_id", "person_id", "known_at"),
    (
        Column("customer_id", TEXT, "a customer, as the source calls them: never rewritten", personal=True),
        Column(
            "person_id",
            TEXT,
            "the person they are from known_at on: the customer_id of the earliest known of those who are that person; "
            "their own once they are a person by themselves again",
            personal=True,
        ),
        Column("known_at", TIMESTAMP, "from when on the rows that show it were known; a later row replaces it then"),
        Column("undone_at", TIMESTAMP, "when somebody decided that the two are not the same person; null: in force"),
        Column(
            "how",
            TEXT,
            "the rule that found it: email and phone, email, mobile, shared, mistyped, mobile alone; operator; own",
        ),
        Column("linked_to", TEXT, "the customer who shares that e-mail address or phone number", personal=True),
    ),
    "Which customers are one person, and since when that is known.",
    "known_at",
)

CUSTOMER_FEATURES = Table(
    "customer_features",
    ("customer_id", "cutoff"),
    (
        Column("customer_id", TEXT, "the customer", personal=True),
        Column("cutoff", TIMESTAMP, "only what was known before it counts"),
        *FEATURES,
    ),
    "What was known about each customer before a cutoff. Null: nothing to compute it from.",
)

CUSTOMER_SCORES = Table(
    "customer_scores",
    ("customer_id", "cutoff"),
    (
        Column("customer_id", TEXT, "the customer", personal=True),
        Column("cutoff", TIMESTAMP, "the scores' data cutoff"),
        Column("churn_version", TEXT, "bundle hash of the churn champion"),
        Column("segments_version", TEXT, "bundle hash of the segments champion"),
        Column("segment_id", TEXT, "the customer's segment; null without one"),
        Column("active", FLAG, "had an event in the active days before the cutoff: only then has it a risk"),
        Column("churn_30", FLOAT, "probability of churn within the first of windows.horizon_days (30)", "probability"),
        Column("churn_60", FLOAT, "the same for the second (60); by date it rises, else it falls", "probability"),
        Column("churn_90", FLOAT, "the same for the last (90)", "probability"),
        Column("risk_band", TEXT, "low, medium, high by churn_90; null when not active"),
        Column(
            "median_days",
            FLOAT,
            "days until half of customers alike are back, by date have left; null beyond the last",
            "days",
        ),
        Column("reasons", TEXT, "JSON list of {feature, value, effect}: what the risk goes with, strongest first"),
        Column("risk_start", FLOAT, "the risk of anybody, which the effects are counted from", "probability"),
        Column("risk_others", FLOAT, "all other effects: churn_90 = risk_start + reasons + risk_others", "probability"),
        Column("compared_with", TIMESTAMP, "cutoff of the score before; null without one"),
        Column("risk_before", FLOAT, "churn_90 of that score", "probability"),
        Column(
            "changed_by_corrections", FLOAT, "of churn_90 - risk_before: what was corrected or came late", "probability"
        ),
        Column("changed_by_time", FLOAT, "of it: time passing", "probability"),
        Column("changed_by_new_data", FLOAT, "of it: what happened since", "probability"),
        Column("changed_by_model", FLOAT, "of it: another model", "probability"),
        Column("value", FLOAT, "income x purchase frequency x loyalty, each on [0, 1]", "0 to 1"),
        Column("satisfaction", FLOAT, "rating, sentiment and 1 - complaint rate combined", "0 to 1"),
        Column("value_version", TEXT, "bundle hash of the value champion; null without one"),
        Column(
            "expected_value",
            FLOAT,
            "amount expected to be ordered in the days of the last horizon; null without a value model",
            "company currency",
        ),
    ),
    "Everybody scored at a cutoff.",
)

SEGMENT_PROFILES = Table(
    "segment_profiles",
    ("segment_id", "cutoff"),
    (
        Column("segment_id", TEXT, "the segment's permanent id"),
        Column("cutoff", TIMESTAMP, "the scores' data cutoff"),
        Column("segments_version", TEXT, "bundle hash of the segments champion"),
        Column("name_en", TEXT, "name from what sets the segment apart"),
        Column("name_zh", TEXT, "the same in Chinese"),
        Column("customers", INTEGER, "customers in it", "customers"),
        Column("share", FLOAT, "of all segmented customers", "share"),
        Column("churn_90_mean", FLOAT, "mean risk of its active customers", "probability"),
        Column("value_mean", FLOAT, "mean value score", "0 to 1"),
        Column("profile", TEXT, "JSON list of {feature, median, overall_median, difference}, most telling first"),
    ),
    "What sets each segment apart.",
)

VOLUME_FORECAST = Table(
    "volume_forecast",
    ("period_start", "channel"),
    (
        Column("period_start", TIMESTAMP, "start of the period, in UTC"),
        Column("channel", TEXT, "channel, or all"),
        Column("period_minutes", INTEGER, "length of the period; a day of daylight saving has 1380 or 1500", "minutes"),
        Column("mean", FLOAT, "expected contacts", "contacts"),
        Column("lower_80", FLOAT, "10 % quantile", "contacts"),
        Column("upper_80", FLOAT, "90 % quantile", "contacts"),
        Column("lower_95", FLOAT, "2.5 % quantile; null where the backtest can't support it", "contacts"),
        Column("upper_95", FLOAT, "97.5 % quantile; null where the backtest can't support it", "contacts"),
        Column("volume_version", TEXT, "bundle hash of the volume champion"),
        Column("coverage_80", FLOAT, "share of backtest periods inside the 80 % interval", "share"),
        Column("coverage_95", FLOAT, "share of backtest periods inside the 95 % interval", "share"),
    ),
    "How much contact is coming.",
)

TOPICS = Table(
    "topics",
    ("topic_id",),
    (
        Column("topic_id", TEXT, "kept from scoring to scoring while the terms are much the same"),
        Column("cutoff", TIMESTAMP, "the 16 weeks before it are looked at"),
        Column("name", TEXT, "the three heaviest terms"),
        Column("terms", TEXT, "JSON: term -> weight; every term was used by five customers or more"),
        Column("contacts", INTEGER, "messages in it", "count"),
        Column("share", FLOAT, "of the customers who wrote in a week of the last four, those who wrote of it", "share"),
        Column("share_before", FLOAT, "the same of the twelve weeks before", "share"),
        Column("rising", FLAG, "said more often lately, beyond chance: one false alarm in twenty scorings at most"),
        Column("p_value", FLOAT, "of such a rise where nothing changes", "probability"),
        Column("weekly", TEXT, "JSON: customers who wrote of it in each of the 16 weeks"),
        Column("sentiment", FLOAT, "mean of its messages'", "-1 to 1"),
        Column("satisfaction", FLOAT, "mean rating of its contacts", "1 to 5"),
        Column("examples", TEXT, "JSON: customer_id and interaction_id of messages that show it", personal=True),
    ),
    "What customers write about.",
)

SATISFACTION_ESTIMATE = Table(
    "satisfaction_estimate",
    ("cutoff", "channel"),
    (
        Column("cutoff", TIMESTAMP, "what was known before it"),
        Column("period_days", INTEGER, "the days before it that are spoken of", "days"),
        Column("contacts", INTEGER, "begun by customers in these days", "contacts"),
        Column("rated", INTEGER, "of them those rated", "contacts"),
        Column("answered", FLOAT, "of the rated ones those with 4 or 5", "share"),
        Column(
            "everybody", FLOAT, "of all those who are or would be satisfied, as predicted for who did not rate", "share"
        ),
        Column("lower_95", FLOAT, "2.5 % quantile of everybody", "share"),
        Column("upper_95", FLOAT, "97.5 % quantile of everybody", "share"),
        Column("served", TEXT, "model; or answered, where later ratings are not predicted better than by their mean"),
        Column("judged", INTEGER, "later ratings that predictions were judged on", "ratings"),
        Column("brier", FLOAT, "of those predictions", "squared share"),
        Column("brier_of_mean", FLOAT, "of the mean of what was rated before", "squared share"),
        Column("channel", TEXT, "all; or one channel, where it has contacts and ratings enough"),
    ),
    "How satisfied customers are, those who did not answer included.",
)

TABLES = {
    table.name: table
    for table in (
        CUSTOMERS,
        INTERACTIONS,
        MESSAGE_SIGNALS,
        ORDERS,
        SURVEYS,
        VOLUME_HISTORY,
        QUARANTINE,
        ACCOUNTS,
        IDENTITY_LINKS,
        CUSTOMER_FEATURES,
        CUSTOMER_SCORES,
        SEGMENT_PROFILES,
        VOLUME_FORECAST,
        TOPICS,
        SATISFACTION_ESTIMATE,
    )
}

# What `clean` writes: the data that models are trained on.
CLEANED = (*COLLECTED, "message_signals", "identity_links")

"""What a customer's messages sound like, from the signals computed once per message."""

from __future__ import annotations

import ibis

from features.aggregates import count_where, sum_where
from features.history import History
from features.windows import Window

# Sentiments are summed as whole millionths: a float sum depends on the order of its rows.
_MILLION = 1_000_000
_NEGATIVE = -0.05


def text(history: History, window: Window) -> ibis.Table:
    """Sentiment, length and language of the messages each customer wrote in the observation window.

    One row per customer with a contact in the window: customer_id, sentiment_mean, sentiment_90 (the last 90 days;
    rounded to a millionth per message), negative_share (sentiment below -0.05), words_mean, question_share
    (messages that ask something), chinese_share (in Chinese or mixed). Null without a message to compute it from.
    """
    rows = with_signals(history)
    return rows.group_by("customer_id").aggregate(**measures(rows))


def with_signals(history: History) -> ibis.Table:
    """The window's interactions with their message's signals; null where there is none."""
    return history.observed_interactions.left_join(history.message_signals, "interaction_id")


def measures(rows: ibis.Table) -> dict[str, ibis.Value]:
    """The figures of `text` as aggregates over interactions with signals."""
    written = rows.is_contact & rows.words.notnull()
    felt = written & rows.sentiment.notnull()
    lately = felt & rows.is_recent
    millionths = (rows.sentiment * _MILLION).round().cast("int64")
    messages = count_where(written).nullif(0)
    return {
        "sentiment_mean": sum_where(millionths, felt) / (count_where(felt).nullif(0) * _MILLION),
        "sentiment_90": sum_where(millionths, lately) / (count_where(lately).nullif(0) * _MILLION),
        "negative_share": count_where(felt & (rows.sentiment < _NEGATIVE)) / count_where(felt).nullif(0),
        "words_mean": sum_where(rows.words, written) / messages,
        "question_share": count_where(written & (rows.questions > 0)) / messages,
        "chinese_share": count_where(written & rows.language.isin(["zh", "mixed"])) / messages,
    }

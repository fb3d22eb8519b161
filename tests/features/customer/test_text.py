from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.text import text


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    rows = past.contacts.merge(past.message_signals, on="interaction_id")
    rows = rows.assign(
        negative=(rows.sentiment < -0.05).where(rows.sentiment.notna()).astype(float),
        asks=rows.questions > 0,
        chinese=rows.language.isin(["zh", "mixed"]),
    )
    grouped = rows.groupby("customer_id")
    expected = pd.DataFrame(
        {
            "sentiment_mean": grouped.sentiment.mean(),
            "sentiment_90": rows[rows["at"] >= past.recent].groupby("customer_id").sentiment.mean(),
            "negative_share": grouped.negative.mean(),
            "words_mean": grouped.words.mean(),
            "question_share": grouped.asks.mean(),
            "chinese_share": grouped.chinese.mean(),
        }
    )
    same(made(text), expected)

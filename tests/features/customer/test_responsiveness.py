from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd

from features.customer.responsiveness import responsiveness


def test_equals_plain_pandas(past: SimpleNamespace, made: Callable, same: Callable) -> None:
    rows = past.contacts.assign(
        minutes=(past.contacts.responded_at - past.contacts["at"]) / pd.Timedelta(minutes=1),
        abandoned=past.contacts.outcome.eq("abandoned").where(past.contacts.outcome.notna()).astype(float),
        unanswered=past.contacts.responded_at.isna() & past.contacts.outcome.ne("answered"),
        reopened=past.contacts.reopened.eq(True).where(past.contacts.resolved_at.notna()).astype(float),
    )
    rows.loc[rows.minutes < 0, "minutes"] = None
    grouped = rows.groupby("customer_id")
    expected = pd.DataFrame(
        {
            "response_minutes_median": grouped.minutes.median(),
            "response_minutes_90": rows[rows["at"] >= past.recent].groupby("customer_id").minutes.mean(),
            "wait_seconds_mean": grouped.wait_ms.mean() / 1000,
            "abandoned_share": grouped.abandoned.mean(),
            "unanswered_share": grouped.unanswered.mean(),
            "reopened_share": grouped.reopened.mean(),
        }
    )
    same(made(responsiveness), expected)


def test_no_answer_or_resolution_before_its_own_time(past: SimpleNamespace) -> None:
    """The company has contacts whose answer lies after the cutoff, or the test above would show nothing."""
    assert (past.contacts.responded_at.isna() & past.contacts.outcome.isna()).any()
    assert (past.touches.responded_at.dropna() < past.cutoff).all()

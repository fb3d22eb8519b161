"""The customer feature table as somebody fluent in pandas would write it: columns first, then groups."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

_ORDER = ["known_at", "collected_at", "source", "source_row"]
_DAY = 86_400_000_000
_SHARES = ["phone", "email", "chat", "social", "web"]
_READ = {
    "interactions": [
        *("interaction_id", "customer_id", "occurred_at", "channel", "direction", "kind", "wait_ms", "outcome"),
        *("responded_at", "resolved_at", "reopened", "satisfaction", "rated_at", "is_automated"),
    ],
    "message_signals": ["interaction_id", "language", "sentiment", "words", "questions"],
    "orders": ["order_line_id", "order_id", "customer_id", "ordered_at", "amount"],
    "surveys": ["response_id", "customer_id", "answered_at", "importance", "satisfaction"],
    "customers": ["customer_id", "income"],
}


def features(folder: Path, cutoff: datetime) -> pd.DataFrame:
    """The columns of CUSTOMER_FEATURES but the cutoff, indexed by customer_id."""
    at = pd.Timestamp(cutoff)
    touches = _latest(folder, "interactions", "interaction_id", at)
    touches = touches[(touches.occurred_at < at) & touches.customer_id.notna()]
    touches["age"] = _micros(at - touches.occurred_at)
    touches["begun"] = (touches.direction.fillna("unknown") != "outbound") & ~touches.is_automated.eq(True)
    orders = _latest(folder, "orders", "order_line_id", at)
    orders = orders[orders.ordered_at < at]
    orders["age"] = _micros(at - orders.ordered_at)
    orders["order_key"] = orders.order_id.fillna(orders.order_line_id)
    firsts = orders.groupby(["customer_id", "order_key"], as_index=False).age.max()
    events = pd.concat([touches.loc[touches.begun, ["customer_id", "age"]], firsts[["customer_id", "age"]]])
    found = _alive(events, at)
    found = found.join(_contacts(touches, folder, at)).join(_bought(orders)).join(_asked(folder, at))
    found = found.join(_latest(folder, "customers", "customer_id", at).set_index("customer_id").income)
    everybody = pd.read_parquet(folder / "customers.parquet", columns=["customer_id", "do_not_profile", *_ORDER])
    now = everybody.sort_values(_ORDER).drop_duplicates("customer_id", keep="last")
    found = found.drop(index=found.index.intersection(now.loc[now.do_not_profile.eq(True), "customer_id"]))
    counts = ["channels_used", "outbound_count", "rating_count", "low_ratings_90", "complaints_90"]
    counts += ["order_count", "order_count_90"]
    found[counts] = found[counts].fillna(0)
    found["order_amount"] = found.order_amount.where(found.order_count > 0, 0.0)
    found["order_amount_90"] = found.order_amount_90.where(found.order_count_90 > 0, 0.0)
    found["order_amount_mean"] = (found.order_amount / found.order_count).where(found.order_count > 0)
    return found.sort_index()


def _latest(folder: Path, name: str, key: str, at: pd.Timestamp) -> pd.DataFrame:
    """Keys of which no row is marked as a later version need no comparing."""
    rows = pd.read_parquet(folder / f"{name}.parquet", columns=[*_READ[name], *_ORDER, "is_revision"])
    rows = rows[rows.known_at < at]
    several = rows[key].isin(rows.loc[rows.is_revision, key])
    last = rows[several].sort_values(_ORDER).drop_duplicates(key, keep="last")
    return pd.concat([rows[~several], last])[_READ[name]]


def _micros(span: Any) -> Any:
    return span // pd.Timedelta(microseconds=1)


def _alive(events: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    events = events.sort_values(["customer_id", "age"], ascending=[True, False])
    by = events.customer_id
    events["before"] = events.groupby("customer_id").age.shift()
    inside = events.age <= 365 * _DAY
    events["gap"] = (events.before - events.age).where(events.before <= 365 * _DAY)
    events["day"] = ((at - pd.Timestamp("1970-01-01", tz="UTC")) // pd.Timedelta(microseconds=1) - events.age) // _DAY
    total, gaps = events.groupby("customer_id").age.transform("size"), inside.groupby(by).transform("sum") - 1
    from_end = total - 1 - events.groupby("customer_id").cumcount()
    half = gaps // 2
    groups = events.groupby("customer_id")
    youngest, oldest, gap = groups.age.min(), groups.age.max(), groups.gap
    median = gap.median()
    found = pd.DataFrame({"recency_days": youngest / _DAY, "tenure_days": oldest / _DAY})
    for name, days in (("frequency", 365), ("frequency_30", 30), ("frequency_90", 90)):
        found[name] = (events.age <= days * _DAY).groupby(by).sum()
    found["active_days_count"] = events[inside].groupby("customer_id").day.nunique()
    found["active_days_count"] = found.active_days_count.fillna(0)
    found["gap_days_median"] = median / _DAY
    found["gap_days_cv"] = (gap.std() / gap.mean()).where(gap.sum() > 0)
    found["overdue_ratio"] = (youngest / median).where(median != 0)
    later = events.gap.where(from_end < half).groupby(by).sum(min_count=1)
    earlier = events.gap.where(from_end >= gaps - half).groupby(by).sum(min_count=1)
    found["slowing_ratio"] = (later / earlier).where(earlier != 0)
    back = ((events.age <= 90 * _DAY) & (events.before - events.age > 90 * _DAY)).groupby(by).any()
    stages = [youngest > 90 * _DAY, oldest <= 90 * _DAY, back]
    found["lifecycle"] = np.select(stages, ["dormant", "new", "resurrecting"], "returning")
    for name, first, last in (("season_ahead_count", 364, 273), ("season_behind_count", 455, 364)):
        counts = ((events.age <= first * _DAY) & (events.age > last * _DAY)).groupby(by).sum()
        found[name] = counts.where(oldest > first * _DAY)
    return found


def _contacts(touches: pd.DataFrame, folder: Path, at: pd.Timestamp) -> pd.DataFrame:
    signals = _latest(folder, "message_signals", "interaction_id", at)
    rows = touches[touches.age <= 365 * _DAY].merge(signals, on="interaction_id", how="left")
    by, begun, recent = rows.customer_id, rows.begun, rows.age <= 90 * _DAY
    response = _micros(rows.responded_at - rows.occurred_at).where(rows.responded_at < at)
    resolved = begun & (rows.resolved_at < at)
    rated_at = rows.rated_at.fillna(rows.responded_at).fillna(rows.occurred_at)
    rating = rows.satisfaction.where(rated_at < at)
    felt = (rows.sentiment * 1_000_000).round()
    written = begun & rows.words.notna()

    def count(flag: pd.Series[bool]) -> Any:
        return flag.groupby(by).sum()

    def total(values: Any, flag: Any) -> Any:
        return values.where(flag).groupby(by).sum()

    def mean(values: Any, flag: Any) -> Any:
        return values.where(flag).groupby(by).mean()

    contacts, lately, before = count(begun), count(begun & recent), count(begun & ~recent)
    parts = [*((rows.channel == name) for name in _SHARES), ~rows.channel.isin(_SHARES)]
    apart = sum(
        (count(begun & recent & part) * before - count(begun & ~recent & part) * lately).abs() for part in parts
    )
    found = pd.DataFrame({f"{name}_share": count(begun & (rows.channel == name)) / contacts for name in _SHARES})
    found["channels_used"] = rows.channel.where(begun).groupby(by).nunique()
    found["outbound_count"] = count(rows.direction == "outbound")
    found["outbound_share"] = found.outbound_count / count(rows.direction.isin(["inbound", "outbound"]))
    found["channel_shift"] = apart / (2 * lately * before)
    answered = begun & (response >= 0)
    found["response_minutes_median"] = response.where(answered).groupby(by).median() / 60_000_000
    found["response_minutes_90"] = mean(response, answered & recent) / 60_000_000
    found["wait_seconds_mean"] = mean(rows.wait_ms, begun) / 1000
    found["abandoned_share"] = count(begun & (rows.outcome == "abandoned")) / count(begun & rows.outcome.notna())
    silent = begun & response.isna() & (rows.outcome.fillna("") != "answered")
    found["unanswered_share"] = count(silent) / contacts
    found["reopened_share"] = count(resolved & rows.reopened.eq(True)) / count(resolved)
    found["rating_mean"] = mean(rating, rating.notna())
    found["rating_count"] = count(rating.notna())
    last = _micros(at - rated_at) * 8 + rating
    found["rating_last"] = last.groupby(by).min() % 8
    found["low_ratings_90"] = count(recent & (rating <= 2))
    complaint = begun & (rows.kind == "complaint")
    found["complaint_share"] = count(complaint) / contacts
    found["complaints_90"] = count(complaint & recent)
    found["rating_trend"] = mean(rating, recent) - mean(rating, ~recent)
    found["rating_response_share"] = count(begun & rating.notna()) / contacts
    found["sentiment_mean"] = mean(felt, begun) / 1_000_000
    found["sentiment_90"] = mean(felt, begun & recent) / 1_000_000
    found["negative_share"] = count(begun & (rows.sentiment < -0.05)) / count(begun & felt.notna())
    found["words_mean"] = total(rows.words, begun) / count(written)
    found["question_share"] = count(written & (rows.questions > 0)) / count(written)
    found["chinese_share"] = count(written & rows.language.isin(["zh", "mixed"])) / count(written)
    return found


def _bought(orders: pd.DataFrame) -> pd.DataFrame:
    by, amount = orders.customer_id, orders.amount.astype(float)
    year, lately = orders.age <= 365 * _DAY, orders.age <= 90 * _DAY
    return pd.DataFrame(
        {
            "order_count": orders.order_key.where(year).groupby(by).nunique(),
            "order_amount": amount.where(year).groupby(by).sum(),
            "order_count_90": orders.order_key.where(lately).groupby(by).nunique(),
            "order_amount_90": amount.where(lately).groupby(by).sum(),
            "order_recency_days": orders.groupby("customer_id").age.min() / _DAY,
        }
    )


def _asked(folder: Path, at: pd.Timestamp) -> pd.DataFrame:
    rows = _latest(folder, "surveys", "response_id", at)
    rows = rows[(rows.answered_at < at) & (_micros(at - rows.answered_at) <= 365 * _DAY)]
    gap = rows.importance * (5 - rows.satisfaction)
    by = rows.customer_id
    return pd.DataFrame(
        {"need_gap": gap.groupby(by).mean(), "survey_satisfaction": rows.groupby(by).satisfaction.mean()}
    )

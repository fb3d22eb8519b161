"""The customer feature table as somebody fluent in Polars would write it: lazily, by its streaming engine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl

_ORDER = ["known_at", "collected_at", "source", "source_row"]
_DAY = 86_400_000_000
_SHARES = ("phone", "email", "chat", "social", "web")


def features(folder: Path, cutoff: datetime) -> pl.DataFrame:
    """The columns of CUSTOMER_FEATURES but the cutoff, by customer_id."""
    at = int(pl.Series([cutoff]).dt.epoch("us")[0])
    interactions = _latest(folder, "interactions", "interaction_id", cutoff)
    interactions = interactions.filter((pl.col("occurred_at") < cutoff) & pl.col("customer_id").is_not_null())
    interactions = interactions.with_columns(
        age=at - pl.col("occurred_at").dt.epoch("us"),
        begun=(pl.col("direction").fill_null("unknown") != "outbound") & ~pl.col("is_automated").fill_null(False),
    )
    orders = _latest(folder, "orders", "order_line_id", cutoff).filter(pl.col("ordered_at") < cutoff)
    orders = orders.with_columns(
        age=at - pl.col("ordered_at").dt.epoch("us"), order_key=pl.coalesce("order_id", "order_line_id")
    )
    first_lines = orders.group_by("customer_id", "order_key").agg(pl.col("age").max()).select("customer_id", "age")
    events = pl.concat([interactions.filter("begun").select("customer_id", "age"), first_lines])
    everybody = pl.scan_parquet(folder / "customers.parquet").sort(_ORDER).unique("customer_id", keep="last")
    refused = everybody.filter(pl.col("do_not_profile")).select("customer_id")
    people = _latest(folder, "customers", "customer_id", cutoff).select("customer_id", "income")
    found = (
        _alive(events, at)
        .join(_contacts(interactions, folder, cutoff, at), on="customer_id", how="left")
        .join(_bought(orders), on="customer_id", how="left")
        .join(_asked(folder, cutoff, at), on="customer_id", how="left")
        .join(people, on="customer_id", how="left")
        .join(refused, on="customer_id", how="anti")
    )
    counts = ["channels_used", "outbound_count", "rating_count", "low_ratings_90", "complaints_90"]
    counts += ["order_count", "order_count_90"]
    found = found.with_columns(pl.col(counts).fill_null(0))
    found = found.with_columns(
        order_amount=pl.when(pl.col("order_count") == 0).then(0.0).otherwise("order_amount"),
        order_amount_90=pl.when(pl.col("order_count_90") == 0).then(0.0).otherwise("order_amount_90"),
        order_amount_mean=pl.when(pl.col("order_count") > 0).then(pl.col("order_amount") / pl.col("order_count")),
    )
    return found.sort("customer_id").collect(engine="streaming")


def _latest(folder: Path, name: str, key: str, cutoff: datetime) -> pl.LazyFrame:
    """Keys of which no row is marked as a later version need no comparing."""
    rows = pl.scan_parquet(folder / f"{name}.parquet").filter(pl.col("known_at") < cutoff)
    revised = rows.filter("is_revision").select(key).unique()
    several = rows.join(revised, on=key, how="semi").sort(_ORDER).unique(key, keep="last", maintain_order=True)
    return pl.concat([rows.join(revised, on=key, how="anti"), several])


def _alive(events: pl.LazyFrame, at: int) -> pl.LazyFrame:
    age = pl.col("age")
    inside = pl.col("before") <= 365 * _DAY
    gaps = (age <= 365 * _DAY).sum() - 1
    half = gaps // 2
    from_end = pl.len() - 1 - pl.int_range(pl.len())
    gap = pl.when(inside).then(pl.col("before") - age)
    by_customer = events.sort("customer_id", "age", descending=[False, True]).with_columns(
        before=age.shift(1).over("customer_id")
    )
    wide = gap.cast(pl.Float64)
    spread = ((wide - wide.mean()) ** 2).sum() / (gap.count() - 1)
    later = gap.filter(from_end < half).sum()
    earlier = gap.filter(from_end >= gaps - half).sum()
    oldest, youngest = age.max(), age.min()
    resurrected = ((age <= 90 * _DAY) & (pl.col("before") - age > 90 * _DAY)).any()
    stage = (
        pl.when(youngest > 90 * _DAY)
        .then(pl.lit("dormant"))
        .when(oldest <= 90 * _DAY)
        .then(pl.lit("new"))
        .when(resurrected)
        .then(pl.lit("resurrecting"))
        .otherwise(pl.lit("returning"))
    )
    ahead = ((age <= 364 * _DAY) & (age > 273 * _DAY)).sum()
    behind = ((age <= 455 * _DAY) & (age > 364 * _DAY)).sum()
    median = gap.median()
    return by_customer.group_by("customer_id", maintain_order=True).agg(
        recency_days=youngest / _DAY,
        tenure_days=oldest / _DAY,
        frequency=(age <= 365 * _DAY).sum(),
        frequency_30=(age <= 30 * _DAY).sum(),
        frequency_90=(age <= 90 * _DAY).sum(),
        active_days_count=((at - age) // _DAY).filter(age <= 365 * _DAY).n_unique(),
        gap_days_median=median / _DAY,
        gap_days_cv=pl.when((gap.count() > 1) & (gap.sum() > 0)).then(spread.sqrt() / wide.mean()),
        overdue_ratio=pl.when(median != 0).then(youngest / median),
        slowing_ratio=pl.when((half > 0) & (earlier != 0)).then(later / earlier),
        lifecycle=stage,
        season_ahead_count=pl.when(oldest > 364 * _DAY).then(ahead),
        season_behind_count=pl.when(oldest > 455 * _DAY).then(behind),
    )


def _contacts(interactions: pl.LazyFrame, folder: Path, cutoff: datetime, at: int) -> pl.LazyFrame:
    signals = _latest(folder, "message_signals", "interaction_id", cutoff).select(
        "interaction_id", "language", "sentiment", "words", "questions"
    )
    rated_at = pl.coalesce("rated_at", "responded_at", "occurred_at")
    rows = interactions.filter(pl.col("age") <= 365 * _DAY).join(signals, on="interaction_id", how="left")
    rows = rows.with_columns(
        recent=pl.col("age") <= 90 * _DAY,
        response=pl.when(pl.col("responded_at") < cutoff).then(
            (pl.col("responded_at") - pl.col("occurred_at")).dt.total_microseconds()
        ),
        resolved=(pl.col("resolved_at") < cutoff).fill_null(False),
        rating=pl.when(rated_at < cutoff).then("satisfaction"),
        rated_age=at - rated_at.dt.epoch("us"),
        felt=(pl.col("sentiment") * 1_000_000).round().cast(pl.Int64),
    )
    begun, recent, channel = pl.col("begun"), pl.col("recent"), pl.col("channel")
    contacts = begun.sum()
    lately, before = (begun & recent).sum(), (begun & ~recent).sum()
    parts = [*((channel == name).fill_null(False) for name in _SHARES), ~channel.is_in(_SHARES).fill_null(False)]
    apart = [
        (
            (begun & recent & part).sum().cast(pl.Int64) * before
            - (begun & ~recent & part).sum().cast(pl.Int64) * lately
        ).abs()
        for part in parts
    ]
    answered = begun & (pl.col("response") >= 0)
    silent = begun & pl.col("response").is_null() & (pl.col("outcome").fill_null("") != "answered")
    resolved, rating = begun & pl.col("resolved"), pl.col("rating")
    written = begun & pl.col("words").is_not_null()
    felt, words = pl.col("felt"), pl.col("words")
    rated = (pl.col("rated_age") * 8 + rating).filter(rating.is_not_null()).min() % 8
    return rows.group_by("customer_id").agg(
        **{f"{name}_share": _ratio((begun & (channel == name)).sum(), contacts) for name in _SHARES},
        channels_used=channel.filter(begun).drop_nulls().n_unique(),
        outbound_count=(pl.col("direction") == "outbound").sum(),
        outbound_share=_ratio(
            (pl.col("direction") == "outbound").sum(), pl.col("direction").is_in(["inbound", "outbound"]).sum()
        ),
        channel_shift=_ratio(pl.sum_horizontal(apart), 2 * lately.cast(pl.Int64) * before),
        response_minutes_median=pl.col("response").filter(answered).median() / 60_000_000,
        response_minutes_90=_ratio(pl.col("response").filter(answered & recent).sum(), (answered & recent).sum())
        / 60_000_000,
        wait_seconds_mean=_ratio(pl.col("wait_ms").filter(begun).sum(), pl.col("wait_ms").filter(begun).count()) / 1000,
        abandoned_share=_ratio(
            (begun & (pl.col("outcome") == "abandoned")).sum(), pl.col("outcome").filter(begun).count()
        ),
        unanswered_share=_ratio(silent.sum(), contacts),
        reopened_share=_ratio((resolved & pl.col("reopened")).sum(), resolved.sum()),
        rating_mean=_ratio(rating.sum(), rating.count()),
        rating_count=rating.count(),
        rating_last=rated,
        low_ratings_90=(recent & (rating <= 2)).sum(),
        complaint_share=_ratio((begun & (pl.col("kind") == "complaint")).sum(), contacts),
        complaints_90=(begun & recent & (pl.col("kind") == "complaint")).sum(),
        rating_trend=_ratio(rating.filter(recent).sum(), rating.filter(recent).count())
        - _ratio(rating.filter(~recent).sum(), rating.filter(~recent).count()),
        rating_response_share=_ratio(rating.filter(begun).count(), contacts),
        sentiment_mean=_ratio(felt.filter(begun).sum(), felt.filter(begun).count()) / 1_000_000,
        sentiment_90=_ratio(felt.filter(begun & recent).sum(), felt.filter(begun & recent).count()) / 1_000_000,
        negative_share=_ratio((begun & (pl.col("sentiment") < -0.05)).sum(), felt.filter(begun).count()),
        words_mean=_ratio(words.filter(begun).sum(), written.sum()),
        question_share=_ratio((written & (pl.col("questions") > 0)).sum(), written.sum()),
        chinese_share=_ratio((written & pl.col("language").is_in(["zh", "mixed"])).sum(), written.sum()),
    )


def _bought(orders: pl.LazyFrame) -> pl.LazyFrame:
    year, lately = pl.col("age") <= 365 * _DAY, pl.col("age") <= 90 * _DAY
    amount = pl.col("amount").cast(pl.Float64)
    return orders.group_by("customer_id").agg(
        order_count=pl.col("order_key").filter(year).n_unique(),
        order_amount=amount.filter(year).sum(),
        order_count_90=pl.col("order_key").filter(lately).n_unique(),
        order_amount_90=amount.filter(lately).sum(),
        order_recency_days=pl.col("age").min() / _DAY,
    )


def _asked(folder: Path, cutoff: datetime, at: int) -> pl.LazyFrame:
    rows = _latest(folder, "surveys", "response_id", cutoff).filter(pl.col("answered_at") < cutoff)
    rows = rows.filter(at - pl.col("answered_at").dt.epoch("us") <= 365 * _DAY)
    importance, satisfaction = pl.col("importance"), pl.col("satisfaction")
    return rows.group_by("customer_id").agg(
        need_gap=(importance * (5 - satisfaction)).mean(), survey_satisfaction=satisfaction.mean()
    )


def _ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole != 0).then(part / whole)

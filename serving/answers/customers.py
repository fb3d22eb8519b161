"""One customer: who they are, their scores with reasons, and what happened between them and the company."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from serving.answers.forms import moment, plain, plain_row, seconds
from serving.answers.reasons import reasons, risk_parts, what_changed
from serving.answers.risk_meaning import risk_meaning
from serving.answers.segments import names
from serving.answers.sentiment import with_sentiment
from serving.callers import Caller
from serving.consent import refuses
from serving.errors import NotFound
from serving.snapshot import Snapshot

TIMELINE_LIMIT = 200

_SCORES = (
    "active", "segment_id", "churn_30", "churn_60", "churn_90", "risk_band", "median_days", "value", "satisfaction",
    "expected_value", "churn_version", "segments_version", "value_version",
)  # fmt: skip
_INTERACTION = (
    "channel", "direction", "kind", "content", "response_content", "duration_ms", "wait_ms", "outcome",
    "responded_at", "resolved_at", "reopened", "satisfaction", "agent_id", "is_automated",
)  # fmt: skip
_ORDER = ("order_id", "product", "quantity", "amount", "currency", "status", "payment_method")
_SURVEY = ("topic", "importance", "satisfaction", "comment")


def customer(snapshot: Snapshot, caller: Caller, customer_id: str) -> dict[str, Any]:
    """Profile, scores, why, features and timeline (newest first, 200 at most; `timeline_total` counts all).

    An analyst asks by pseudonym. A customer without an event, or who must not be profiled, has neither scores nor
    features. Asked for any of a person's ids, the answer is the person's: `customer_id` is the one they are scored
    under, `linked_customers` the others, and the timeline that of all of them.
    Raises NotFound for a customer that is missing, or another rep's where the caller is in sales.
    """
    found, profile = _found(snapshot, caller, customer_id)
    # Whoever refused since the last scoring still has rows there.
    refused = refuses(snapshot, found)
    scores = None if refused else snapshot.row("customer_scores", found)
    features = {} if refused else snapshot.row("customer_features", found) or {}
    timeline, total = _timeline(snapshot, caller, found)
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "customer_id": caller.label(found),
        "linked_customers": [caller.label(other) for other in snapshot.customers_of(found)[1:]],
        "profile": profile,
        "scores": None if scores is None else _scores(snapshot, scores),
        "reasons": [] if scores is None else reasons(caller, scores["reasons"], risk_meaning(snapshot)["event"]),
        "risk_parts": None if scores is None else risk_parts(caller, scores),
        "what_changed": None if scores is None else what_changed(scores),
        "features": _features(caller, features),
        "timeline": timeline,
        "timeline_total": total,
    }


def key_of(snapshot: Snapshot, caller: Caller, customer_id: str) -> str:
    """The real key of a customer the caller may see. Raises NotFound as customer() does."""
    return _found(snapshot, caller, customer_id)[0]


def _found(snapshot: Snapshot, caller: Caller, customer_id: str) -> tuple[str, dict[str, Any]]:
    missing = NotFound("There is no such customer, or it is not yours to see.")
    key: str | None = customer_id
    if not caller.sees_people:
        key = caller.person_behind(customer_id, snapshot.version, snapshot.tables["customers"]["customer_id"])
    key = snapshot.person(key) if key is not None else None
    described = snapshot.row("customers", key) if key is not None else None
    if key is None or described is None or not caller.sees_owner(described["owner"]):
        raise missing
    visible = caller.columns("customers", [name for name in described if name != "customer_id"])
    return key, {name: plain(described[name]) for name in visible}


def _scores(snapshot: Snapshot, scores: Mapping[str, Any]) -> dict[str, Any]:
    name_en, name_zh = names(snapshot).get(scores["segment_id"], (None, None))
    # A version published by an older Rapport has no expected value.
    shown = {name: plain(scores.get(name)) for name in _SCORES}
    named = {"segment_name_en": name_en, "segment_name_zh": name_zh}
    return {
        **shown,
        "value_at_risk": _at_risk(shown),
        **named,
        "cutoff": moment(scores["cutoff"]),
        **risk_meaning(snapshot),
    }


def _at_risk(shown: Mapping[str, Any]) -> float | None:
    """Risk x expected amount: whom to see to first, not an amount that will be lost."""
    risk, expected = shown["churn_90"], shown["expected_value"]
    return None if risk is None or expected is None else float(risk * expected)


def _features(caller: Caller, features: Mapping[str, Any]) -> dict[str, Any]:
    visible = caller.columns("customer_features", [name for name in features if name not in ("customer_id", "cutoff")])
    return {name: plain(features[name]) for name in visible}


def _timeline(snapshot: Snapshot, caller: Caller, person_id: str) -> tuple[list[dict[str, Any]], int]:
    """The newest entries under all ids of a person, and how many there are."""
    entries: list[dict[str, Any]] = []
    total = 0
    for customer_id in snapshot.customers_of(person_id):
        found, count = _entries(snapshot, caller, customer_id)
        entries += found
        total += count
    entries.sort(key=lambda entry: entry["at"], reverse=True)
    shown = with_sentiment(snapshot, entries[:TIMELINE_LIMIT])
    return [{**plain_row(entry), "at": moment(entry["at"])} for entry in shown], total


def _entries(snapshot: Snapshot, caller: Caller, customer_id: str) -> tuple[list[dict[str, Any]], int]:
    interactions = snapshot.rows("interactions", customer_id)
    orders = snapshot.rows("orders", customer_id)
    surveys = snapshot.rows("surveys", customer_id)
    entries = [
        *(_interaction(row) for row in _latest(caller, "interactions", interactions, "occurred_at", _INTERACTION)),
        *(_entry("order", row, "ordered_at") for row in _latest(caller, "orders", orders, "ordered_at", _ORDER)),
        *(_entry("survey", row, "answered_at") for row in _latest(caller, "surveys", surveys, "answered_at", _SURVEY)),
    ]
    return entries, len(interactions) + len(orders) + len(surveys)


def _latest(caller: Caller, table: str, rows: pa.Table, at: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """The last rows of a customer, which lie sorted by time, without the columns this caller may not see."""
    shown = rows.select([at, *caller.columns(table, columns)])
    last: list[dict[str, Any]] = shown.slice(max(0, len(shown) - TIMELINE_LIMIT)).to_pylist()
    return last


def _entry(kind: str, row: Mapping[str, Any], at: str) -> dict[str, Any]:
    return {"at": row[at], "type": kind, **{name: value for name, value in row.items() if name != at}}


def _interaction(row: dict[str, Any]) -> dict[str, Any]:
    entry = _entry("interaction", row, "occurred_at")
    entry["duration_seconds"] = seconds(entry.pop("duration_ms"))
    entry["wait_seconds"] = seconds(entry.pop("wait_ms"))
    if "response_content" in entry:
        entry["response"] = entry.pop("response_content")
    return entry

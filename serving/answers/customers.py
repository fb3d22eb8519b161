"""One customer: who they are, their scores with reasons, and what happened between them and the company."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from serving.answers.forms import moment, plain, seconds
from serving.answers.reasons import reasons, risk_parts, what_changed
from serving.answers.risk_meaning import risk_meaning
from serving.answers.segments import names
from serving.answers.sentiment import with_sentiment
from serving.answers.told_rows import told
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
# What a timeline is made of: table, time and columns of each kind of entry.
_KINDS = {
    "interaction": ("interactions", "occurred_at", _INTERACTION),
    "order": ("orders", "ordered_at", _ORDER),
    "survey": ("surveys", "answered_at", _SURVEY),
}
# When it was, in microseconds, and what is shown.
_Entry = tuple[int, dict[str, Any]]


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
    called = snapshot.customers_of(found)
    timeline, total = _timeline(snapshot, caller, called)
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "customer_id": caller.label(found),
        "linked_customers": [caller.label(other) for other in called[1:]],
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


def _timeline(snapshot: Snapshot, caller: Caller, called: Sequence[str]) -> tuple[list[dict[str, Any]], int]:
    """The newest entries under all ids that a person is called by, and how many there are."""
    entries: list[_Entry] = []
    total = 0
    for customer_id in called:
        for kind, (table, at, columns) in _KINDS.items():
            rows = snapshot.rows(table, customer_id)
            total += len(rows)
            if len(rows):
                entries += _latest(caller, kind, table, rows, at, columns)
    entries.sort(key=itemgetter(0), reverse=True)
    return with_sentiment(snapshot, [entry for _, entry in entries[:TIMELINE_LIMIT]]), total


def _latest(
    caller: Caller, kind: str, table: str, rows: pa.Table, at: str, columns: tuple[str, ...]
) -> Iterator[_Entry]:
    """The last rows of a customer, which lie sorted by time, without the columns this caller may not see."""
    last = rows.slice(max(0, len(rows) - TIMELINE_LIMIT))
    places = last.column(at).to_numpy().view(np.int64).tolist()
    said = told(last.select([at, *caller.columns(table, columns)]))
    shown = {"at": said.pop(at), "type": [kind] * len(last), **said}
    if kind == "interaction":
        shown = _interaction(shown)
    names = list(shown)
    entries = (dict(zip(names, values, strict=True)) for values in zip(*shown.values(), strict=True))
    return zip(places, entries, strict=True)


def _interaction(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    for name in ("duration", "wait"):
        columns[f"{name}_seconds"] = [seconds(one) for one in columns.pop(f"{name}_ms")]
    if "response_content" in columns:
        columns["response"] = columns.pop("response_content")
    return columns

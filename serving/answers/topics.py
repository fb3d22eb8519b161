"""What customers write about: topics with their weeks, those that rise first, and messages that show them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from serving.answers.forms import moment
from serving.callers import Caller
from serving.snapshot import Snapshot

_TERMS_SHOWN = 8
_RECENT_WEEKS = 4
_DEVIATIONS_95 = 1.96


def topics(snapshot: Snapshot, caller: Caller) -> dict[str, Any]:
    """Every topic of the 16 weeks before the cutoff, rising ones first, then the largest.

    `examples` are masked texts, looked up among the published contacts and shown to callers who see people's texts, of
    customers who are theirs to see; a customer who was erased is no longer among them.
    """
    table = snapshot.tables.get("topics")
    rows = [] if table is None else table.to_pylist()
    rows.sort(key=lambda row: (not row["rising"], -row["contacts"], row["topic_id"]))
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "topics": [_topic(snapshot, caller, row) for row in rows],
    }


def _topic(snapshot: Snapshot, caller: Caller, row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("topic_id", "name", "contacts", "share", "share_before", "rising", "p_value", "sentiment", "satisfaction")
    weekly = json.loads(row["weekly"])
    growth = row["share"] / row["share_before"] if row["share_before"] else None
    return {
        **{name: row[name] for name in names},
        "growth": growth,
        "growth_interval": None if growth is None else growth_interval(weekly, row["share"], row["share_before"]),
        "terms": list(json.loads(row["terms"]))[:_TERMS_SHOWN],
        "weekly": weekly,
        "examples": _examples(snapshot, caller, json.loads(row["examples"])),
    }


def growth_interval(weekly: Sequence[int], share: float, before: float) -> list[float] | None:
    """95 % interval of share / before from a topic's customers a week, the last four weeks being `share`'s.

    The log of a ratio of proportions (Katz et al. 1978), its variance times what the weeks before swayed beyond chance
    (Pearson's statistic / its degrees of freedom, at least 1). None where nobody wrote about it in one of the two.
    """
    now, then = weekly[-_RECENT_WEEKS:], weekly[:-_RECENT_WEEKS]
    if not sum(now) or not sum(then):
        return None
    mean = sum(then) / len(then)
    swayed = sum((count - mean) ** 2 for count in then) / mean / max(len(then) - 1, 1)
    variance = max(1.0, swayed) * ((1 - share) / sum(now) + (1 - before) / sum(then))
    reach = math.exp(_DEVIATIONS_95 * math.sqrt(variance))
    return [share / before / reach, share / before * reach]


def _examples(snapshot: Snapshot, caller: Caller, chosen: Sequence[Mapping[str, str]]) -> list[str]:
    if not caller.columns("interactions", ["content"]):
        return []
    found = []
    for example in chosen:
        customer = snapshot.row("customers", example["customer_id"])
        if customer is None or not caller.sees_owner(customer["owner"]):
            continue
        for customer_id in snapshot.customers_of(example["customer_id"]):
            contacts = snapshot.rows("interactions", customer_id)
            same = contacts.filter(pc.equal(contacts["interaction_id"], example["interaction_id"]))
            found += [text for text in same["content"].to_pylist() if text is not None]
    return found

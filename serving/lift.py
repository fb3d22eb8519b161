"""What an export was good for: how many of those sent did something within days, against the control group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from serving.answers.forms import moment
from serving.answers.risk_meaning import risk_meaning
from serving.newcombe import difference, wilson
from serving.snapshot import Snapshot
from workspace.export_records import exported
from workspace.state import State

Outcome = Literal["event", "order"]
OUTCOMES: tuple[Outcome, ...] = ("event", "order")
DAYS = 30


def lift(
    snapshot: Snapshot, state: State, export: Mapping[str, Any], days: int = DAYS, outcome: Outcome = "event"
) -> dict[str, Any]:
    """The share with an outcome in `[created_at, created_at + days)` of those sent and of those held out, and the
    difference with its 95 % interval (Newcombe).

    outcome: "event" is what keeps a customer alive (features.events: a contact the customer began, or an order; orders
    alone where `[churn] event` says so), "order" an order, at its first line. `status` is "ready", "not_yet" before
    the data of the published version reach the end of the days, or "no_control" where either group is empty; shares
    and difference are null then. Groups are compared as they were drawn, whether or not the message arrived.
    """
    start = datetime.fromisoformat(export["created_at"])
    end = start + timedelta(days=days)
    sent, held_out = exported(state, export["export_id"])
    complete = snapshot.cutoff >= end
    answer: dict[str, Any] = {
        "export_id": export["export_id"],
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "outcome": outcome,
        "days": days,
        "since": moment(start),
        "until": moment(end),
        "status": "not_yet" if not complete else "ready" if sent and held_out else "no_control",
        "sent": _group(len(sent)),
        "held_out": _group(len(held_out)),
        "difference": None,
        "interval": None,
    }
    if complete:
        happy = _with_outcome(snapshot, [*sent, *held_out], start, end, outcome)
        counted = sum(happy[: len(sent)]), sum(happy[len(sent) :])
        answer["sent"], answer["held_out"] = _group(len(sent), counted[0]), _group(len(held_out), counted[1])
        if answer["status"] == "ready":
            gap, low, high = difference(counted[0], len(sent), counted[1], len(held_out))
            answer["difference"], answer["interval"] = gap, [low, high]
    return {**answer, **_in_words(answer)}


def _group(customers: int, with_outcome: int | None = None) -> dict[str, Any]:
    known = with_outcome is not None and customers > 0
    return {
        "customers": customers,
        "with_outcome": with_outcome,
        "share": with_outcome / customers if known and with_outcome is not None else None,
        "interval": list(wilson(with_outcome, customers)) if known and with_outcome is not None else None,
    }


def _with_outcome(
    snapshot: Snapshot, customer_ids: Sequence[str], start: datetime, end: datetime, outcome: Outcome
) -> list[bool]:
    """For each customer whether the outcome came in [start, end), under any id the person is known by."""
    members = _persons_of(snapshot, pa.array(customer_ids, pa.string()))
    of_whom = members.unique()
    active = [_ordering(snapshot, of_whom, start, end)]
    if outcome == "event" and risk_meaning(snapshot)["event"] != "orders":
        active.append(_contacting(snapshot, start, end))
    flags: list[bool] = pc.is_in(members, value_set=pa.concat_arrays(active)).to_pylist()
    return flags


def _contacting(snapshot: Snapshot, start: datetime, end: datetime) -> pa.Array:
    """Persons who began a contact: inbound or of unknown direction, and sent by no machine (features.contact)."""
    rows = snapshot.tables["interactions"]
    began = pc.not_equal(pc.fill_null(rows["direction"], "unknown"), "outbound")
    by_person = pc.invert(pc.fill_null(rows["is_automated"], False))
    inside = pc.and_(pc.and_(began, by_person), _inside(rows["occurred_at"], start, end))
    return _persons_of(snapshot, _one(rows["customer_id"].filter(inside)).drop_null())


def _ordering(snapshot: Snapshot, of_whom: pa.Array, start: datetime, end: datetime) -> pa.Array:
    """Those of the persons with an order, an order of several lines being at its first one (features.order)."""
    rows = snapshot.tables["orders"]
    lines = rows.select(["customer_id", "ordered_at"]).append_column(
        "order_key", pc.coalesce(rows["order_id"], rows["order_line_id"])
    )
    lines = lines.filter(pc.less(lines["ordered_at"], pa.scalar(end, lines["ordered_at"].type)))
    lines = lines.filter(pc.is_valid(lines["customer_id"]))
    lines = lines.set_column(0, "customer_id", _persons_of(snapshot, _one(lines["customer_id"])))
    lines = lines.filter(pc.is_in(lines["customer_id"], value_set=of_whom))
    first = lines.group_by(["customer_id", "order_key"]).aggregate([("ordered_at", "min")])
    return _one(first["customer_id"].filter(_inside(first["ordered_at_min"], start, end)))


def _inside(at: pa.ChunkedArray, start: datetime, end: datetime) -> pa.ChunkedArray:
    after = pc.greater_equal(at, pa.scalar(start, at.type))
    return pc.fill_null(pc.and_(after, pc.less(at, pa.scalar(end, at.type))), False)


def _persons_of(snapshot: Snapshot, ids: pa.Array) -> pa.Array:
    """The person behind each id, as the published version knows them."""
    persons = snapshot.tables.get("persons")
    if persons is None or not len(persons):
        return ids
    at = pc.index_in(ids, value_set=_one(persons["customer_id"]))
    return pc.coalesce(pc.take(_one(persons["person_id"]), at), ids)


def _one(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _in_words(answer: Mapping[str, Any]) -> dict[str, str]:
    if answer["status"] == "not_yet":
        return {
            "message_en": f"Not yet: the published data go to {answer['cutoff']}, the {answer['days']} days to "
            f"{answer['until']}. Publish a version with later data, or ask for fewer days.",
            "message_zh": f"尚无结果：已发布的数据截至 {answer['cutoff']}，"
            f"{answer['days']} 天到 {answer['until']} 为止。请发布包含更新数据的版本，或缩短天数。",
        }
    if answer["status"] == "no_control":
        return {
            "message_en": "Nothing to compare: one of the two groups is empty. Export with a greater `holdout`, or a "
            "longer list.",
            "message_zh": "无法比较：两组之一没有人。请在导出时提高 holdout，或导出更长的名单。",
        }
    low, high = answer["interval"]
    clear = low > 0 or high < 0
    sent, held_out = answer["sent"]["share"], answer["held_out"]["share"]
    gap, least, most = (f"{100 * share:+.1f}" for share in (answer["difference"], low, high))
    english = f"{sent:.1%} of those sent against {held_out:.1%} of the control group: {gap} percentage points"
    chinese = f"已发送者 {sent:.1%}，对照组 {held_out:.1%}：相差 {gap} 个百分点"
    return {
        "message_en": f"{english} (95 % interval {least} to {most}), "
        + ("clear of chance." if clear else "which may be chance."),
        "message_zh": f"{chinese}（95% 区间 {least} 至 {most}），" + ("超出偶然。" if clear else "可能出于偶然。"),
    }

"""A person's rows out of raw and the lake, in an order that may be broken off anywhere and begun again.

What later steps need is removed last: quarantine goes by the raw rows, signals by the contacts, and broken lines by
the e-mail addresses of the customers table.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from interactions.cleaning.erased_rows import engine_for, known, rows_of
from interactions.cleaning.identity import people
from interactions.cleaning.one_file import ERASED
from interactions.sources import raw
from interactions.sources.erased_rows import take_out
from interactions.sources.raw import RawFile
from serving.live_rows import SOURCE
from workspace.collected import COLLECTED
from workspace.folder import Workspace
from workspace.lake_erase import Change, among, look, rewrite
from workspace.tables import ACCOUNTS

# Of whom and what: so many rows, for each customer.
Count = Callable[[str, Iterable[str | None]], None]

_CUSTOMER = "customer_id"
_PLACE = ("source", "source_row", "collected_at")
_CONTACT = ("interaction_id", "source", "source_row")
# Below this a number or word is found in anybody's line.
_SHORTEST_MARK = 6
BY_CUSTOMER: Mapping[str, tuple[str, ...]] = {
    "interactions": (_CUSTOMER,),
    "orders": (_CUSTOMER,),
    "surveys": (_CUSTOMER,),
    "identity_links": (_CUSTOMER, "person_id", "linked_to"),
    "customer_features": (_CUSTOMER,),
    "customer_scores": (_CUSTOMER,),
    # Last: lines that broke are found by its addresses and numbers.
    "customers": (_CUSTOMER,),
}


def linked(workspace: Workspace, customer_ids: Collection[str]) -> set[str]:
    """The ids, and every other one that their persons are known under now."""
    found = people(workspace.lake.read("identity_links"))
    person = {one: row["person_id"] for one, row in found.items()}
    theirs = {person.get(one, one) for one in customer_ids}
    return {*customer_ids, *theirs, *(one for one, head in person.items() if head in theirs)}


def is_known(workspace: Workspace, customer_id: str) -> bool:
    """Whether any table has rows of a customer."""
    lake = workspace.lake
    return any(look(lake, name, among(columns, [customer_id])) for name, columns in BY_CUSTOMER.items())


def first_known(workspace: Workspace, customer_ids: Collection[str]) -> datetime | None:
    """When the first row of these customers was known; None where none is left."""
    found = []
    for name in ("customers", "interactions", "orders", "surveys"):
        only = among((_CUSTOMER,), customer_ids)
        rows = look(workspace.lake, name, Change((_CUSTOMER, "known_at"), only.concerns))
        found += [pc.min(some["known_at"]).as_py() for some in rows]
    return min((at for at in found if at is not None), default=None)


RawRows = Sequence[tuple[RawFile, Mapping[int, str]]]


def raw_rows(workspace: Workspace, customer_ids: Collection[str]) -> RawRows:
    """The numbers of these customers' rows in raw files, with whose each is."""
    erased = known(customer_ids, _marks(workspace, customer_ids))
    found = []
    with engine_for(workspace) as backend:
        for file in raw.raw_files(workspace.raw):
            mapping = raw.mapping_or_names(workspace.raw, file.source, file.table)
            rows = rows_of(workspace, backend, file, mapping, erased)
            if rows:
                found.append((file, rows))
    return found


def count_rows(
    workspace: Workspace, customer_ids: Collection[str], found: RawRows, positions: Collection[int], count: Count
) -> None:
    """Count what take_out_rows will take out. positions: of live events that were counted in the journal."""
    for _, rows in found:
        count("raw rows", rows.values())
    if found:
        count("quarantine", [None] * sum(rows.num_rows for rows in look(workspace.lake, "quarantine", _refused(found))))
    for name, columns in BY_CUSTOMER.items():
        only = among(columns, customer_ids)
        source = ("source", "source_row") if name == "interactions" else ()
        for rows in look(workspace.lake, name, Change((*columns, *source), only.concerns)):
            count(name, rows[_CUSTOMER].to_pylist())
            if source:
                live = rows.filter(pc.equal(rows["source"], SOURCE))
                live = live.filter(pc.invert(pc.is_in(live["source_row"], pa.array(sorted(positions), pa.int64()))))
                count("live events", live[_CUSTOMER].to_pylist())


def take_out_rows(workspace: Workspace, customer_ids: Collection[str], found: RawRows) -> None:
    """Every row of these customers out of raw, quarantine and the lake's current versions; accounts say so.

    found: what raw_rows says.
    """
    if found:
        rewrite(workspace.lake, "quarantine", _refused(found))
    for file, rows in found:
        take_out(file, list(rows))
    _signals(workspace, customer_ids)
    rewrite(workspace.lake, "topics", _examples(customer_ids))
    for name, columns in BY_CUSTOMER.items():
        rewrite(workspace.lake, name, among(columns, customer_ids))
    _account(workspace)


def _marks(workspace: Workspace, customer_ids: Collection[str]) -> set[str]:
    """E-mail addresses and telephone numbers, as every version of the customers' rows has them."""
    only = among((_CUSTOMER,), customer_ids)
    found: set[str] = set()
    for rows in look(workspace.lake, "customers", Change((_CUSTOMER, "email", "phone"), only.concerns)):
        found.update(one for name in ("email", "phone") for one in rows[name].to_pylist() if one is not None)
    return {mark for mark in found if len(mark) >= _SHORTEST_MARK}


def _refused(found: RawRows) -> Change:
    """Refused rows by the place they were received at."""
    places = {(file.table, file.source, file.collected_at): set(rows) for file, rows in found}

    def concerns(rows: pa.Table) -> pa.Array:
        columns = [rows[name].to_pylist() for name in ("table", "source", "collected_at", "source_row")]
        return pa.array([row in places.get((table, *at), ()) for table, *at, row in zip(*columns, strict=True)])

    return Change(("table", *_PLACE), lambda rows: concerns(rows) if rows.num_rows else pa.array([], pa.bool_()))


def _signals(workspace: Workspace, customer_ids: Collection[str]) -> None:
    only = among((_CUSTOMER,), customer_ids)
    found = look(workspace.lake, "interactions", Change((_CUSTOMER, *_CONTACT), only.concerns))
    contacts = {key for rows in found for key in _contacts(rows)}
    if not contacts:
        return
    ids = among(("interaction_id",), {contact[0] for contact in contacts}).concerns

    def concerns(rows: pa.Table) -> pa.Array:
        may = ids(rows).to_numpy(zero_copy_only=False).copy() if rows.num_rows else np.zeros(0, bool)
        # Few enough to be looked at one by one.
        may[may] = [key in contacts for key in _contacts(rows.filter(pa.array(may)))]
        return pa.array(may)

    rewrite(workspace.lake, "message_signals", Change(_CONTACT, concerns))


def _contacts(rows: pa.Table) -> list[tuple[Any, ...]]:
    """The very row of each contact: another version of it may be somebody else's."""
    return list(zip(*(rows[name].to_pylist() for name in _CONTACT), strict=True))


def _examples(customer_ids: Collection[str]) -> Change:
    """Topics stay; messages of these customers are no examples of them any more."""
    ours = frozenset(customer_ids)

    def without(text: str | None) -> str | None:
        if text is None:
            return None
        given = json.loads(text)
        kept = [one for one in given if one[_CUSTOMER] not in ours]
        return text if len(kept) == len(given) else json.dumps(kept, ensure_ascii=False)

    def concerns(rows: pa.Table) -> pa.Array:
        return pa.array([without(text) != text for text in rows["examples"].to_pylist()], pa.bool_())

    def changed(rows: pa.Table) -> pa.Table:
        at = rows.column_names.index("examples")
        texts = [without(text) for text in rows["examples"].to_pylist()]
        return rows.set_column(at, rows.schema.field(at), pa.array(texts, rows.schema.field(at).type))

    return Change(("examples",), concerns, changed)


def _account(workspace: Workspace) -> None:
    """Where the rows of each raw file went, by what the tables have of it now: erased rows are excluded ones."""
    lake = workspace.lake
    accounts = lake.read("accounts").to_pylist()
    erased = {file.name: file.erased for file in raw.raw_files(workspace.raw) if file.erased}
    if not erased:
        return
    kept = {name: _by_file(lake.read(name, ["source", "collected_at"])) for name in COLLECTED}
    refused = lake.read("quarantine", ["table", "source", "collected_at"])
    changed = [
        _corrected(row, erased[row["raw_file"]], kept[row["table"]], _by_file(_of(refused, row["table"])))
        if row["raw_file"] in erased
        else row
        for row in accounts
    ]
    if changed != accounts:
        lake.overwrite("accounts", pa.Table.from_pylist(changed, ACCOUNTS.schema))


def _of(rows: pa.Table, table: str) -> pa.Table:
    return rows.filter(pc.equal(rows["table"], table))


def _by_file(rows: pa.Table) -> Counter[tuple[str, datetime]]:
    """Rows by source and moment of collection, which every file has for itself."""
    counted = rows.group_by(["source", "collected_at"]).aggregate([([], "count_all")])
    return Counter({(row["source"], row["collected_at"]): row["count_all"] for row in counted.to_pylist()})


def _corrected(
    row: dict[str, Any], erased: int, kept: Counter[tuple[str, datetime]], refused: Counter[tuple[str, datetime]]
) -> dict[str, Any]:
    file = (row["source"], row["collected_at"])
    now = {**row, "kept": kept[file], "quarantined": refused[file]}
    # What was known already or a duplicate stays counted as that.
    now["excluded"] = row["received"] - sum(now[name] for name in ("known", "duplicate", "quarantined", "kept"))
    repairs = {**json.loads(row["repairs"]), ERASED: erased}
    return {**now, "repairs": json.dumps(repairs, sort_keys=True, ensure_ascii=False)}

"""One raw file in, its clean rows, message signals, refused rows and account out.

What holds for the file as a whole is found first: values that come often, texts to mask, keys and messages that come
again. Then its rows are gone through in parts, so that memory stays the same however long the file is.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from interactions.cleaning.columns import constants
from interactions.cleaning.duplicates import FIRST, STATE, Origin, is_candidate, judged, met_again
from interactions.cleaning.layers import Layers
from interactions.cleaning.masked_rows import FREE_TEXT, with_masks
from interactions.cleaning.near_duplicates import near_duplicates
from interactions.cleaning.own_keys import own_key
from interactions.cleaning.received import Received
from interactions.cleaning.report import OUTCOMES
from interactions.cleaning.rows import EXCLUDED, REASONS, REPAIR, typed_keys, typed_rows
from interactions.cleaning.signals_table import signals_table
from interactions.cleaning.spool import Spool
from interactions.cleaning.versions import known_at
from interactions.cleaning.words import words_of
from interactions.sources.batches import BROKEN, ROW
from interactions.sources.mapping import Resolved
from interactions.sources.raw import RawFile
from workspace.engine import arrow_tables
from workspace.folder import Workspace
from workspace.settings import Settings
from workspace.tables import ACCOUNTS, TABLES

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend

NEAR = "near duplicate"
# Rows gone through at a time: fewer where texts, which may be long, are read in Python.
PART_ROWS = 2_000_000
PART_ROWS_WITH_TEXT = 200_000


@dataclass(frozen=True)
class Cleaned:
    """What one raw file came to."""

    kept: Spool
    signals: Spool
    quarantined: Spool
    account: pa.Table

    @property
    def spools(self) -> tuple[Spool, ...]:
        return self.kept, self.signals, self.quarantined


@dataclass
class _Counts:
    """Rows by outcome, and kept rows by repair."""

    states: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)

    def add(self, judged: ir.Table) -> None:
        flags = [name for name in judged.columns if name.startswith(REPAIR)]
        found: Any = judged.group_by(STATE).agg(
            rows=judged.count(), **{flag: judged[flag].sum().fill_null(0) for flag in flags}
        )
        for row in found.to_pyarrow().to_pylist():
            self.states[row[STATE]] += row["rows"]
            if row[STATE] == "kept":
                self.repairs.update({flag.removeprefix(REPAIR): int(row[flag]) for flag in flags if row[flag]})


def clean_file(
    workspace: Workspace, backend: Backend, file: RawFile, resolved: Resolved, earlier: ir.Table | None, version: str
) -> Cleaned:
    """Everything one raw file comes to, beside the lake's rows `earlier` of its table (None: there are none).

    `version` names the mapping in the account.
    """
    layers = Layers(backend)
    source = Received(backend, file)
    whole = source.rows
    words = words_of(whole, resolved, workspace.settings, layers, file.rows)
    received = layers.view("received", whole)
    typed = typed_rows(received, resolved, workspace.settings, file.collected_at, layers, words)
    typed = layers.view("masked", with_masks(layers, layers.view("typed", typed), resolved))
    counts = _Counts()
    again = _again(layers, whole, typed, earlier, resolved, workspace.settings, file)
    near = _near(layers, typed, again, earlier, resolved)
    counts.repairs.update({NEAR: len(near)} if len(near) else {})
    decided = _decided(layers, again, near)
    outcomes = layers.part("judged", _judged(typed.drop(*constants(resolved)), decided))
    spools = [Spool(workspace.temp, name) for name in (file.table, "message_signals", "quarantine")]
    cleaned = Cleaned(spools[0], spools[1], spools[2], pa.table({}))
    try:
        has_text = any(name in resolved.rules for name in FREE_TEXT.get(file.table, ()))
        for part in source.parts(PART_ROWS_WITH_TEXT if has_text else PART_ROWS):
            layers.view("received", part)
            _add_part(backend, outcomes(), received, cleaned, file, resolved, counts)
    except BaseException:
        for spool in spools:
            spool.drop()
        raise
    return Cleaned(spools[0], spools[1], spools[2], _account(counts, file, version))


def moment(file: RawFile) -> Any:
    """When the file was collected, as a value of the engine."""
    return ibis.literal(file.collected_at, "timestamp('UTC')").cast("timestamp('UTC', 6)")


def _again(
    layers: Layers,
    whole: ir.Table,
    typed: ir.Table,
    earlier: ir.Table | None,
    resolved: Resolved,
    settings: Settings,
    file: RawFile,
) -> ir.Table | None:
    """What becomes of candidates whose key comes again (duplicates.judged); None: no key does."""
    unique = _is_keyless(resolved)
    if unique and earlier is None:
        return None
    keys = typed.select("source_row", *TABLES[file.table].key)
    keys = keys if unique else typed_keys(layers.view("received", whole), resolved, settings, layers)
    places = met_again(layers, keys, earlier, file.table, unique)
    if places is None:
        return None
    # Whole rows are made of these alone.
    layers.view("received", whole.semi_join(places, whole[ROW] == places.source_row))
    suspects = layers.computed("suspects", typed.filter(is_candidate))
    layers.view("received", whole)
    return layers.computed("met again", judged(suspects, earlier, file.table, Origin(file.source, file.collected_at)))


def _near(
    layers: Layers, typed: ir.Table, again: ir.Table | None, earlier: ir.Table | None, resolved: Resolved
) -> pa.Array:
    """The numbers of rows that repeat a contact shortly before them."""
    minutes = resolved.mapping.near_duplicate_minutes
    if resolved.mapping.table != "interactions" or "content" not in resolved.rules or minutes <= 0:
        return pa.array([], pa.int64())
    return near_duplicates(layers, typed, again, earlier, minutes, _is_keyless(resolved))


def _is_keyless(resolved: Resolved) -> bool:
    key = own_key(resolved.mapping.table)
    return key is not None and key not in resolved.rules


def _decided(layers: Layers, again: ir.Table | None, near: pa.Array) -> ir.Table | None:
    """The rows of which it takes others to say what becomes of them: `place`, `decided` state, `is_first`."""
    told = None
    if again is not None:
        told = again.select(place=again.source_row, decided=again[STATE], is_first=again[FIRST])
    if not len(near):
        return told
    repeats = pa.table({"place": near, "decided": ["duplicate"] * len(near), "is_first": [True] * len(near)})
    found = layers.computed("near", arrow_tables(layers.backend, {"near rows": repeats})["near rows"])
    if told is None:
        return found
    return layers.computed("decided", told.anti_join(found, "place").union(found))


def _judged(typed: ir.Table, decided: ir.Table | None) -> ir.Table:
    """The typed rows with STATE and FIRST."""
    told: Any = ibis.literal("kept")
    first: Any = ibis.literal(True)
    if decided is not None:
        typed = typed.left_join(decided, typed.source_row == decided.place)
        told, first = typed.decided.fill_null("kept"), typed.is_first.fill_null(True)
    state = ibis.cases((typed[EXCLUDED], "excluded"), (typed[REASONS] != "", "quarantined"), else_=told)
    judged = typed.mutate(**{STATE: state, FIRST: first})
    return judged.drop("place", "decided", "is_first") if decided is not None else judged


def _add_part(
    backend: Backend,
    judged: ir.Table,
    received: ir.Table,
    cleaned: Cleaned,
    file: RawFile,
    resolved: Resolved,
    counts: _Counts,
) -> None:
    before = counts.states.copy()
    counts.add(judged)
    if counts.states["quarantined"] > before["quarantined"]:
        cleaned.quarantined.add(_quarantined(judged, received, file))
    if counts.states["kept"] == before["kept"]:
        return
    kept = judged.filter(judged[STATE] == "kept").mutate(
        source=ibis.literal(file.source), collected_at=moment(file), **constants(resolved)
    )
    kept = kept.mutate(known_at=known_at(kept, file.table, file.collected_at)).select(TABLES[file.table].schema.names)
    cleaned.kept.copy(backend, kept)
    if file.table == "interactions" and "content" in resolved.rules:
        said: Any = kept.filter(kept.content.notnull()).order_by("source_row")
        given = ("interaction_id", "content", "source", "source_row", "collected_at", "known_at")
        cleaned.signals.add(signals_table(said.select(*given).to_pyarrow()))


def _quarantined(judged: ir.Table, received: ir.Table, file: RawFile) -> pa.Table:
    """The refused rows as they were received, as JSON, with their reasons."""
    refused = judged.filter(judged[STATE] == "quarantined").select("source_row", REASONS)
    joined = refused.join(received, refused.source_row == received[ROW]).order_by("source_row")
    found: Any = joined.select("source_row", REASONS, BROKEN, *file.columns).to_pyarrow()
    count = found.num_rows
    as_json = [
        json.dumps(
            {"line": line} if line is not None else dict(zip(file.columns, values, strict=True)), ensure_ascii=False
        )
        for line, *values in zip(*(found[name].to_pylist() for name in (BROKEN, *file.columns)), strict=True)
    ]
    return pa.table(
        {
            "table": [file.table] * count,
            "row": as_json,
            "reasons": found[REASONS],
            "source": [file.source] * count,
            "source_row": found["source_row"],
            "collected_at": [file.collected_at] * count,
        },
    )


def _account(counts: _Counts, file: RawFile, version: str) -> pa.Table:
    account: dict[str, Any] = {
        "source": file.source,
        "table": file.table,
        "raw_file": file.name,
        "mapping": version,
        "received": file.rows,
        **{name: counts.states[name] for name in OUTCOMES},
        "repairs": json.dumps(dict(counts.repairs), sort_keys=True, ensure_ascii=False),
        "collected_at": file.collected_at,
    }
    return pa.Table.from_pylist([account], schema=ACCOUNTS.schema)

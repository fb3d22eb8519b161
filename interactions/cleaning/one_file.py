"""One raw file in, its clean rows, message signals, refused rows and account out.

What holds for the file as a whole is found first: values that come often, texts to mask, keys and messages that come
again. Then its rows are gone through in parts, so that memory stays the same however long the file is.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from interactions.cleaning.columns import constants
from interactions.cleaning.duplicates import FIRST, STATE, Origin, is_candidate, judged, met_again
from interactions.cleaning.layers import Layers
from interactions.cleaning.masked_rows import FREE_TEXT, with_masks
from interactions.cleaning.near_duplicates import near_duplicates
from interactions.cleaning.own_keys import own_key
from interactions.cleaning.parts import Judge, Part
from interactions.cleaning.received import Received
from interactions.cleaning.report import OUTCOMES
from interactions.cleaning.rows import EXCLUDED, REASONS, typed_keys, typed_rows
from interactions.cleaning.signals_table import signals_table
from interactions.cleaning.spool import Spool
from interactions.cleaning.words import words_of
from interactions.sources.batches import ROW
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
ERASED = "row of an erased customer left out"
# Rows gone through at a time: fewer where texts, which may be long, are read in Python.
PART_ROWS = 1_000_000
PART_ROWS_WITH_TEXT = 200_000


@dataclass(frozen=True)
class Cleaned:
    """What one raw file came to."""

    kept: Spool
    signals: Spool
    quarantined: Spool
    account: pa.Table = field(default_factory=ACCOUNTS.schema.empty_table)

    @property
    def spools(self) -> tuple[Spool, ...]:
        return self.kept, self.signals, self.quarantined

    def take(self, number: int, part: Part) -> tuple[Counter[str], Counter[str]]:
        """Spool a part; its rows by outcome, and kept rows by repair."""
        self.kept.add(number, part.kept)
        self.quarantined.add(number, part.refused)
        if self.kept.table == "interactions" and part.kept["content"].null_count < part.kept.num_rows:
            self.signals.add(number, signals_table(part.kept))
        return part.states, part.repairs

    def drop(self) -> None:
        """Remove what was not moved to the lake."""
        for spool in self.spools:
            spool.drop()


def clean_file(
    workspace: Workspace, backend: Backend, file: RawFile, resolved: Resolved, earlier: ir.Table | None, version: str
) -> Cleaned:
    """Everything one raw file comes to, beside the lake's rows `earlier` of its table (None: there are none).

    `version` names the mapping in the account.
    """
    layers = Layers(backend)
    source = Received(layers, file)
    whole = source.rows
    words = words_of(whole, resolved, workspace.settings, layers, file.rows)
    received = layers.view("received", whole)
    typed = typed_rows(received, resolved, workspace.settings, file.collected_at, layers, words)
    typed = layers.view("masked", with_masks(layers, layers.view("typed", typed), resolved))
    again = _again(layers, whole, typed, earlier, resolved, workspace.settings, file)
    near = _near(layers, typed, again, earlier, resolved)
    outcomes = _judged(typed.drop(*constants(resolved)), _decided(layers, again, near))
    cleaned = Cleaned(*(Spool(workspace.temp, name) for name in (file.table, "message_signals", "quarantine")))
    has_text = any(name in resolved.rules for name in FREE_TEXT.get(file.table, ()))
    parts = Judge(layers, file, resolved, outcomes).parts(
        source, PART_ROWS_WITH_TEXT if has_text else PART_ROWS, cleaned.take
    )
    states: Counter[str] = Counter()
    repairs = Counter({NEAR: len(near)} if len(near) else {})
    try:
        for of_states, of_repairs in parts:
            states += of_states
            repairs += of_repairs
    except BaseException:
        cleaned.drop()
        raise
    return replace(cleaned, account=_account(states, repairs, file, version))


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


def _account(states: Counter[str], repairs: Counter[str], file: RawFile, version: str) -> pa.Table:
    if file.erased:
        states, repairs = states + Counter({"excluded": file.erased}), repairs + Counter({ERASED: file.erased})
    account: dict[str, Any] = {
        "source": file.source,
        "table": file.table,
        "raw_file": file.name,
        "mapping": version,
        "received": file.rows + file.erased,
        **{name: states[name] for name in OUTCOMES},
        "repairs": json.dumps(dict(repairs), sort_keys=True, ensure_ascii=False),
        "collected_at": file.collected_at,
    }
    return pa.Table.from_pylist([account], schema=ACCOUNTS.schema)

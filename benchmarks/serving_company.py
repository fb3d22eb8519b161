"""The company that the service benchmark serves: a simulated one with everything, amid a million customers more.

Its own customers have all their contacts and texts, models learned from them and scores; the others are copies of them
under other keys with a handful of contacts each. Published by the real code, from a lake as cleaning leaves it.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from features.windows import Window
from interactions.cleaning.text import signals
from interactions.demo.company import simulate
from serving.publish import publish
from training.bundle import store
from training.churn import train_churn
from training.cutoffs import default_cutoff
from training.observed import observed_workspace
from training.promotion import settle
from training.score import score
from training.segmentation import train_segments
from training.value import train_value
from training.value_orders import ordered_workspace
from workspace.folder import Workspace, open_workspace
from workspace.lake import Lake
from workspace.secret import secret
from workspace.tables import TABLES

# Customers with a whole history, and the days it has.
WHOLE, DAYS = 400, 500
# Contacts of each of the others, theirs without a text.
CONTACTS = 4
_COPIES_AT_ONCE = 250
_COPIED = ("customers", "interactions", "customer_features", "customer_scores")
_KEYS = {"interactions": "interaction_id"}
_SAID = ("language", "sentiment", "words", "questions", "masked")


def make(folder: Path, customers: int) -> Workspace:
    """A published workspace in `folder` of about so many customers: those with a whole history, and copies of them."""
    workspace = open_workspace(folder, create=True)
    company = simulate(customers=WHOLE, days=DAYS, seed=11)
    for name in ("customers", "interactions", "orders", "surveys"):
        workspace.lake.append(name, company.tables[name])
    workspace.lake.append("message_signals", _signals(company.tables["interactions"]))
    secret(workspace.folder)
    _train(workspace)
    score(workspace)
    _copy(workspace.lake, customers // WHOLE - 1)
    publish(workspace)
    return workspace


def _train(workspace: Workspace) -> None:
    cutoff = default_cutoff(workspace)
    window = Window.from_settings(workspace.settings, cutoff)
    horizons = workspace.settings.windows.horizon_days
    with observed_workspace(workspace, window) as observed:
        found = {
            "segments": train_segments(observed.features_at(cutoff), None),
            "churn": train_churn(observed, horizons),
            "value": train_value(observed, ordered_workspace(workspace, window), horizons),
        }
    for kind, trained in found.items():
        bundle = store.write(workspace.bundles, kind, trained.manifest, trained.files)
        settle(workspace, kind, bundle, "1", None)


def _signals(contacts: pa.Table) -> pa.Table:
    """Rows of message_signals for contacts with a text, as cleaning adds them."""
    schema = TABLES["message_signals"].schema
    written = contacts.filter(pc.is_valid(contacts["content"]))
    said = signals(written["content"].to_pylist())
    columns = {name: pa.array([getattr(one, name) for one in said], schema.field(name).type) for name in _SAID}
    return pa.table({name: columns[name] if name in columns else written[name] for name in schema.names})


def _copy(lake: Lake, copies: int) -> None:
    """Add so many copies of every customer, under keys of their own."""
    tables = {name: lake.read(name) for name in _COPIED}
    tables["interactions"] = _few(tables["interactions"])
    for name, rows in tables.items():
        for first in range(1, copies + 1, _COPIES_AT_ONCE):
            numbers = range(first, min(first + _COPIES_AT_ONCE, copies + 1))
            lake.append(name, pa.concat_tables([_renamed(name, rows, number) for number in numbers]).combine_chunks())


def _few(contacts: pa.Table) -> pa.Table:
    """The last few contacts of each customer, without their texts."""
    ordered = contacts.filter(pc.is_valid(contacts["customer_id"])).sort_by(
        [("customer_id", "ascending"), ("occurred_at", "descending")]
    )
    seen: dict[str, int] = {}
    kept = []
    for place, customer in enumerate(ordered["customer_id"].to_pylist()):
        seen[customer] = seen.get(customer, 0) + 1
        if seen[customer] <= CONTACTS:
            kept.append(place)
    few = ordered.take(pa.array(kept))
    for name in ("content", "response_content"):
        field = few.schema.field(name)
        few = few.set_column(few.schema.get_field_index(name), field, pa.nulls(len(few), field.type))
    return few


def _renamed(name: str, rows: pa.Table, copy: int) -> pa.Table:
    for key in ("customer_id", _KEYS.get(name)):
        if key is not None:
            at = rows.schema.get_field_index(key)
            renamed = pc.binary_join_element_wise(rows[key], f"{copy:05d}", "-")
            rows = rows.set_column(at, rows.schema.field(key), renamed)
    return rows

"""The writer's view of one published version: events since, and what follows from them for figures and scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from serving.history_tables import cutoffs
from serving.live_history import as_collected, in_place, only, published_rows, published_signals, without
from serving.live_rows import live_rows
from serving.overlay import Overlay
from workspace.journal import Entry
from workspace.tables import CUSTOMER_FEATURES, CUSTOMER_SCORES, TABLES

if TYPE_CHECKING:
    from serving.snapshot import Snapshot

# From contacts, customers and message_signals in the lake's schemas to rows of the statistics' base.
Base = Callable[[Mapping[str, pa.Table]], pa.Table]

_MOMENT = timedelta(microseconds=1)
_MOMENTS = ("occurred_at", "responded_at", "resolved_at", "rated_at", "known_at")


class Live:
    """Events laid over one version: added in the journal's order, then asked for as an Overlay."""

    def __init__(self, snapshot: Snapshot, base: Base) -> None:
        self.snapshot = snapshot
        self.position = snapshot.position
        self._base = base
        self._contacts = TABLES["interactions"].schema.empty_table()
        self._signals = TABLES["message_signals"].schema.empty_table()
        self._shown = snapshot.tables["interactions"].schema.empty_table()
        self._replaced = self._shown
        self._features = CUSTOMER_FEATURES.schema.empty_table()
        self._scores = CUSTOMER_SCORES.schema.empty_table()

    def add(self, entries: Sequence[Entry]) -> None:
        """Take in entries of the journal. Those that the version holds already are scored alone, not counted again."""
        self.position = max(self.position, entries[-1].position)
        rows = live_rows(entries)
        added = _last_of_each(rows["interactions"])
        self._contacts = in_place(self._contacts, added, "interaction_id")
        self._signals = in_place(self._signals, _last_of_each(rows["message_signals"]), "interaction_id")
        named = {one for one in added["customer_id"].to_pylist() if one is not None}
        persons = {one: self.snapshot.customers_of(one) for one in sorted(map(self.snapshot.person, named))}
        history = self._history(sorted({one for customers in persons.values() for one in customers}))
        if persons and (self.snapshot.churn is not None or self.snapshot.segments is not None):
            self._rescore(persons, history)
        self._show(history)

    def overlay(self) -> Overlay:
        """Everything that followed from the events so far."""
        tables = {
            "interactions": self._shown,
            "replaced": self._replaced,
            "customers": self._newcomers(),
            "customer_features": self._features,
            "customer_scores": self._scores,
        }
        ordered = {name: rows.sort_by("customer_id") for name, rows in tables.items()}
        (lasts,) = self._contacts.group_by([]).aggregate([(name, "max") for name in _MOMENTS]).to_pylist()
        return Overlay(self.snapshot.version, self.position, self._after(lasts), ordered)

    def _history(self, customers: Sequence[str]) -> dict[str, pa.Table]:
        """The customers' rows in the lake's schemas, live ones in the place of published ones of the same key."""
        tables = {
            name: as_collected(name, published_rows(self.snapshot, name, customers))
            for name in ("customers", "interactions", "orders", "surveys")
        }
        live = only(self._contacts, "customer_id", customers)
        published = without(tables["interactions"], "interaction_id", live["interaction_id"])
        signals = as_collected("message_signals", published_signals(self.snapshot, published))
        said = only(self._signals, "interaction_id", live["interaction_id"])
        return {
            **tables,
            "interactions": pa.concat_tables([published, live]),
            "message_signals": pa.concat_tables([signals, said]),
        }

    def _rescore(self, persons: Mapping[str, Sequence[str]], history: Mapping[str, pa.Table]) -> None:
        """Scores and features of persons, each right after the last that is known of them."""
        from training.bundle.scoring import score

        tables = {name: _under_persons(rows, persons) for name, rows in history.items()}
        window = {**dict.fromkeys(persons, self.snapshot.cutoff), **self._cutoffs(tables["interactions"])}
        described = {"customers": _one_each(tables["customers"]), "window": cutoffs(window)}
        features = self.snapshot.scorer.features_of({**tables, **described})
        left = _left(tables["customers"], window)
        models = (self.snapshot.churn, self.snapshot.segments, self.snapshot.worth)
        scores = score(features, *models, left)
        # Who may not be profiled any more has neither.
        everybody = list(persons)
        self._features = pa.concat_tables([without(self._features, "customer_id", everybody), features])
        self._scores = pa.concat_tables([without(self._scores, "customer_id", everybody), scores])

    def _cutoffs(self, contacts: pa.Table) -> dict[str, datetime]:
        """Of each customer the moment after the last that their live contacts tell of."""
        live = only(contacts, "interaction_id", self._contacts["interaction_id"])
        lasts = live.group_by("customer_id").aggregate([(name, "max") for name in _MOMENTS])
        return {row["customer_id"]: self._after(row) for row in lasts.to_pylist()}

    def _after(self, lasts: Mapping[str, datetime | None]) -> datetime:
        """The moment after the last of these, the version's cutoff at the earliest."""
        known = [lasts[f"{name}_max"] for name in _MOMENTS]
        return max([self.snapshot.cutoff, *(last + _MOMENT for last in known if last is not None)])

    def _show(self, history: Mapping[str, pa.Table]) -> None:
        """The base's rows from each customer's first uncounted contact on: later ones follow upon another than before.

        Contacts of nobody known follow upon none.
        """
        uncounted = self._contacts.filter(pc.greater(self._contacts["source_row"], self.snapshot.position))
        nobody = uncounted.filter(pc.is_null(uncounted["customer_id"]))
        ours = only(uncounted, "customer_id", history["interactions"]["customer_id"].unique())
        if not len(nobody) + len(ours):
            return
        said = only(self._signals, "interaction_id", nobody["interaction_id"])
        given = {
            "interactions": pa.concat_tables([history["interactions"], nobody]),
            "customers": history["customers"],
            "message_signals": pa.concat_tables([history["message_signals"], said]),
        }
        rows = _from_first(self._with_segment(self._base(given)), ours)
        rows = rows.select(self._shown.column_names).cast(self._shown.schema)
        customers = ours["customer_id"].unique().to_pylist()
        published = published_rows(self.snapshot, "interactions", customers)
        self._shown = in_place(self._shown, rows, "interaction_id")
        self._replaced = in_place(
            self._replaced, only(published, "interaction_id", rows["interaction_id"]), "interaction_id"
        )

    def _with_segment(self, rows: pa.Table) -> pa.Table:
        """Statistics by segment go by the published one until the next version."""
        customers = rows["customer_id"].unique().drop_null().to_pylist()
        found = {one: self._published_segment(one) for one in customers}
        named = pa.array([found.get(one) for one in rows["customer_id"].to_pylist()], pa.string())
        return rows.set_column(rows.column_names.index("segment_id"), "segment_id", named)

    def _published_segment(self, customer_id: str) -> str | None:
        rows = published_rows(self.snapshot, "customer_scores", [self.snapshot.person(customer_id)])
        found: str | None = rows["segment_id"][0].as_py() if len(rows) else None
        return found

    def _newcomers(self) -> pa.Table:
        """An empty row for those whom live contacts alone name."""
        schema = self.snapshot.tables["customers"].schema
        named = self._contacts["customer_id"].unique().drop_null().to_pylist()
        new = [one for one in named if not len(published_rows(self.snapshot, "customers", [one]))]
        columns = [
            pa.array(new, field.type) if field.name == "customer_id" else pa.nulls(len(new), field.type)
            for field in schema
        ]
        return pa.table(columns, schema)


def _last_of_each(rows: pa.Table) -> pa.Table:
    """Of every contact its last version; rows lie in the journal's order."""
    places = {key: place for place, key in enumerate(rows["interaction_id"].to_pylist())}
    return rows.take(pa.array(sorted(places.values()), pa.int64()))


def _under_persons(rows: pa.Table, persons: Mapping[str, Sequence[str]]) -> pa.Table:
    """Rows under each person's own id, whichever of their ids they came under."""
    person = {other: one for one, customers in persons.items() for other in customers if other != one}
    if not person or "customer_id" not in rows.column_names:
        return rows
    named = [person.get(one, one) for one in rows["customer_id"].to_pylist()]
    return rows.set_column(rows.column_names.index("customer_id"), "customer_id", pa.array(named, pa.string()))


def _left(customers: pa.Table, cutoffs: Mapping[str, datetime]) -> list[str]:
    """Who left before their cutoff: under every id they are known by, as far as any is described."""
    last: dict[str, datetime | None] = {}
    for row in customers.select(["customer_id", "left_at"]).to_pylist():
        person, at = row["customer_id"], row["left_at"]
        before = last.get(person, at)
        last[person] = None if at is None or before is None else max(at, before)
    return [person for person, at in last.items() if at is not None and at < cutoffs[person]]


def _one_each(rows: pa.Table) -> pa.Table:
    """One row for all of a person's: that of the last known income, and no profile if any says so."""
    if len(rows["customer_id"].unique()) == len(rows):
        return rows
    refused = set(rows.filter(pc.fill_null(rows["do_not_profile"], False))["customer_id"].to_pylist())
    by_income = rows.append_column("known", pc.is_valid(rows["income"]))
    ordered = by_income.sort_by([("known", "ascending"), ("known_at", "ascending")]).drop_columns(["known"])
    places = {one: place for place, one in enumerate(ordered["customer_id"].to_pylist())}
    chosen = ordered.take(pa.array(places.values(), pa.int64()))
    marks = pa.array([one in refused for one in chosen["customer_id"].to_pylist()])
    return chosen.set_column(rows.column_names.index("do_not_profile"), "do_not_profile", marks)


def _from_first(rows: pa.Table, contacts: pa.Table) -> pa.Table:
    """The rows of each customer from the first of these contacts on, and all of nobody known."""
    firsts = contacts.group_by("customer_id").aggregate([("occurred_at", "min")])
    first = dict(
        zip(firsts["customer_id"].to_pylist(), firsts["occurred_at_min"].cast(pa.int64()).to_pylist(), strict=True)
    )
    moments = zip(rows["customer_id"].to_pylist(), rows["occurred_at"].cast(pa.int64()).to_pylist(), strict=True)
    return rows.filter(pa.array([one is None or (one in first and at >= first[one]) for one, at in moments]))

"""History up to a moment as it is known later: for what a score would have been, had one known it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import ibis

from features.clock import micros
from features.history import HISTORY_TABLES
from features.identity import LINKS
from features.versions import latest
from workspace.tables import TABLES

_MOMENT = "timestamp('UTC', 6)"
# What becomes known of a contact after it happened.
_LATER = ("responded_at", "resolved_at")


def corrected(tables: Mapping[str, ibis.Table], then: datetime, now: datetime) -> dict[str, ibis.Table]:
    """The clean tables with what happened before `then` alone, each row as its version known before `now` says.

    To features every row looks as if it had been known before `then`; answers, resolutions and ratings from `then` on
    are unknown. So features at `then` differ from those of the tables themselves by corrections and late rows alone,
    and features at a later cutoff from these by the passing of time alone.
    """
    known = {name: _known(tables[name], name, then, now) for name in HISTORY_TABLES}
    known["interactions"] = _unanswered(known["interactions"], then)
    if LINKS in tables:
        links = tables[LINKS]
        known[LINKS] = _as_if_known(links.filter(_before(links.known_at, now)), then)
    return known


def _known(rows: ibis.Table, name: str, then: datetime, now: datetime) -> ibis.Table:
    newest = latest(rows.filter(_before(rows.known_at, now)), TABLES[name].key)
    happened = TABLES[name].event_time
    if happened is not None:
        newest = newest.filter(_before(newest[happened], then))
    return _as_if_known(newest, then).mutate(is_revision=ibis.literal(False))


def _unanswered(rows: ibis.Table, then: datetime) -> ibis.Table:
    """Contacts before the answers, resolutions and ratings that came from `then` on."""
    rated = ibis.coalesce(rows.rated_at, rows.responded_at, rows.occurred_at)
    columns = {name: _before(rows[name], then).ifelse(rows[name], None) for name in _LATER}
    return rows.mutate(satisfaction=_before(rated, then).ifelse(rows.satisfaction, None), **columns)


def _as_if_known(rows: ibis.Table, then: datetime) -> ibis.Table:
    last = ibis.literal(then - timedelta(microseconds=1), type=_MOMENT)
    return rows.mutate(known_at=(micros(rows.known_at) < micros(last)).ifelse(rows.known_at, last))


def _before(moment: ibis.Value, limit: datetime) -> ibis.Value:
    return moment < ibis.literal(limit, type=_MOMENT)

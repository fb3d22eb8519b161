"""What the features of a few named customers are computed from: their rows, read once out of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from features.history import COLUMNS
from features.identity import LINKS
from features.versions import VERSION_ORDER
from workspace.tables import TABLES

Hold = Callable[[pa.Table], ibis.Table]

# What says who must not be profiled is read beside what features are made of.
_MORE = {"customers": ("do_not_profile",)}
# Of so many keys with several versions and more only those that are theirs are sought, by one more look at every key.
_FEW_KEYS = 1_000_000


def concerning(tables: Mapping[str, ibis.Table], customers: Sequence[str], hold: Hold) -> dict[str, ibis.Table]:
    """The tables with the rows of the named customers alone, in memory by `hold`, in the columns that features read.

    A row's other versions come along even where they give it to somebody else, so that the latest still counts; so do
    customers of whom any may be one of the named persons. Where there are links, customers and links stay whole: who
    must not be profiled depends on them.
    """
    found = dict(tables)
    whose = set(customers)
    if LINKS in tables:
        links = tables[LINKS]
        linked = links.filter(links.person_id.isin(_named(whose, hold).name)).select("customer_id").to_pyarrow()
        whose.update(linked["customer_id"].to_pylist())
    else:
        found["customers"] = _rows(tables["customers"], "customers", whose, hold)
    for name in ("interactions", "orders", "surveys"):
        found[name] = _rows(tables[name], name, whose, hold)
    messages = found["interactions"].select("interaction_id")
    signals = tables["message_signals"]
    found["message_signals"] = hold(signals.semi_join(messages, "interaction_id").to_pyarrow())
    return found


def _rows(rows: ibis.Table, name: str, whose: set[str], hold: Hold) -> ibis.Table:
    """All versions of all rows that in any version are theirs."""
    (key,) = TABLES[name].key
    rows = rows.select(*dict.fromkeys((*COLUMNS[name], *_MORE.get(name, ()), *VERSION_ORDER, "is_revision")))
    customers = _named(whose, hold).name
    several = rows.filter(rows.is_revision.fill_null(True)).select(key).distinct()
    keys = several.limit(_FEW_KEYS).to_pyarrow()
    if len(keys) == _FEW_KEYS:
        keys = several.semi_join(rows.filter(rows.customer_id.isin(customers)), key).to_pyarrow()
    found = rows.filter(rows.customer_id.isin(customers) | rows[key].isin(hold(keys)[key])).to_pyarrow()
    ours = found.filter(pc.is_in(found["customer_id"], pa.array(whose, pa.string())))
    return hold(found.filter(pc.is_in(found[key], ours[key].combine_chunks())))


def _named(names: set[str], hold: Hold) -> Any:
    return hold(pa.table({"name": pa.array(sorted(names), pa.string())}))

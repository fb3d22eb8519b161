"""The same contact sent twice: one customer, channel and direction, the same words, within minutes, under two keys.

Words are compared in half-width lower case, with runs of blanks and punctuation as one blank and none at the ends: a
text of nothing else says nothing, and no row without a customer is compared. Times may lie the whole window apart.

Each contact is compared with those that are kept, in the order of occurred_at and then of the file: of three at 0, 8
and 16 minutes with a window of 10 the second repeats the first, and the third is kept. What the lake holds stays, so
that a row shortly before or after one of its rows repeats it: a second file with the same contacts, and the same file
again, come to the same.

A key that comes in several versions, in the file or because the lake has it, is a contact that was changed, never a
repeat. So is, where the mapping gives no key, a row that equals an earlier one in all columns: such a file counts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from interactions.cleaning.duplicates import SINGLE, STATE, is_candidate
from interactions.cleaning.engine_functions import epoch_microseconds
from interactions.cleaning.layers import Layers
from interactions.cleaning.missing import half_width

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MINUTE = 60_000_000
_SAME = "what must be the same"
# Kept whatever comes: rows of the lake and versions of a changed contact.
_FIXED = "stays"
# Of \p{P} and blanks, a run; symbols such as an emoji say something.
_NOTHING_SAID = r"[\p{P}\p{Z}\s\x{200b}-\x{200d}\x{feff}]+"


def near_duplicates(
    layers: Layers, typed: ir.Table, again: ir.Table | None, earlier: ir.Table | None, minutes: float, keyless: bool
) -> pa.Array:
    """The numbers of the rows that repeat a contact, ascending.

    `again`: what duplicates.met_again says of the keys that come again; `earlier`: the lake's interactions.
    """
    window = round(minutes * _MINUTE)
    contacts = layers.computed("contacts", _contacts(typed.filter(is_candidate), again, keyless))
    if earlier is not None:
        contacts = layers.computed("all contacts", contacts.union(_from_lake(earlier, contacts, window)))
    near = _with_neighbours(_of_repeated_words(contacts), window).to_pyarrow()
    return _repeats(near, window)


def phrase(text: ir.StringValue) -> Any:
    """The words of a text as they are compared."""
    return half_width(text).lower().re_replace(_NOTHING_SAID, " ").strip()


def _contacts(candidates: ir.Table, again: ir.Table | None, keyless: bool) -> ir.Table:
    """source_row, what must be the same (hashed), at (microseconds) and whether it stays whatever comes."""
    rows = _said(candidates)
    if keyless:
        # Of a key made from the row, what follows the hash is the number of equal rows before it: those are compared
        # through the first of them.
        rows = rows.filter(~rows.interaction_id.contains("-"))
    rows = rows.select("source_row", _SAME, "at", **{_FIXED: ibis.literal(False)})
    if again is None:
        return rows
    met = again.select(place=again.source_row, state=again[STATE], single=again[SINGLE])
    joined = rows.left_join(met, rows.source_row == met.place)
    kept = joined.filter(joined.state.isnull() | (joined.state == "kept"))
    return kept.select("source_row", _SAME, "at", **{_FIXED: ~kept.single.fill_null(True)})


def _said(rows: ir.Table) -> ir.Table:
    """Rows of a customer with words, and what of them must be the same."""
    rows = rows.filter(rows.content.notnull() & rows.customer_id.notnull()).mutate(phrase=phrase(rows.content))
    rows = rows.filter(rows.phrase != "")
    same = ibis.struct({name: rows[name] for name in ("customer_id", "channel", "direction", "phrase")}).hash()
    return rows.mutate(**{_SAME: same, "at": epoch_microseconds(rows.occurred_at)})


def _from_lake(earlier: ir.Table, contacts: ir.Table, window: int) -> ir.Table:
    span: Any = contacts.agg(first=contacts["at"].min(), last=contacts["at"].max()).to_pyarrow().to_pylist()[0]
    if span["first"] is None:
        return contacts.limit(0)
    at = epoch_microseconds(earlier.occurred_at)
    around = earlier.filter((at >= span["first"] - window) & (at <= span["last"] + window))
    kept = _said(around)
    kept = kept.select(source_row=ibis.literal(0, "int64"), same=kept[_SAME], at=kept["at"], fixed=ibis.literal(True))
    return kept.rename({_SAME: "same", _FIXED: "fixed"}).semi_join(contacts, _SAME)


def _of_repeated_words(contacts: ir.Table) -> ir.Table:
    counted = contacts.group_by(_SAME).agg(rows=contacts.count())
    return contacts.semi_join(counted.filter(counted.rows > 1), _SAME)


def _with_neighbours(contacts: ir.Table, window: int) -> ir.Table:
    """Those with another of the same words within the window, in the order in which they are judged."""
    order = ibis.window(group_by=_SAME, order_by=["at", ibis.desc(_FIXED), "source_row"])
    since: Any = contacts["at"] - contacts["at"].lag().over(order)
    until: Any = contacts["at"].lead().over(order) - contacts["at"]
    rows = contacts.mutate(is_near=(since <= window).fill_null(False) | (until <= window).fill_null(False))
    return rows.filter(rows.is_near).drop("is_near").order_by(_SAME, "at", ibis.desc(_FIXED), "source_row")


def _repeats(near: pa.Table, window: int) -> pa.Array:
    same, at = near[_SAME].to_numpy(), near["at"].to_numpy()
    stays, rows = near[_FIXED].to_numpy(zero_copy_only=False), near["source_row"].to_numpy()
    following = _following(same, at, stays)
    repeats = []
    kept_at, kept_of = 0, None
    for group, moment, fixed, row, next_fixed in zip(
        same.tolist(), at.tolist(), stays.tolist(), rows.tolist(), following, strict=True
    ):
        before = kept_of == group and moment - kept_at <= window
        after = next_fixed is not None and next_fixed - moment <= window
        if not fixed and (before or after):
            repeats.append(row)
        else:
            kept_at, kept_of = moment, group
    return pa.array(np.sort(np.array(repeats, dtype=np.int64)))


def _following(same: Any, at: Any, stays: Any) -> list[int | None]:
    """For each row, when the next one of its words that stays whatever comes happened."""
    found: list[int | None] = [None] * len(same)
    upcoming: int | None = None
    for place in range(len(same) - 1, -1, -1):
        if place + 1 < len(same) and same[place] != same[place + 1]:
            upcoming = None
        found[place] = upcoming
        if stays[place]:
            upcoming = int(at[place])
    return found

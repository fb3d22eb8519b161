"""Who may be profiled and who agreed to marketing: unknown is not consent; a no under any of a person's ids counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from serving.positions import rows_in

if TYPE_CHECKING:
    from serving.snapshot import Snapshot

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Consent:
    """A flag for each person asked about. marketing: said yes, under the id they are scored under, and no under none;
    refused: must not be profiled."""

    marketing: Flags
    refused: Flags


def consent_of(people: pa.ChunkedArray, customers: pa.Table, persons: pa.Table | None = None) -> Consent:
    """What `people` (ids that are scored, sorted) wished. customers: customer_id (sorted), marketing_consent,
    do_not_profile; persons: customer_id, person_id of who is known under another id too."""
    at = rows_in(people, customers["customer_id"])
    against = _behind(people, customers, persons, "marketing_consent", False)
    refused = _behind(people, customers, persons, "do_not_profile", True)
    return Consent(
        _said(customers, "marketing_consent", True, at) & ~against,
        _said(customers, "do_not_profile", True, at) | refused,
    )


def refuses(snapshot: Snapshot, person_id: str) -> bool:
    """Whether a person must not be profiled, under whichever of their ids they said so."""
    rows = (snapshot.row("customers", customer_id) for customer_id in snapshot.customers_of(person_id))
    return any(row["do_not_profile"] for row in rows if row is not None)


def _said(customers: pa.Table, column: str, wanted: bool, at: npt.NDArray[np.int32]) -> Flags:
    """Whether the rows `at` say just this in a column; null is neither yes nor no, nor is a customer without a row."""
    flags = _flags(pc.fill_null(pc.equal(customers[column], wanted), False))
    return flags[at] & (at >= 0) if flags.size else np.zeros(len(at), np.bool_)


def _behind(people: pa.ChunkedArray, customers: pa.Table, persons: pa.Table | None, column: str, wanted: bool) -> Flags:
    """Which people said this under another of their ids."""
    if persons is None or not len(persons):
        return np.zeros(len(people), np.bool_)
    ordered = persons.sort_by("customer_id")
    said = _said(customers, column, wanted, rows_in(ordered["customer_id"], customers["customer_id"]))
    behind = ordered["person_id"].filter(pa.array(said))
    return _flags(pc.is_in(people, value_set=behind.combine_chunks().cast(people.type)))


def _flags(values: pa.ChunkedArray | pa.Array) -> Flags:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    flags: Flags = whole.to_numpy(zero_copy_only=False).astype(bool)
    return flags

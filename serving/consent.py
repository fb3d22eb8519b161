"""Who may be profiled and who agreed to marketing: unknown is not consent; a no under any of a person's ids counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

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
    """What `people` (ids that are scored) wished. customers: customer_id, marketing_consent, do_not_profile;
    persons: customer_id, person_id of who is known under another id too."""
    agreed = _ids(customers, "marketing_consent", True)
    against = _with_persons(_ids(customers, "marketing_consent", False), persons)
    refused = _with_persons(_ids(customers, "do_not_profile", True), persons)
    return Consent(_among(people, agreed) & ~_among(people, against), _among(people, refused))


def refuses(snapshot: Snapshot, person_id: str) -> bool:
    """Whether a person must not be profiled, under whichever of their ids they said so."""
    rows = (snapshot.row("customers", customer_id) for customer_id in snapshot.customers_of(person_id))
    return any(row["do_not_profile"] for row in rows if row is not None)


def _ids(customers: pa.Table, column: str, said: bool) -> pa.Array:
    """Keys of the customers whose `column` says just this; null is neither."""
    return _one(customers["customer_id"].filter(pc.fill_null(pc.equal(customers[column], said), False)))


def _with_persons(ids: pa.Array, persons: pa.Table | None) -> pa.Array:
    if persons is None or not len(persons) or not len(ids):
        return ids
    behind = persons["person_id"].filter(pc.is_in(persons["customer_id"], value_set=ids))
    return pa.concat_arrays([ids, _one(behind).cast(ids.type)])


def _among(people: pa.ChunkedArray, ids: pa.Array) -> Flags:
    flags: Flags = _one(pc.is_in(people, value_set=ids)).to_numpy(zero_copy_only=False).astype(bool)
    return flags


def _one(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values

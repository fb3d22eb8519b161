"""When customers left, as known at a moment: what a source says of it may come late, be corrected or be taken back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Micros = npt.NDArray[np.int64]

# Later than any moment: it never came.
NEVER = np.iinfo(np.int64).max
_ALWAYS = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Leaving:
    """Versions of when customers left, the members of a person together and of each the oldest first, all [versions].

    `person`: place among `people` persons; `member`: number of the customer; `left` and `known` in microseconds since
    1970, `left` NEVER where a version says that the customer is there still.
    """

    people: int
    person: npt.NDArray[np.int64]
    member: npt.NDArray[np.int64]
    left: Micros
    known: Micros

    @classmethod
    def of(cls, versions: pa.Table, customers: pa.Array) -> Leaving:
        """From a table of features.leaving, whose persons are found in `customers`; others are left out.

        Without member_id each customer is a person; without known_us everything was always known.
        """
        names = versions.column_names
        place = pc.fill_null(pc.index_in(versions["customer_id"], value_set=customers), -1).to_numpy().astype(np.int64)
        members = versions["member_id" if "member_id" in names else "customer_id"].combine_chunks().dictionary_encode()
        left = pc.fill_null(versions["left_us"].cast(pa.int64()), NEVER).to_numpy()
        known = versions["known_us"].to_numpy() if "known_us" in names else np.full(left.size, _ALWAYS)
        numbers = members.indices.to_numpy().astype(np.int64)
        order = np.argsort(numbers, kind="stable")
        order = order[place[order] >= 0]
        return cls(len(customers), place[order], numbers[order], left[order], known[order])

    def known_by(self, moment_us: int) -> Micros:
        """When each person left, as known before the moment; NEVER else, and as one entry more for who has no place.

        Of each customer the last version known then counts; of several customers who are one person the last to leave.
        """
        result = np.full(self.people + 1, _ALWAYS)
        seen = np.flatnonzero(self.known < moment_us)
        member = self.member[seen]
        newest = seen[np.append(member[1:] != member[:-1], True)] if seen.size else seen
        np.maximum.at(result, self.person[newest], self.left[newest])
        return np.where(result == _ALWAYS, NEVER, result)

    @property
    def of_any(self) -> bool:
        """Whether any version gives a date of leaving."""
        return bool((self.left != NEVER).any())

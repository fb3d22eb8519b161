"""A keyed hash in the place of a customer's key: one person, one pseudonym, and no way back without the secret."""

import hmac
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_PREFIX = "p_"
_DIGITS = 16


@dataclass(frozen=True)
class Pseudonyms:
    """Pseudonyms of one workspace, made with its secret, and the way back for one published version at a time."""

    secret: bytes = field(repr=False)
    _sorted: dict[str, tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]] = field(default_factory=dict, repr=False)

    def of(self, customer_id: str) -> str:
        """The pseudonym of one customer: 64 bits in hexadecimal."""
        return _PREFIX + hmac.digest(self.secret, b"customer:" + customer_id.encode(), "sha256").hex()[:_DIGITS]

    def find(self, pseudonym: str, version: str, customer_ids: pa.ChunkedArray) -> str | None:
        """The customer of `version`'s table behind a pseudonym; None where there is none.

        The first call for a version hashes every customer (a microsecond each) and remembers 16 bytes for each.
        """
        if not pseudonym.startswith(_PREFIX) or len(pseudonym) != len(_PREFIX) + _DIGITS:
            return None
        try:
            wanted = int(pseudonym.removeprefix(_PREFIX), 16)
        except ValueError:
            return None
        hashes, rows = self._index(version, customer_ids)
        at = bisect_left(hashes, wanted)
        if at == len(hashes) or int(hashes[at]) != wanted:
            return None
        found: str = customer_ids[int(rows[at])].as_py()
        return found if self.of(found) == pseudonym else None

    def _index(
        self, version: str, customer_ids: pa.ChunkedArray
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        # Of one version there are fewer customers once some are hidden.
        version = f"{version} {len(customer_ids)}"
        if version not in self._sorted:
            numbers = (int(self.of(value).removeprefix(_PREFIX), 16) for value in _values(customer_ids))
            hashes = np.fromiter(numbers, dtype=np.uint64, count=len(customer_ids))
            order = np.argsort(hashes, kind="stable")
            self._sorted.clear()
            self._sorted[version] = (hashes[order], order)
        return self._sorted[version]


def _values(column: pa.ChunkedArray) -> "list[str]":
    values: list[str] = column.to_pylist()
    return values

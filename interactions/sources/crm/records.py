"""A page of records, as a service nests them, into rows with the same columns on every page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from interactions.sources.texts import flat
from workspace.errors import SourceError

_ABSENT = object()


class Rows:
    """Makes rows of one resource's records, and tells fields that have vanished.

    With `fields`, rows have those columns and no other, null where a record lacks one; without, every field of a record
    is a column. `first` names columns made of the first of several fields that says something. Of each of `needed`'s
    fields one at least must be in the records; other `fields` that no record of a page has are noted in `missing`.
    """

    def __init__(
        self,
        what: str,
        fields: Sequence[str],
        first: Mapping[str, Sequence[str]],
        needed: Mapping[str, Sequence[str]],
        cursor: str | None,
        keep_all: bool,
    ) -> None:
        self.what, self.fields, self.first, self.keep_all = what, tuple(fields), dict(first), keep_all
        self.needed = {**needed, **({"the cursor": (cursor,)} if cursor is not None else {})}
        self.missing: set[str] = set()
        self.rows = 0

    def page(self, records: Sequence[Any]) -> list[dict[str, Any]]:
        """The rows of a page.

        Raises SourceError when the records are no objects, or lack a field without which no row can be kept.
        """
        if any(not isinstance(record, dict) for record in records):
            raise SourceError(
                f"{self.what} has something else than records where its data should be. Check `data` in the options."
            )
        if records:
            self._check(records)
        self.rows += len(records)
        return [self._row(record) for record in records]

    def _check(self, records: Sequence[Mapping[str, Any]]) -> None:
        present = {field for field in self._watched() if any(_find(one, field) is not _ABSENT for one in records)}
        for column, fields in self.needed.items():
            if not present.intersection(fields):
                named = " or ".join(f"`{field}`" for field in fields)
                raise SourceError(
                    f"{self.what} no longer gives the field {named}, without which no row can be kept ({column}). "
                    "Give access to the field, or name another in the source's options."
                )
        self.missing |= set(self.fields) - present

    def _watched(self) -> set[str]:
        return {*self.fields, *(field for fields in self.needed.values() for field in fields)}

    def _row(self, record: Mapping[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = dict(flat(record)) if self.keep_all else {}
        for field in self.fields:
            found = _find(record, field)
            row[field] = None if found is _ABSENT else found
        for name, fields in self.first.items():
            found = (_find(record, field) for field in fields)
            row[name] = next((value for value in found if value not in (_ABSENT, None, "")), None)
        return row


def _find(record: Any, path: str) -> Any:
    """What a record holds at `outer.inner`: of several inner records the last; null inside what is null."""
    if isinstance(record, dict) and path in record:
        return record[path]
    here = record
    for name in path.split("."):
        if isinstance(here, list):
            here = here[-1] if here else None
        if here is None:
            return None
        if not isinstance(here, dict) or name not in here:
            return _ABSENT
        here = here[name]
    return here

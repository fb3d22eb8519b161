"""MongoDB's values as Python's own, without loss."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bson import Binary, Code, DatetimeMS, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp


def plain(value: Any) -> Any:
    """A BSON value as text would hold it: an ObjectId by its digits, a Date in UTC, a Decimal128 exact."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, Int64):
        return int(value)
    if isinstance(value, Decimal128):
        exact = value.to_decimal()
        return exact if exact.is_finite() else str(value)
    if isinstance(value, Binary):
        return str(value.as_uuid()) if value.subtype == 4 else bytes(value)
    if isinstance(value, ObjectId | Code):
        return str(value)
    if isinstance(value, Timestamp):
        return value.as_datetime()
    if isinstance(value, DatetimeMS):
        return int(value)
    if isinstance(value, Regex):
        return value.pattern
    if isinstance(value, DBRef):
        return plain(value.as_doc().to_dict())
    return None if isinstance(value, MinKey | MaxKey) else value


def queried(value: Any) -> list[Any]:
    """What a kept cursor value may have been in the collection: digits of an ObjectId, or text."""
    if isinstance(value, str) and ObjectId.is_valid(value) and len(value) == 24:
        return [ObjectId(value), value]
    return [Decimal128(value)] if isinstance(value, Decimal) else [value]

"""Cursors: where the next page begins, and of which version, so that no list mixes two."""

import base64
import binascii
import json

from workspace.errors import QueryError


def cursor_for(version: str, start: int) -> str:
    """A cursor for the rows from `start` on."""
    return base64.urlsafe_b64encode(json.dumps([version, start]).encode()).decode().rstrip("=")


def start_of(cursor: str | None, version: str) -> int:
    """The row a cursor points at; 0 without one.

    Raises QueryError for a cursor that is not ours, or of another version.
    """
    if cursor is None:
        return 0
    try:
        found, start = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, binascii.Error):
        raise QueryError("The cursor is not one this service gave. Leave it out to begin again.") from None
    if found != version:
        raise QueryError("A newer version was published since this list began. Leave the cursor out to begin again.")
    if not isinstance(start, int) or start < 0:
        raise QueryError("The cursor is not one this service gave. Leave it out to begin again.")
    return start

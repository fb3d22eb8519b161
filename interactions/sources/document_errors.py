"""What went wrong with MongoDB, in one sentence that holds neither a password nor a document's values."""

from __future__ import annotations

from workspace.errors import RapportError, SourceError

UNAUTHORIZED = 13
_CODES = {
    18: ("can't be read: the server refused the user or password", "Check both in the address"),
    UNAUTHORIZED: ("may not be read by this user", "Ask for the right to read it (role read)"),
    26: ("does not exist", "Correct `query_table`"),
    50: ("took longer than the server allows", "Ask for an index on the cursor, or for more time"),
    292: ("is too large for the server to sort", "Ask for an index on the cursor"),
}


def explained(error: BaseException, place: str) -> RapportError | None:
    """A clear error for one of pymongo's; None for one that isn't."""
    from bson.errors import BSONError
    from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError, ServerSelectionTimeoutError

    if isinstance(error, RapportError):
        return error
    if isinstance(error, ServerSelectionTimeoutError):
        return SourceError(f"{place} can't be reached. Check host and port in the address, and that the server runs.")
    if isinstance(error, ConnectionFailure):
        return SourceError(f"{place}: the connection broke off. Run it again; nothing is lost or doubled.")
    if isinstance(error, OperationFailure):
        code = error.code or 0
        what, advice = _CODES.get(code, ("can't be read", "Check it with MongoDB's own tools"))
        return SourceError(f"{place} {what} (error {code}). {advice}.")
    if isinstance(error, PyMongoError | BSONError):
        return SourceError(f"{place} can't be read ({type(error).__name__}). Check it with MongoDB's own tools.")
    return None

"""What went wrong with a database, in one sentence that holds neither a password nor a row's values."""

from __future__ import annotations

import re
from typing import Any

from workspace.errors import RapportError, SettingsError, SourceError

_ASK = "Check user and password in the address"
_GRANT = "Ask for the right to read it (GRANT SELECT)"
# By PostgreSQL's SQLSTATE and MySQL's error number: what it is, and what to do.
_CODES: dict[str, tuple[str, str]] = {
    "28P01": ("refused the user or password", _ASK),
    "28000": ("refused the user or password", _ASK),
    "3D000": ("does not exist there", "Correct its name in the address"),
    "42501": ("does not let this user read the table", _GRANT),
    "42P01": ("has no such table", "Correct `query_table`"),
    "25006": ("was asked to write, which Rapport never does", "Read a table or a view without side effects"),
    "57014": ("cancelled the query", "Raise its time limit for this user, or read a smaller table"),
    "1045": ("refused the user or password", _ASK),
    "1698": ("refused the user or password", _ASK),
    "1049": ("does not exist there", "Correct its name in the address"),
    "1044": ("does not let this user in", "Ask for the right to use it"),
    "1142": ("does not let this user read the table", _GRANT),
    "1143": ("does not let this user read a column of the table", _GRANT),
    "1146": ("has no such table", "Correct `query_table`"),
    "1040": ("has too many connections", "Try again later"),
    "2003": ("can't be reached", "Check host and port in the address, and that the server runs"),
    "2002": ("can't be reached", "Check host and port in the address, and that the server runs"),
    "2005": ("can't be reached", "Check host and port in the address, and that the server runs"),
    "2006": ("broke the connection off", "Run it again; nothing is lost or doubled"),
    "2013": ("broke the connection off", "Run it again; nothing is lost or doubled"),
}
# Where a driver gives no code: by its words, which are matched and never shown.
_WORDS: tuple[tuple[str, str], ...] = (
    (r"password authentication failed|no password supplied|authentication failed|Access denied", "28P01"),
    (r'database ".*" does not exist', "3D000"),
    (r"permission denied", "42501"),
    (r"no pg_hba.conf entry|role .* does not exist|not permitted to log in", "28000"),
    (r"refused|timeout|timed out|could not translate|resolve|unreachable|No route|no such file or directory", "2003"),
    (r"server closed the connection|connection .*(lost|closed|terminated)|terminating connection", "2006"),
    (r"no such table", "42P01"),
)


def explained(error: BaseException, place: str) -> RapportError | None:
    """A clear error for one of SQLAlchemy's or a driver's; None for one that isn't theirs."""
    import sqlalchemy as sa

    if isinstance(error, RapportError):
        return error
    if isinstance(error, sa.exc.NoSuchTableError):
        return SourceError(f"{place} has no table or view of that name that this user may see. Correct `query_table`.")
    if isinstance(error, sa.exc.NoSuchModuleError | ImportError):
        return SettingsError(f"{place} needs a driver that is not installed. Install it beside Rapport, or correct it.")
    if isinstance(error, sa.exc.ArgumentError):
        return SettingsError(f"{place}: the address can't be used. Correct it.")
    if isinstance(error, sa.exc.DBAPIError):
        return _of_driver(error.orig, place)
    if isinstance(error, sa.exc.SQLAlchemyError):
        return SourceError(f"{place} can't be read ({type(error).__name__}). Check the table with its own tools.")
    return None


def _of_driver(error: Any, place: str) -> SourceError:
    code = _code(error)
    what, advice = _CODES.get(code, ("stopped the reading", "Check the table with the database's own tools"))
    shown = f" ({type(error).__name__}{f' {code}' if code else ''})"
    return SourceError(f"{place} {what}{shown}. {advice}.")


def _code(error: Any) -> str:
    """SQLSTATE or error number; where there is none, the one of the same meaning by the driver's words."""
    number = error.args[0] if getattr(error, "args", ()) else None
    code = str(number) if isinstance(number, int) else getattr(error, "sqlstate", None)
    if code:
        return code
    words = str(error)
    return next((known for pattern, known in _WORDS if re.search(pattern, words, re.IGNORECASE)), "")

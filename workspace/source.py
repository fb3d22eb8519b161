"""A source named in rapport.toml: what kind it is, where its rows are, and which table of ours they fill."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal[
    "files", "postgresql", "mysql", "sqlite", "database", "mongodb", "salesforce", "zoho", "dynamics", "rest"
]
KINDS: tuple[str, ...] = get_args(Kind)
DATABASES = ("postgresql", "mysql", "sqlite", "database")

_NEEDED = {"files": ("path", "table"), "mongodb": ("url_env", "table")} | dict.fromkeys(DATABASES, ("url_env", "table"))
_LAG = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}


class Source(BaseModel):
    """One [sources.NAME]; `url_env` names the environment variable that holds the address with its password."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Kind
    path: str | None = None
    url_env: str | None = None
    table: str | None = None
    query_table: str | None = None
    cursor: str | None = None
    cursor_lag: str | int | float | None = None
    mapping: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Source:
        missing = [name for name in _NEEDED.get(self.type, ()) if getattr(self, name) is None]
        if missing:
            raise ValueError(f"type `{self.type}` needs `{missing[0]}`")
        if self.url_env is not None and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", self.url_env):
            raise ValueError("url_env is the name of an environment variable, such as CRM_URL, not the address itself")
        self._check_cursor()
        return self

    def _check_cursor(self) -> None:
        databases = (*DATABASES, "mongodb")
        for name in ("query_table", "cursor", "cursor_lag"):
            if getattr(self, name) is not None and self.type not in databases:
                raise ValueError(f"`{name}` is for {', '.join(databases)}, not for `{self.type}`")
        if self.cursor_lag is None:
            return
        if self.cursor is None:
            raise ValueError("`cursor_lag` says how far before the cursor to look again; it needs a `cursor`")
        if isinstance(self.cursor_lag, str) and not _LAG.fullmatch(self.cursor_lag.strip()):
            raise ValueError('`cursor_lag` is a number, or a time such as "90s", "30min", "6h" or "2d"')
        if not isinstance(self.cursor_lag, str) and self.cursor_lag < 0:
            raise ValueError("`cursor_lag` is a number from 0 on")

    @property
    def lag(self) -> timedelta | float | None:
        """How far before the cursor rows are looked at again: a time, or a number for a cursor that counts."""
        if not isinstance(self.cursor_lag, str):
            return self.cursor_lag
        found = _LAG.fullmatch(self.cursor_lag.strip())
        assert found is not None
        return timedelta(seconds=float(found[1]) * _SECONDS[found[2]])

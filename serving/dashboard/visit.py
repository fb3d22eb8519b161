"""One look at a page: who looks, at which version, in which language, and what the address asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from serving.callers import Caller
from serving.dashboard.formats import Formats
from serving.parameters import day
from serving.snapshot import Snapshot
from workspace.errors import QueryError
from workspace.state import State

# What the names of the columns say, where no model says otherwise.
RISK_DAYS = [30, 60, 90]


@dataclass(frozen=True)
class Visit:
    """What a view is given. `query` holds the address's parameters, `path` the parts of its path."""

    snapshot: Snapshot
    caller: Caller
    language: str
    state: State
    query: Mapping[str, str]
    path: Mapping[str, str]

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.snapshot.company["timezone"])

    @cached_property
    def formats(self) -> Formats:
        return Formats(self.language, self.zone, self.snapshot.company["currency"])

    @property
    def scope(self) -> tuple[str, str | None, str]:
        """What figures depend on beside the question: version, whose customers, language."""
        return self.snapshot.version, self.caller.only_owner, self.language

    @property
    def risk_days(self) -> list[int]:
        """The days that churn_30, churn_60 and churn_90 stand for."""
        churn = self.snapshot.churn
        return churn.risk_days if churn is not None else RISK_DAYS

    @property
    def risk_columns(self) -> dict[int, str]:
        """The column of each horizon, no days twice where the model has fewer than three."""
        return dict(zip(self.risk_days, ("churn_30", "churn_60", "churn_90"), strict=True))

    def text(self, name: str) -> str | None:
        """A parameter's text, at most 200 characters; an empty one, as forms send it, counts as left out."""
        value = self.query.get(name, "")
        if len(value) > 200 or "\x00" in value:
            raise QueryError(f"`{name}` must be a text of at most 200 characters.")
        return value or None

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str | None:
        """A parameter that is one of a few words. Raises QueryError for another."""
        value = self.text(name)
        if value is not None and value not in choices:
            raise QueryError(f"`{name}` must be one of: {', '.join(choices)}.")
        return value or default

    def share(self, name: str) -> float:
        """A parameter on [0, 1], 0 when left out. Raises QueryError for anything else."""
        written = self.text(name)
        try:
            value = float(written) if written is not None else 0.0
        except ValueError:
            value = -1.0
        if not 0.0 <= value <= 1.0:
            raise QueryError(f"`{name}` must be a number from 0 to 1.")
        return value

    def day(self, name: str) -> date | None:
        """A parameter that is a day such as 2026-01-31. Raises QueryError for anything else."""
        written = self.text(name)
        try:
            return day(written) if written is not None else None
        except ValueError:
            raise QueryError(f"`{name}` must be a day such as 2026-01-31, from 1900 to 2199.") from None

    def named(self, row: Mapping[str, object], prefix: str) -> str | None:
        """The name in the visitor's language from `prefix`_en and `prefix`_zh."""
        value = row.get(f"{prefix}_{self.language}")
        return None if value is None else str(value)

"""Scores of histories that come in by request: the same features and the same function as in batch, bit for bit."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from serving.answer_memory import answering
from serving.answers.forms import parsed_list, plain
from serving.explanations import explained
from serving.histories import WINDOW, History, row_key, tables
from workspace.errors import PublishedError
from workspace.settings import Limits
from workspace.tables import TABLES

if TYPE_CHECKING:
    from training.bundle.churn import ChurnModel
    from training.bundle.expected_value import ValueModel
    from training.bundle.segments import SegmentModel

_SCORES = (
    "active",
    "churn_30",
    "churn_60",
    "churn_90",
    "risk_band",
    "median_days",
    "value",
    "expected_value",
    "satisfaction",
    "segment_id",
)
# Those of features.history.HISTORY_TABLES, which takes Ibis to import.
_HISTORY = ("customers", "interactions", "message_signals", "orders", "surveys")


class Scorer:
    """Scores with one published version's models and compiled features, one request at a time."""

    def __init__(
        self,
        features_sql: str,
        churn: ChurnModel | None,
        segments: SegmentModel | None,
        limits: Limits | None = None,
        worth: ValueModel | None = None,
    ) -> None:
        self._sql = features_sql
        self._limits = limits or Limits()
        self._churn = churn
        self._segments = segments
        self._worth = worth
        self._lock = threading.Lock()
        self._connection: Any = None

    def features(self, histories: Sequence[History], cutoff: datetime) -> pa.Table:
        """The feature table of histories as known before the cutoff; those without an event are left out.

        Raises TooMuch where they need more memory than an answer may.
        """
        from interactions.cleaning.text import signals  # nltk and the word lists load with the first text

        return self.features_of(tables(histories, cutoff, signals))

    def features_of(self, given: Mapping[str, pa.Table]) -> pa.Table:
        """The feature table of the tables that serving.histories.tables makes. Raises TooMuch as `features` does."""
        with self._lock, answering(self._limits):
            connection = self._opened()
            try:
                for name, table in given.items():
                    connection.register("given", table)
                    connection.execute(f'INSERT INTO "{name}" FROM given')
                    connection.unregister("given")
                found: pa.Table = connection.sql("EXECUTE features").to_arrow_table()
            finally:
                for name in given:
                    connection.execute(f'TRUNCATE "{name}"')
        return _as_declared(found)

    def score(self, histories: Sequence[History], cutoff: datetime) -> list[dict[str, Any]]:
        """Scores with reasons for each history, in their order; `scored` is false where no event precedes the cutoff.

        What has no model is null. Raises PublishedError when the published version has neither.
        """
        if self._churn is None and self._segments is None:
            raise PublishedError("The published version has neither a churn nor a segment model. Run `rapport train`.")
        from training.bundle.scoring import score

        features = self.features(histories, cutoff)
        left = _left(histories, cutoff)
        scores = score(features, self._churn, self._segments, self._worth, left).to_pylist()
        scored = {row["customer_id"]: self._shown(row) for row in scores}
        return [
            {
                "customer_id": history.customer_id if history.customer_id is not None else str(number),
                "scored": row_key(number) in scored,
                **scored.get(row_key(number), _unknown()),
            }
            for number, history in enumerate(histories)
        ]

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        event = self._churn.event if self._churn is not None else None
        name = (self._segments.names if self._segments is not None else {}).get(row["segment_id"], {})
        return {
            **{column: plain(row[column]) for column in _SCORES},
            "segment_name_en": name.get("en"),
            "segment_name_zh": name.get("zh"),
            "reasons": [explained(reason, event) for reason in parsed_list(row["reasons"])],
            "risk_parts": _parts(row),
        }

    def _opened(self) -> Any:
        if self._connection is None:
            from workspace.engine import locked_down

            connection = locked_down(self._limits.answer_memory)
            for name, schema in (*((name, TABLES[name].schema) for name in _HISTORY), ("window", WINDOW)):
                connection.register("given", schema.empty_table())
                connection.execute(f'CREATE TABLE "{name}" AS FROM given')
                connection.unregister("given")
            # Planned once: for a single history that takes ten times as long as running it.
            connection.execute(f"PREPARE features AS {self._sql}")
            self._connection = connection
        return self._connection


def _left(histories: Sequence[History], cutoff: datetime) -> list[str]:
    """The histories whose customer left before the cutoff."""
    told = ((number, history.customer.left_at) for number, history in enumerate(histories) if history.customer)
    return [row_key(number) for number, left_at in told if left_at is not None and left_at < cutoff]


def _unknown() -> dict[str, Any]:
    return {
        **dict.fromkeys(_SCORES),
        "segment_name_en": None,
        "segment_name_zh": None,
        "reasons": [],
        "risk_parts": None,
    }


def _parts(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the effects of the reasons are counted from, and all other effects: with them they are the risk."""
    return None if row["risk_start"] is None else {"start": row["risk_start"], "others": row["risk_others"]}


def _as_declared(found: pa.Table) -> pa.Table:
    from workspace.tables import CUSTOMER_FEATURES

    return found.select(CUSTOMER_FEATURES.schema.names).cast(CUSTOMER_FEATURES.schema)

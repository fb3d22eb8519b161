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
from serving.histories import History, row_key, tables
from workspace.errors import PublishedError
from workspace.settings import Limits

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

        given = tables(histories, cutoff, signals)
        with self._lock, answering(self._limits):
            connection = self._opened()
            for name, table in given.items():
                connection.register(name, table)
            try:
                found: pa.Table = connection.sql(self._sql).to_arrow_table()
            finally:
                for name in given:
                    connection.unregister(name)
        return _as_declared(found)

    def score(self, histories: Sequence[History], cutoff: datetime) -> list[dict[str, Any]]:
        """Scores with reasons for each history, in their order; `scored` is false where no event precedes the cutoff.

        What has no model is null. Raises PublishedError when the published version has neither.
        """
        if self._churn is None and self._segments is None:
            raise PublishedError("The published version has neither a churn nor a segment model. Run `rapport train`.")
        from training.bundle.scoring import score

        features = self.features(histories, cutoff)
        scores = score(features, self._churn, self._segments, self._worth).to_pylist()
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
        name = (self._segments.names if self._segments is not None else {}).get(row["segment_id"], {})
        return {
            **{column: plain(row[column]) for column in _SCORES},
            "segment_name_en": name.get("en"),
            "segment_name_zh": name.get("zh"),
            "reasons": [explained(reason) for reason in parsed_list(row["reasons"])],
            "risk_parts": _parts(row),
        }

    def _opened(self) -> Any:
        if self._connection is None:
            from workspace.engine import locked_down

            self._connection = locked_down(self._limits.answer_memory)
        return self._connection


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

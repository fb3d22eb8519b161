"""Scores of histories that come in by request: the same features and the same function as in batch, bit for bit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from serving.answer_memory import answering
from serving.answers.forms import parsed_list, plain
from serving.explanations import explained
from serving.gathering import Gathering
from serving.held_tables import HeldTables
from serving.histories import History
from serving.history_tables import WINDOW, row_key, tables
from serving.remembered_signals import signals
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
    """Scores with one published version's models and compiled features."""

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
        self._gathering = Gathering(self.scores)
        self._engine: tuple[Any, HeldTables] | None = None

    def features(self, histories: Sequence[History], cutoffs: Sequence[datetime]) -> pa.Table:
        """The feature table of histories, each as known before its cutoff; those without an event are left out.

        Raises TooMuch where they need more memory than an answer may.
        """
        return self.features_of(tables(histories, cutoffs, signals))

    def features_of(self, given: Mapping[str, pa.Table]) -> pa.Table:
        """The feature table of the tables that serving.histories.tables makes. Raises TooMuch as `features` does."""
        with self._lock, answering(self._limits):
            connection, held = self._opened()
            try:
                held.hold(given)
                found: pa.Table = connection.sql("EXECUTE features").to_arrow_table()
            finally:
                held.empty()
        return _as_declared(found)

    async def score(self, histories: Sequence[History], cutoff: datetime) -> list[dict[str, Any]]:
        """What `scores` gives, computed together with what other requests wait for; no name: called by its place."""
        self._check_models()
        found = await asyncio.wrap_future(self._gathering.ask(histories, cutoff))
        return [
            row if row["customer_id"] is not None else {**row, "customer_id": str(n)} for n, row in enumerate(found)
        ]

    def scores(self, histories: Sequence[History], cutoffs: Sequence[datetime]) -> list[dict[str, Any]]:
        """Scores with reasons for each history, in their order; `scored` is false where no event precedes its cutoff.

        `customer_id` as given. What has no model is null. Raises PublishedError when the published version has neither.
        """
        self._check_models()
        from training.bundle.scoring import score

        features = self.features(histories, cutoffs)
        left = _left(histories, cutoffs)
        scores = score(features, self._churn, self._segments, self._worth, left).to_pylist()
        scored = {row["customer_id"]: self._shown(row) for row in scores}
        return [
            {
                "customer_id": history.customer_id,
                "scored": row_key(number) in scored,
                **scored.get(row_key(number), _unknown()),
            }
            for number, history in enumerate(histories)
        ]

    def _check_models(self) -> None:
        if self._churn is None and self._segments is None:
            raise PublishedError("The published version has neither a churn nor a segment model. Run `rapport train`.")

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

    def _opened(self) -> tuple[Any, HeldTables]:
        if self._engine is None:
            from workspace.engine import locked_down

            connection = locked_down(self._limits.answer_memory)
            schemas = {name: TABLES[name].schema for name in _HISTORY}
            held = HeldTables(connection, {**schemas, "window": WINDOW})
            # Planned once: for a single history that takes four times as long as running it.
            connection.execute(f"PREPARE features AS {self._sql}")
            self._engine = connection, held
        return self._engine


def _left(histories: Sequence[History], cutoffs: Sequence[datetime]) -> list[str]:
    """The histories whose customer left before the cutoff."""
    told = (
        (number, history.customer.left_at, cutoff)
        for number, (history, cutoff) in enumerate(zip(histories, cutoffs, strict=True))
        if history.customer
    )
    return [row_key(number) for number, left_at, cutoff in told if left_at is not None and left_at < cutoff]


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

"""Contacts that come in by request, one by one: what may be said about them, and what goes into the journal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, FailFast, Field, model_validator
from pydantic.dataclasses import dataclass
from pydantic_core import PydanticCustomError

from interactions.cleaning.masking import masked
from serving.answers.forms import moment
from serving.histories import STRICT, Contact, Key, Moment, Text, Word, not_empty

MAX_EVENTS = 1000
# Clocks differ; what lies further ahead has not happened.
AHEAD = timedelta(minutes=5)
_TEXTS = ("content", "response_content")


def _happened(at: datetime) -> datetime:
    if at > datetime.now(UTC) + AHEAD:
        raise ValueError("lies in the future")
    return at


Past = Annotated[Moment, AfterValidator(_happened)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class LiveInteraction(Contact):
    """One contact that happened, in the words of the interactions table; durations in seconds."""

    interaction_id: Key | None = Field(
        None, description="the contact's key: sent again it counts once; without one, equal contacts count once"
    )
    customer_id: Key | None = Field(None, description="null: an unidentified caller")
    occurred_at: Past
    responded_at: Past | None = None
    response_content: Text | None = None
    resolved_at: Past | None = None
    rated_at: Past | None = None
    agent_id: Word | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for name in ("responded_at", "resolved_at", "rated_at"):
            at = getattr(self, name)
            if at is not None and at < self.occurred_at:
                raise ValueError(f"{name} lies before occurred_at")
        return self

    def event(self) -> dict[str, Any]:
        """The columns of the interactions table as JSON has them, personal marks in texts masked, the key given."""
        said = {name: _as_json(value) for name, value in self.columns().items()}
        said |= {name: masked(said[name]) for name in _TEXTS if said[name] is not None}
        return said if said["interaction_id"] is not None else {**said, "interaction_id": _key_of(said)}


class LiveInteractions(BaseModel, extra="forbid", frozen=True):
    """Contacts to add: a list of them, or one alone in its place."""

    interactions: Annotated[tuple[LiveInteraction, ...], FailFast(), AfterValidator(not_empty)] = Field(
        max_length=MAX_EVENTS, json_schema_extra={"minItems": 1}
    )

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, given: Any) -> Any:
        if isinstance(given, list):
            given = {"interactions": given}
        listed = given.get("interactions") if isinstance(given, dict) else None
        if isinstance(listed, list) and len(listed) > MAX_EVENTS:
            # Before each is looked at: hundreds of thousands of mistakes take seconds to tell.
            raise PydanticCustomError("too_many", f"may hold {MAX_EVENTS:,} interactions at most")
        return {"interactions": [given]} if isinstance(given, dict) and "occurred_at" in given else given


def columns_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of the interactions table again, of an event that the journal kept."""
    return {name: datetime.fromisoformat(value) if _is_moment(name, value) else value for name, value in event.items()}


def _is_moment(name: str, value: Any) -> bool:
    return name.endswith("_at") and value is not None


def _as_json(value: Any) -> Any:
    return moment(value) if isinstance(value, datetime) else value


def _key_of(event: Mapping[str, Any]) -> str:
    text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"live-{hashlib.sha256(text.encode()).hexdigest()[:32]}"

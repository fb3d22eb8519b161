"""The shapes of what is said about erasures."""

from typing import Literal

from typing_extensions import TypedDict


class TrainedOn(TypedDict):
    kind: str
    bundle: str
    cutoff: str
    champion: bool


class Receipt(TypedDict):
    erasure_id: str
    status: Literal["erasing", "complete"]
    requested_at: str
    requested_by: str
    rewritten_at: str | None
    completed_at: str | None
    removed: dict[str, int]
    models: list[TrainedOn]
    message_en: str
    message_zh: str

"""The shapes of what is said about exports."""

from typing_extensions import TypedDict


class Filters(TypedDict):
    segment: str | None
    min_risk: float | None
    owner: str | None


class Export(TypedDict):
    export_id: str
    version: str
    cutoff: str
    created_at: str
    created_by: str
    role: str
    filters: Filters
    purpose: str
    campaign: str
    holdout: float
    matching: int
    left_out_without_consent: int
    sent: int
    held_out: int
    format: str
    file_sha256: str
    file_bytes: int
    message_en: str
    message_zh: str


class LiftGroup(TypedDict):
    customers: int
    with_outcome: int | None
    share: float | None
    interval: list[float] | None


class Lift(TypedDict):
    export_id: str
    version: str
    cutoff: str
    outcome: str
    days: int
    since: str
    until: str
    status: str
    sent: LiftGroup
    held_out: LiftGroup
    difference: float | None
    interval: list[float] | None
    message_en: str
    message_zh: str

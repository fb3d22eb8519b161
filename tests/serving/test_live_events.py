"""What may be said about a contact that just happened, and how it goes into the journal and out of it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from serving.live_events import LiveInteractions, columns_of

MOMENT = {"occurred_at": "2026-10-01T08:00:00Z", "channel": "phone"}


def events(body: Any) -> list[dict[str, Any]]:
    return [one.event() for one in LiveInteractions.model_validate_json(json.dumps(body)).interactions]


def test_one_alone_a_list_and_a_list_by_its_name_are_the_same() -> None:
    assert events(MOMENT) == events([MOMENT]) == events({"interactions": [MOMENT]})


def test_without_a_key_equal_contacts_have_the_same_one() -> None:
    first, second, other = events([MOMENT, MOMENT, {**MOMENT, "customer_id": "c"}])
    assert first["interaction_id"] == second["interaction_id"] != other["interaction_id"]


def test_moments_come_back_as_they_were_and_durations_in_milliseconds() -> None:
    said = {**MOMENT, "occurred_at": "2026-10-01T10:00:00.000001+02:00", "wait_seconds": 1.5, "satisfaction": 4}
    (event,) = events(said)
    columns = columns_of(json.loads(json.dumps(event)))
    assert columns["occurred_at"] == datetime(2026, 10, 1, 8, 0, 0, 1, tzinfo=UTC)
    assert (columns["wait_ms"], columns["duration_ms"], columns["satisfaction"]) == (1500, None, 4)
    assert columns["responded_at"] is None


def test_personal_marks_in_texts_never_reach_the_journal() -> None:
    (event,) = events({**MOMENT, "content": "call me: 138 1234 5678", "response_content": "wrote to anna@example.com"})
    assert (event["content"], event["response_content"]) == ("call me: ⟨phone⟩", "wrote to ⟨email⟩")


@pytest.mark.parametrize(
    "wrong",
    [
        {"occurred_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
        {"occurred_at": "2026-10-01T08:00:00"},
        {"resolved_at": "2026-10-01T07:59:59Z"},
        {"channel": "pigeon"},
        {"satisfaction": 6},
        {"mood": "good"},
        {"interaction_id": ""},
    ],
    ids=["the future", "no zone", "resolved before asked", "channel", "rating", "unknown field", "empty key"],
)
def test_what_can_not_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        events({**MOMENT, **wrong})


def test_none_and_too_many_are_refused() -> None:
    for body in ([], [MOMENT] * 1001):
        with pytest.raises(ValidationError):
            events(body)

"""A person known under several ids: asked for any of them, everything about the person."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from interactions.cleaning import identity
from serving.answers.customers import customer, key_of
from serving.callers import Caller
from serving.errors import NotFound
from serving.publish import publish
from serving.snapshot import Snapshot, load
from training.score import score
from workspace.folder import Workspace
from workspace.tables import IDENTITY_LINKS

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture
def pair(snapshot: Snapshot) -> tuple[str, str]:
    """Two scored customers of different reps."""
    people = [
        row for row in snapshot.tables["customers"].to_pylist() if snapshot.row("customer_scores", row["customer_id"])
    ]
    one = people[0]
    other = next(row for row in people if row["owner"] != one["owner"])
    return one["customer_id"], other["customer_id"]


def _linked(workspace: Workspace, person: str, other: str) -> Snapshot:
    row = {"customer_id": other, "person_id": person, "known_at": LONG_AGO, "how": "email", "linked_to": person}
    links = pa.Table.from_pylist([{**row, "undone_at": None}], schema=IDENTITY_LINKS.schema)
    workspace.lake.append("identity_links", links)
    score(workspace)
    return load(workspace.folder, publish(workspace))


def test_any_of_their_ids_shows_the_person(
    own_workspace: Workspace, snapshot: Snapshot, callers: dict[str, Caller], pair: tuple[str, str]
) -> None:
    person, other = pair
    apart = [customer(snapshot, callers["admin"], name) for name in pair]
    assert [answer["linked_customers"] for answer in apart] == [[], []]
    joined = _linked(own_workspace, person, other)
    answer = customer(joined, callers["admin"], other)
    assert answer == customer(joined, callers["admin"], person)
    assert (answer["customer_id"], answer["linked_customers"]) == (person, [other])
    assert answer["timeline_total"] == sum(one["timeline_total"] for one in apart)
    assert answer["features"]["frequency"] == sum(one["features"]["frequency"] for one in apart)
    assert joined.row("customer_scores", other) is None
    assert key_of(joined, callers["admin"], other) == person
    analyst = customer(joined, callers["analyst"], callers["analyst"].label(other))
    assert analyst["linked_customers"] == [callers["analyst"].label(other)]


@pytest.mark.slow
def test_the_rep_of_the_person_sees_them_and_no_other(
    own_workspace: Workspace, snapshot: Snapshot, callers: dict[str, Caller], pair: tuple[str, str]
) -> None:
    joined = _linked(own_workspace, *pair)
    owners = [str(snapshot.row("customers", name)["owner"]) for name in pair]  # type: ignore[index]
    ours, theirs = (Caller("rep", "sales", owner) for owner in owners)
    assert customer(joined, ours, pair[1])["customer_id"] == pair[0]
    for name in pair:
        with pytest.raises(NotFound):
            customer(joined, theirs, name)


@pytest.mark.slow
def test_contacts_under_another_id_count_in_the_segment_of_the_person(
    own_workspace: Workspace, pair: tuple[str, str]
) -> None:
    joined = _linked(own_workspace, *pair)
    segment = joined.row("customer_scores", pair[0])["segment_id"]  # type: ignore[index]
    assert set(joined.rows("interactions", pair[1])["segment_id"].to_pylist()) == {segment}


@pytest.mark.slow
def test_undone_everything_is_published_as_before(
    own_workspace: Workspace, snapshot: Snapshot, pair: tuple[str, str]
) -> None:
    identity.link(own_workspace)
    identity.join(own_workspace, *pair)
    identity.undo(own_workspace, pair[1])
    score(own_workspace)
    assert publish(own_workspace) == snapshot.version

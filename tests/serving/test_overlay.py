"""A few rows over a version's: read as one with them, replaced as one."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from serving import overlay
from serving.overlay import Overlay, over

SCORES = pa.table({"customer_id": ["a", "c", "e"], "score": [1.0, 3.0, 5.0]})
UNTIL = datetime(2026, 10, 1, tzinfo=UTC)


def scores(rows: dict[str, float]) -> pa.Table:
    return pa.table({"customer_id": list(rows), "score": list(rows.values())}, SCORES.schema)


def laid(position: int = 1, **tables: pa.Table) -> Overlay:
    return Overlay("v1", position, UNTIL, tables)


def test_rows_take_their_customers_places_and_new_ones_come_between() -> None:
    found = over(SCORES, scores({"A": 0.0, "c": 3.5, "d": 4.0, "z": 9.0}))
    assert found.to_pydict() == {
        "customer_id": ["A", "a", "c", "d", "e", "z"],
        "score": [0.0, 1.0, 3.5, 4.0, 5.0, 9.0],
    }
    assert over(SCORES, scores({})).equals(SCORES)


def test_a_customers_contacts_lie_in_order_with_the_live_ones_in_their_places() -> None:
    def contacts(*rows: tuple[int, str]) -> pa.Table:
        at = [datetime(2026, 10, day, tzinfo=UTC) for day, _ in rows]
        keys = [key for _, key in rows]
        return pa.table({"customer_id": ["a"] * len(rows), "occurred_at": at, "interaction_id": keys})

    published = contacts((1, "x"), (3, "y"), (5, "z"))
    found = laid(interactions=contacts((2, "y"), (4, "new"))).merged("interactions", "a", published)
    assert found["interaction_id"].to_pylist() == ["x", "y", "new", "z"]
    assert laid(interactions=contacts()).merged("interactions", "a", published) is published
    assert laid(orders=contacts()).merged("surveys", "a", published) is published


def test_what_was_written_last_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    assert overlay.current(folder) is None
    for position in (1, 2):
        overlay.write(folder, laid(position, customer_scores=scores({"a": float(position)})))
    name = overlay.current(folder)
    assert name is not None
    found = overlay.read(folder, name)
    assert found is not None
    assert (found.version, found.position, found.until) == ("v1", 2, UNTIL)
    assert found.rows("customer_scores", "a")["score"].to_pylist() == [2.0]
    assert overlay.read(folder, "gone") is None

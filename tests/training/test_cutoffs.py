from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.bundle.hazard import steps
from training.cutoffs import default_cutoff, plan, steps_for
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace, open_workspace
from workspace.tables import TABLES

AS_OF = datetime(2026, 7, 1, 16, tzinfo=UTC)


@given(
    st.integers(5, 2000),
    st.sampled_from([(30, 60, 90), (7, 14, 28), (90,), (273,), (1, 2)]),
    st.sampled_from([31, 365]),
)
def test_every_label_is_complete_in_time(history: int, horizons: tuple[int, ...], observation: int) -> None:
    first = AS_OF - timedelta(days=history)
    cut = steps_for(first, AS_OF, horizons)
    try:
        moments = plan(first, AS_OF, cut, observation)
    except NotEnoughHistoryError:
        assert history < cut.longest * 5 / 3 or history - cut.longest < 4
        return
    step = timedelta(days=cut.edges[1])
    assert moments.judged == AS_OF - timedelta(days=cut.longest)
    assert 1 <= len(moments.before) <= 8
    assert list(moments.before) == sorted(moments.before)
    assert moments.before[-1] + step <= moments.judged
    assert moments.before[0] > first
    assert moments.after[0] == moments.judged
    assert moments.after[-1] + step <= AS_OF


def test_two_years_give_eight_cutoffs_a_month_apart() -> None:
    moments = plan(AS_OF - timedelta(days=730), AS_OF, steps((30, 60, 90)), 365)
    assert len(moments.before) == 8
    assert len(moments.after) == 3
    assert moments.spacing_days == 30


def test_two_months_are_enough_for_short_horizons() -> None:
    moments = plan(AS_OF - timedelta(days=59), AS_OF, steps((7, 14, 28)), 31)
    assert len(moments.before) >= 3


def test_a_month_is_enough_for_a_month_in_weeks() -> None:
    first = AS_OF - timedelta(days=59)
    cut = steps_for(first, AS_OF, (28,))
    assert cut.edges == (0, 7, 14, 21, 28)
    assert len(plan(first, AS_OF, cut, 31).before) >= 6


def test_too_short_a_history_says_what_is_needed() -> None:
    with pytest.raises(NotEnoughHistoryError, match=r"needs 150 days of history; found 100.*Collect older"):
        plan(AS_OF - timedelta(days=100), AS_OF, steps((30, 60, 90)), 365)


def workspace_with(tmp_path: Path, contacts: list[dict[str, object]]) -> Workspace:
    workspace = open_workspace(tmp_path / "workspace", create=True)
    rows = [{"interaction_id": str(n), "channel": "phone", **row} for n, row in enumerate(contacts)]
    workspace.lake.append("interactions", pa.Table.from_pylist(rows, TABLES["interactions"].schema))
    return workspace


def test_the_default_cutoff_is_the_midnight_after_the_last_sign_of_life(tmp_path: Path) -> None:
    collected = datetime(2026, 5, 10, tzinfo=UTC)
    contacts: list[dict[str, object]] = [
        # 20:00 UTC is 04:00 of the next day in Shanghai.
        {"occurred_at": datetime(2026, 5, 1, 20, tzinfo=UTC), "collected_at": collected},
        {"occurred_at": datetime(2026, 5, 5, tzinfo=UTC), "collected_at": collected, "direction": "outbound"},
        {"occurred_at": datetime(2026, 5, 6, tzinfo=UTC), "collected_at": collected, "is_automated": True},
        {"occurred_at": datetime(2206, 5, 1, tzinfo=UTC), "collected_at": collected},
    ]
    cutoff = default_cutoff(workspace_with(tmp_path, contacts))
    assert cutoff == datetime(2026, 5, 2, 16, tzinfo=UTC)
    assert cutoff.tzinfo == UTC


def test_an_event_at_midnight_is_before_the_cutoff(tmp_path: Path) -> None:
    midnight = datetime(2026, 4, 30, 16, tzinfo=UTC)
    contacts: list[dict[str, object]] = [{"occurred_at": midnight, "collected_at": midnight}]
    assert default_cutoff(workspace_with(tmp_path, contacts)) == midnight + timedelta(days=1)
    assert (midnight + timedelta(hours=8)).date() == date(2026, 5, 1)


def test_no_event_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughHistoryError, match="at least one contact or order"):
        default_cutoff(open_workspace(tmp_path / "workspace", create=True))

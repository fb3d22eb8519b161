"""Readiness agrees with what training then finds, and has a clear answer for any data, none included."""

from collections.abc import Callable
from pathlib import Path

import pytest

from training.bundle import store
from training.promotion import champion
from training.readiness import Readiness, readiness
from training.trained import Trained
from workspace.folder import Workspace, open_workspace

Received = Callable[..., Workspace]


@pytest.fixture(scope="module")
def seen(trained: tuple[Workspace, list[Trained]]) -> Readiness:
    return readiness(trained[0])


def test_the_expected_grade_is_that_of_training(seen: Readiness, trained: tuple[Workspace, list[Trained]]) -> None:
    workspace, models = trained
    (churn,) = (one for one in models if one.kind == "churn")
    assert seen.expected is not None
    assert seen.expected.grade == churn.grade
    bundle = champion(workspace, "churn")
    assert bundle is not None
    manifest = store.read(workspace.bundles, bundle).manifest
    assert seen.expected.gain == manifest["gain"]
    assert list(seen.expected.interval) == pytest.approx(manifest["gain_interval"])
    last = seen.found.horizons[-1]
    assert (last.active, last.churned) == (churn.metrics["customers"], churn.metrics["churners"])


def test_the_summary_says_it_in_a_line(seen: Readiness) -> None:
    assert seen.summary == (
        f"{seen.found.active:,} active customers, {seen.found.horizons[-1].churned} of "
        f"{seen.found.horizons[-1].active:,} churned in 90 days, a year and more; expected grade "
        f"{seen.expected and seen.expected.grade}."
    )
    assert [one.horizon_days for one in seen.found.horizons] == [30, 60, 90]
    assert 0 < seen.found.active <= seen.found.customers


def test_looking_writes_nothing(trained: tuple[Workspace, list[Trained]], seen: Readiness) -> None:
    assert list(trained[0].temp.iterdir()) == []
    assert seen.to_dict()["seconds"] < 60


def test_an_empty_workspace_is_not_enough_for_anything(tmp_path: Path) -> None:
    found = readiness(open_workspace(tmp_path / "company", create=True))
    assert {need.verdict for need in found.needs} == {"not enough"}
    assert found.to_dict()["as_of"] is None
    assert "rapport collect" in found.no_grade


def test_twenty_rows_get_an_answer(received: Received) -> None:
    lines = [f"C{row % 5},2026-03-{row % 20 + 1:02d} 10:00,phone" for row in range(20)]
    found = readiness(received("interactions", ["customer_id,occurred_at,channel", *lines]))
    assert (found.found.customers, found.found.interactions) == (5, 20)
    assert found.expected is None
    assert "needs" in found.no_grade
    assert "no grade yet" in found.summary


@pytest.mark.slow
def test_orders_alone_count_as_life(received: Received) -> None:
    lines = [f"C{row % 40},2025-{row % 12 + 1:02d}-{row % 27 + 1:02d},{row}.5" for row in range(400)]
    workspace = received("orders", ["customer_id,ordered_at,amount", *lines], '[churn]\nevent = "orders"\n')
    found = readiness(workspace)
    assert (found.found.customers, found.found.orders, found.found.without_customer) == (40, 400, None)
    assert found.found.horizons
    assert found.to_dict()["models"]["volume"]["verdict"] == "not enough"


def test_totals_alone_are_enough_for_volume(received: Received) -> None:
    lines = [f"2025-{month:02d}-{day:02d},60" for month in range(1, 13) for day in range(1, 29)]
    found = readiness(received("volume_history", ["period_start,count", *lines])).to_dict()
    assert found["models"]["volume"]["verdict"] == "enough"
    assert found["contacts_per_month"]["all"] > 1000
    assert found["models"]["churn"]["verdict"] == "not enough"

"""The volume forecast of a workspace: trained, logged, in a bundle, and its next days."""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from interactions.demo.company import simulate
from training import promotion
from training.bundle import store
from training.bundle.volume import VolumeModel
from training.trained import Trained
from training.volume_forecast import FEWEST_IN_A_REGION, forecast, train_volume
from workspace.errors import BundleError, NotEnoughHistoryError
from workspace.folder import Workspace, open_workspace
from workspace.tables import VOLUME_FORECAST


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = open_workspace(tmp_path_factory.mktemp("volume") / "workspace", create=True)
    for name, rows in simulate(customers=400, days=300, seed=5).tables.items():
        made.lake.append(name, rows)
    return made


@pytest.fixture(scope="module")
def trained(workspace: Workspace) -> Trained:
    return train_volume(workspace)


@pytest.fixture(scope="module")
def upcoming(workspace: Workspace, trained: Trained) -> pa.Table:
    return forecast(workspace, trained.bundle)


def test_the_table_has_90_days_of_every_channel_in_the_promised_schema(upcoming: pa.Table) -> None:
    assert upcoming.schema.equals(VOLUME_FORECAST.schema)
    days = upcoming.group_by("channel").aggregate([("period_start", "count_distinct")])
    assert set(days["period_start_count_distinct"].to_pylist()) == {90}
    assert "all" in days["channel"].to_pylist()
    assert upcoming.equals(upcoming.sort_by([("period_start", "ascending"), ("channel", "ascending")]))
    # The simulation ends on 31 October in Shanghai; the next day begins at 16:00 UTC.
    assert pc.min(upcoming["period_start"]).as_py() == datetime(2026, 10, 31, 16, tzinfo=UTC)
    assert pc.unique(upcoming["period_minutes"]).to_pylist() == [1440]


def test_bounds_enclose_the_mean_and_are_never_negative(upcoming: pa.Table) -> None:
    rows = [row for row in upcoming.to_pylist() if row["lower_95"] is not None]
    assert rows
    for row in rows:
        assert 0 <= row["lower_95"] <= row["lower_80"] <= row["mean"] <= row["upper_80"] <= row["upper_95"]


def test_the_total_is_near_the_sum_of_the_channels(upcoming: pa.Table) -> None:
    total = pc.sum(upcoming.filter(pc.equal(upcoming["channel"], "all"))["mean"]).as_py()
    channels = pc.sum(upcoming.filter(pc.not_equal(upcoming["channel"], "all"))["mean"]).as_py()
    assert channels == pytest.approx(total, rel=0.15)


def test_trained_says_how_good_it_is_beside_the_rules(trained: Trained) -> None:
    assert trained.kind == "volume"
    assert trained.metrics["wape"] < trained.baselines["seasonal_naive"]["wape"]
    assert "seasonal naive" in trained.why
    assert trained.promoted
    json.dumps(trained.to_dict())


def test_the_champion_is_the_bundle(workspace: Workspace, trained: Trained) -> None:
    assert promotion.champion(workspace, "volume") == trained.bundle
    model = VolumeModel.from_bundle(store.read(workspace.bundles, trained.bundle))
    assert model.hash == trained.bundle
    assert model.levels == (80, 95)


def test_regions_have_ranges(workspace: Workspace, trained: Trained) -> None:
    widths = store.read(workspace.bundles, trained.bundle).manifest["widths"]["region"]
    lived = Counter(workspace.lake.read("customers")["region"].drop_null().to_pylist())
    # A place that one or two customers live in says who they are.
    regions = [region for region, customers in lived.items() if customers >= FEWEST_IN_A_REGION]
    assert set(regions) == set(widths) - {"all", "unknown"}
    assert len(regions) < len(lived)
    assert any(width is not None for region in regions for width in widths[region]["reach"]["80"])


@pytest.mark.slow
def test_training_again_gives_the_same_bundle_and_the_same_forecast(
    workspace: Workspace, trained: Trained, upcoming: pa.Table
) -> None:
    again = train_volume(workspace)
    assert again.bundle == trained.bundle
    assert forecast(workspace, again.bundle).equals(upcoming)


def test_as_of_an_earlier_day_later_contacts_do_not_count(workspace: Workspace, trained: Trained) -> None:
    earlier = datetime(2026, 9, 30, 16, tzinfo=UTC)
    found = forecast(workspace, trained.bundle, earlier)
    assert pc.min(found["period_start"]).as_py() == earlier
    assert not found.equals(forecast(workspace, trained.bundle))


@pytest.mark.slow
def test_a_later_model_is_judged_beside_the_champion_on_days_neither_had_seen(workspace: Workspace) -> None:
    earlier = train_volume(workspace, datetime(2026, 8, 31, 16, tzinfo=UTC))
    assert earlier.promoted
    later = train_volume(workspace, datetime(2026, 10, 30, 16, tzinfo=UTC))
    assert later.bundle != earlier.bundle
    assert re.search(r"WAPE 0\.\d+ against 0\.\d+", later.why)


def test_two_weeks_of_history_are_refused(tmp_path: Path) -> None:
    made = open_workspace(tmp_path / "workspace", create=True)
    interactions = simulate(customers=100, days=60, seed=5).tables["interactions"]
    late = pc.greater(interactions["occurred_at"], pa.scalar(datetime(2026, 10, 17, 17, tzinfo=UTC)))
    made.lake.append("interactions", interactions.filter(late))
    with pytest.raises(NotEnoughHistoryError, match="3 weeks"):
        train_volume(made)


def test_a_bundle_of_another_kind_is_refused(tmp_path: Path) -> None:
    name = store.write(tmp_path, "churn", {}, {})
    with pytest.raises(BundleError, match="holds a churn model"):
        VolumeModel.from_bundle(store.read(tmp_path, name))

"""Two scorings a month apart: each kind of difference alone lands in its own part, and the parts add up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.table import customer_features
from features.windows import Window
from training.bundle import store
from training.bundle.churn import ChurnModel
from training.bundle.matrix import FEATURES
from training.bundle.scoring import score
from training.trained import Trained
from training.what_changed import PARTS, Scored, what_changed
from workspace.engine import arrow_tables, connect
from workspace.folder import Workspace

NOW = datetime(2026, 6, 30, 16, tzinfo=UTC)
THEN = NOW - timedelta(days=30)

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def model(trained: tuple[Workspace, list[Trained]]) -> ChurnModel:
    workspace, (_, churn) = trained
    return ChurnModel.from_bundle(store.read(workspace.bundles, churn.bundle))


@pytest.fixture(scope="module")
def changed(model: ChurnModel) -> Callable[..., pa.Table]:
    """The table of what changed from scores on `tables` at THEN to scores on `later` (default: the same) at NOW."""

    def compare(tables: Tables, later: Tables | None = None, other: ChurnModel | None = None) -> pa.Table:
        first, second = connect(), connect()
        try:
            window = Window(NOW)
            then = customer_features(arrow_tables(first, tables), Window(THEN))
            named = arrow_tables(second, later or tables)
            features = customer_features(named, window)
            before = Scored(score(then, model, None), THEN, model)
            now = Scored(score(features, other or model, None), NOW, other or model)
            found = what_changed(named, window, features, before, now)
            total = sum(found[f"changed_by_{part}"].to_numpy() for part in PARTS)
            difference = now.scores["churn_90"].to_numpy() - found["risk_before"].to_numpy()
            known = found["compared_with"].is_valid().to_numpy()
            assert known.any()
            np.testing.assert_allclose(total[known], difference[known], atol=1e-12)
            return found.filter(found["compared_with"].is_valid())
        finally:
            first.disconnect()
            second.disconnect()

    return compare


def part(found: pa.Table, name: str) -> np.ndarray:
    return np.asarray(found[f"changed_by_{name}"].to_numpy())


def in_time(tables: Tables) -> Tables:
    known = dict(tables)
    for name, moment in {"interactions": "occurred_at", "orders": "ordered_at", "surveys": "answered_at"}.items():
        rows = tables[name]
        known[name] = rows.set_column(rows.schema.get_field_index("known_at"), "known_at", rows[moment])
    return known


@pytest.mark.slow
def test_without_corrections_and_with_one_model_time_and_new_data_are_all(
    tables: Tables, changed: Callable[..., pa.Table]
) -> None:
    found = changed(in_time(tables))
    assert np.abs(part(found, "corrections")).max() < 1e-12
    assert not part(found, "model").any()
    assert np.abs(part(found, "new_data")).max() > 0.05
    assert np.abs(part(found, "time")).max() > 0.05


@pytest.mark.slow
def test_where_nothing_happens_all_of_it_is_time(tables: Tables, changed: Callable[..., pa.Table]) -> None:
    quiet = in_time(tables)
    for name, moment in {"interactions": "occurred_at", "orders": "ordered_at", "surveys": "answered_at"}.items():
        quiet[name] = quiet[name].filter(pc.less(quiet[name][moment], pa.scalar(THEN)))
    rows = quiet["interactions"]
    for moment in ("responded_at", "resolved_at", "rated_at"):
        kept = pc.if_else(pc.less(rows[moment], pa.scalar(THEN)), rows[moment], pa.scalar(None, rows[moment].type))
        rows = rows.set_column(rows.schema.get_field_index(moment), moment, kept)
    quiet["interactions"] = rows.filter(pc.less(pc.coalesce(rows["rated_at"], rows["occurred_at"]), pa.scalar(THEN)))
    found = changed(quiet)
    assert np.abs(part(found, "new_data")).max() < 1e-9
    assert np.abs(part(found, "time")).max() > 0.05


@pytest.mark.slow
def test_late_rows_are_corrections(tables: Tables, changed: Callable[..., pa.Table]) -> None:
    known = in_time(tables)
    rows = known["interactions"]
    recent = pc.and_(
        pc.less(rows["occurred_at"], pa.scalar(THEN)),
        pc.greater(rows["occurred_at"], pa.scalar(THEN - timedelta(days=20))),
    )
    column = pc.if_else(recent, pa.scalar(THEN + timedelta(days=2), rows["known_at"].type), rows["known_at"])
    known["interactions"] = rows.set_column(rows.schema.get_field_index("known_at"), "known_at", column)
    assert np.abs(part(changed(known), "corrections")).max() > 0.02


@pytest.mark.slow
def test_another_model_is_the_last_step(
    tables: Tables, changed: Callable[..., pa.Table], model: ChurnModel, trained: tuple[Workspace, list[Trained]]
) -> None:
    workspace, (_, churn) = trained
    bundle = store.read(workspace.bundles, churn.bundle)
    steps = len(bundle.manifest["edges"]) - 1
    rule = {"feature": "recency_days", "centre": 3.0, "coefficients": [[0.0, -1.0]] * steps}
    other = ChurnModel(_rule(rule), {**bundle.manifest, "served": "recency"}, "other")
    found = changed(in_time(tables), other=other)
    assert np.abs(part(found, "model")).max() > 0.02
    assert np.abs(part(found, "corrections")).max() < 1e-12


def _rule(written: dict[str, object]) -> object:
    from training.bundle.churn import rule_hazard

    return rule_hazard(written, FEATURES)

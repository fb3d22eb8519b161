"""Everybody scored with the champions, and the volume forecast: written to the lake, again without adding twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from features.fills import declared
from features.history import HISTORY_TABLES
from features.identity import with_links
from features.leaving import leavings
from features.table import features_as_of
from features.windows import Window, micros_of
from training import promotion
from training.bundle import store
from training.bundle.churn import ChurnModel
from training.bundle.expected_value import ValueModel
from training.bundle.scoring import score as scores_of
from training.bundle.segments import SegmentModel
from training.contacts_known import contacts_known
from training.cutoffs import default_cutoff
from training.leaving import Leaving
from training.segment_profiles import profile_table
from training.what_changed import RISK, Scored, what_changed
from workspace.engine import connect, connect_by
from workspace.errors import BundleError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import SEGMENT_PROFILES, TIMESTAMP

# Ratings so old still teach what satisfies customers.
_RATED_DAYS = 365


def score(workspace: Workspace, as_of: datetime | None = None, progress: Progress = silent) -> datetime:
    """Score every customer at `as_of` (default: the cutoff after the last event) and return that cutoff.

    Writes customer_features, customer_scores and segment_profiles, in the place of rows of the same cutoff, and
    volume_forecast, topics and satisfaction_estimate anew. Where there are scores of an earlier cutoff, the new ones
    say what changed since. A kind without a champion leaves its columns null.
    Raises NotEnoughHistoryError when no event precedes the cutoff, BundleError when a champion can't be read.
    """
    cutoff = as_of or default_cutoff(workspace)
    champions = {kind: promotion.champion(workspace, kind) for kind in promotion.KINDS}
    churn = _churn(workspace, champions["churn"])
    segments = _segments(workspace, champions["segments"])
    worth = _value(workspace, champions["value"])
    progress("features", 0.05)
    features = features_as_of(workspace, cutoff)
    progress(f"scoring {features.num_rows:,} customers", 0.4)
    scores = scores_of(features, churn, segments, worth, _left(workspace, churn, cutoff))
    profiles = profile_table(features, scores, segments) if segments else SEGMENT_PROFILES.schema.empty_table()
    scores = _compared(workspace, scores, features, churn, cutoff, progress)
    progress("writing", 0.6)
    workspace.lake.replace_cutoff("customer_features", features, cutoff)
    workspace.lake.replace_cutoff("customer_scores", scores, cutoff)
    workspace.lake.replace_cutoff("segment_profiles", profiles, cutoff)
    if champions["volume"] is not None:
        progress("volume forecast", 0.7)
        workspace.lake.overwrite("volume_forecast", _forecast(workspace, champions["volume"], cutoff))
    progress("topics", 0.9)
    _write_texts(workspace, cutoff)
    progress("scored", 1.0)
    return cutoff


def _compared(
    workspace: Workspace,
    scores: pa.Table,
    features: pa.Table,
    churn: ChurnModel | None,
    cutoff: datetime,
    progress: Progress,
) -> pa.Table:
    """The scores with what changed since the ones before; as they are where there are none to compare with."""
    before = _before(workspace, cutoff)
    if before is None or churn is None:
        return scores
    if (churn.horizon_days, churn.event) != (before.model.horizon_days, before.model.event):
        # Another question: the difference of its answers would say nothing.
        return scores
    progress(f"what changed since {before.cutoff.date()}", 0.5)
    window = Window.from_settings(workspace.settings, cutoff)
    backend = connect_by(workspace.settings, str(workspace.temp))
    try:
        tables = with_links(backend, workspace.lake, HISTORY_TABLES)
        now = Scored(scores, cutoff, churn)
        changed = what_changed(tables, window, features, before, now, declared(workspace.raw))
    finally:
        backend.disconnect()
    for name in changed.column_names[1:]:
        scores = scores.set_column(scores.schema.get_field_index(name), scores.schema.field(name), changed[name])
    return scores


def _left(workspace: Workspace, churn: ChurnModel | None, cutoff: datetime) -> list[str]:
    """Who is known to have left before the cutoff, where churn is by date: they have no risk any more."""
    if churn is None or not churn.by_date:
        return []
    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        tables = with_links(backend, workspace.lake, HISTORY_TABLES)
        versions = leavings(tables, Window.from_settings(workspace.settings, cutoff))
    finally:
        backend.disconnect()
    people = pc.unique(versions["customer_id"])
    moment = micros_of(cutoff)
    left = Leaving.of(versions, people).known_by(moment)[:-1] < moment
    gone: list[str] = people.filter(pa.array(left)).to_pylist()
    return gone


def _before(workspace: Workspace, cutoff: datetime) -> Scored | None:
    """The last scoring before `cutoff`; None without one, or where its model can't be read any more."""
    rows = workspace.lake.read("customer_scores", ["customer_id", "cutoff", "churn_version", RISK])
    rows = rows.filter(pc.less(rows["cutoff"], pa.scalar(cutoff, TIMESTAMP)))
    if not rows.num_rows:
        return None
    last = pc.max(rows["cutoff"])
    rows = rows.filter(pc.equal(rows["cutoff"], last))
    try:
        model = _churn(workspace, rows["churn_version"][0].as_py())
    except BundleError:
        # A lost bundle must not keep customers from being scored: what changed is then not said.
        return None
    return None if model is None else Scored(rows, last.as_py().astimezone(UTC), model)


def _churn(workspace: Workspace, bundle: str | None) -> ChurnModel | None:
    return None if bundle is None else ChurnModel.from_bundle(store.read(workspace.bundles, bundle))


def _segments(workspace: Workspace, bundle: str | None) -> SegmentModel | None:
    return None if bundle is None else SegmentModel.from_bundle(store.read(workspace.bundles, bundle))


def _value(workspace: Workspace, bundle: str | None) -> ValueModel | None:
    return None if bundle is None else ValueModel.from_bundle(store.read(workspace.bundles, bundle))


def _write_texts(workspace: Workspace, cutoff: datetime) -> None:
    """What customers write about, and how satisfied everybody is."""
    # Costly to import: the decomposition and the stems.
    from training.csat import csat_rows
    from training.topics import WEEKS, topics

    since, rated_since = cutoff - timedelta(weeks=WEEKS), cutoff - timedelta(days=_RATED_DAYS)
    contacts = contacts_known(workspace, cutoff, since, rated_since)
    workspace.lake.overwrite("topics", topics(contacts, cutoff, workspace.lake.read("topics")))
    workspace.lake.overwrite("satisfaction_estimate", csat_rows(contacts, cutoff))


def _forecast(workspace: Workspace, bundle: str, cutoff: datetime) -> pa.Table:
    # Costly to import: only where there is a forecast to make.
    from training.volume_forecast import forecast

    return forecast(workspace, bundle, cutoff)

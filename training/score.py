"""Everybody scored with the champions, and the volume forecast: written to the lake, again without adding twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa

from features.table import features_as_of
from training import promotion
from training.bundle import store
from training.bundle.churn import ChurnModel
from training.bundle.scoring import score as scores_of
from training.bundle.segments import SegmentModel
from training.contacts_known import contacts_known
from training.cutoffs import default_cutoff
from training.segment_profiles import profile_table
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.tables import SEGMENT_PROFILES

# Ratings so old still teach what satisfies customers.
_RATED_DAYS = 365


def score(workspace: Workspace, as_of: datetime | None = None, progress: Progress = silent) -> datetime:
    """Score every customer at `as_of` (default: the cutoff after the last event) and return that cutoff.

    Writes customer_features, customer_scores and segment_profiles, in the place of rows of the same cutoff, and
    volume_forecast, topics and satisfaction_estimate anew. A kind without a champion leaves its columns null.
    Raises NotEnoughHistoryError when no event precedes the cutoff, BundleError when a champion can't be read.
    """
    cutoff = as_of or default_cutoff(workspace)
    champions = {kind: promotion.champion(workspace, kind) for kind in promotion.KINDS}
    churn = _churn(workspace, champions["churn"])
    segments = _segments(workspace, champions["segments"])
    progress("features", 0.05)
    features = features_as_of(workspace, cutoff)
    progress(f"scoring {features.num_rows:,} customers", 0.4)
    scores = scores_of(features, churn, segments)
    profiles = profile_table(features, scores, segments) if segments else SEGMENT_PROFILES.schema.empty_table()
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


def _churn(workspace: Workspace, bundle: str | None) -> ChurnModel | None:
    return None if bundle is None else ChurnModel.from_bundle(store.read(workspace.bundles, bundle))


def _segments(workspace: Workspace, bundle: str | None) -> SegmentModel | None:
    return None if bundle is None else SegmentModel.from_bundle(store.read(workspace.bundles, bundle))


def _write_texts(workspace: Workspace, cutoff: datetime) -> None:
    """What customers write about, and how satisfied everybody is."""
    # Costly to import: the decomposition and the stems.
    from training.csat import csat_row
    from training.topics import WEEKS, topics

    since, rated_since = cutoff - timedelta(weeks=WEEKS), cutoff - timedelta(days=_RATED_DAYS)
    contacts = contacts_known(workspace, cutoff, since, rated_since)
    workspace.lake.overwrite("topics", topics(contacts, cutoff, workspace.lake.read("topics")))
    workspace.lake.overwrite("satisfaction_estimate", csat_row(contacts, cutoff))


def _forecast(workspace: Workspace, bundle: str, cutoff: datetime) -> pa.Table:
    # Costly to import: only where there is a forecast to make.
    from training.volume_forecast import forecast

    return forecast(workspace, bundle, cutoff)

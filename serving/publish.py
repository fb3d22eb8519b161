"""A version written for serving: Arrow files that are mapped, compiled SQL and a manifest, made current by one rename.

The same workspace gives the same bytes and the same name: rows are sorted by key and nothing tells when it was written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from serving.arrow_files import write_table
from serving.live_rows import DRAINED
from serving.published_tables import published_tables
from serving.snapshot import SCHEMA, load, version_name
from workspace.durable import sync
from workspace.errors import PublishedError, SettingsError
from workspace.folder import Workspace
from workspace.progress import Progress, silent
from workspace.state import PROMOTIONS

KEPT_VERSIONS = 3

_STAGING = ".writing-"
_EXCLUDED = re.compile(r"EXCLUDE \(([^()]*)\)")


def publish(workspace: Workspace, progress: Progress = silent) -> str:
    """Write what was last scored as a version, make it current, and return its name (cutoff day and content hash).

    Readers of the versions before are left undisturbed: what they replaced goes after the lease of ten minutes.
    Raises PublishedError when nothing was scored, BundleError when a model the scores name can't be read.
    """
    # A filter that can't be read is told before the work, not after.
    _segment_filters(workspace)
    workspace.published.mkdir(mode=0o700, exist_ok=True)
    progress("tables", 0.0)
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=workspace.published))
    try:
        # Read first: what the writer adds meanwhile is in the tables too, and laid over them again changes nothing.
        drained = min(workspace.lake.journal_position(name) for name in DRAINED)
        tables, cutoff = published_tables(workspace, staging, progress)
        files = _write_files(staging, tables, workspace, cutoff, progress)
        manifest = {**_manifest(workspace, tables, cutoff, files), "journal": drained}
        version = version_name(manifest)
        _write_durably(staging / "manifest.json", _canonical(manifest))
        _put_in_place(staging, workspace.published / version)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    progress("checked", 0.9)
    load(workspace.folder, version, thoroughly=True)
    _make_current(workspace.published, version)
    remove_old(workspace, version)
    progress(version, 1.0)
    return version


def _write_files(
    folder: Path, tables: Mapping[str, pa.Table], workspace: Workspace, cutoff: datetime, progress: Progress
) -> dict[str, dict[str, Any]]:
    """Write every table that isn't there yet, and the SQL; what the manifest says about each file."""
    files = {}
    for number, (name, table) in enumerate(sorted(tables.items())):
        progress(name, 0.8 + 0.1 * number / len(tables))
        if not (folder / f"{name}.arrow").exists():
            write_table(folder / f"{name}.arrow", table)
        files[f"{name}.arrow"] = {"rows": len(table)}
    for name, content in _sql(workspace, cutoff).items():
        _write_durably(folder / name, content)
        files[name] = {}
    return {name: {**facts, **_digest(folder / name)} for name, facts in files.items()}


def _sql(workspace: Workspace, cutoff: datetime) -> dict[str, bytes]:
    """The features and the statistics as SQL, the same text in every process; fills by their values at the cutoff."""
    from features.fills import for_requests
    from features.statistics.compiled import compiled
    from features.table import compiled_sql, fills_at

    windows = workspace.settings.windows
    fills = for_requests(fills_at(workspace, cutoff), workspace.raw)
    event = workspace.settings.churn.event
    features = compiled_sql(windows.observation_days, windows.active_days, event, fills, of_each=True)
    return {
        "features.sql": _in_one_order(features).encode(),
        "statistics.json": _canonical(compiled(workspace.settings)),
    }


def _in_one_order(sql: str) -> str:
    """Ibis keeps dropped columns in a set, whose order differs from process to process: here they are sorted."""
    return _EXCLUDED.sub(lambda found: f"EXCLUDE ({', '.join(sorted(found[1].split(', ')))})", sql)


def _manifest(
    workspace: Workspace, tables: Mapping[str, pa.Table], cutoff: datetime, files: Mapping[str, Any]
) -> dict[str, Any]:
    company = workspace.settings.company
    return {
        "schema": SCHEMA,
        "cutoff": cutoff.astimezone(UTC).isoformat(),
        "company": {
            "timezone": company.timezone,
            "currency": company.currency,
            "week_start": company.week_start,
            "languages": list(company.languages),
            "calendar": company.calendar,
        },
        "windows": workspace.settings.windows.model_dump(mode="json"),
        "event": workspace.settings.churn.event,
        "segment_filters": _segment_filters(workspace),
        "bundles": {**_bundles(tables), **_sentiment(workspace)},
        "files": dict(files),
    }


def _segment_filters(workspace: Workspace) -> dict[str, Any]:
    """The segments by filter, each with its names and conditions. Raises SettingsError for one that can't be read."""
    from training.bundle.rule_segments import condition

    filters = workspace.settings.segments.filters
    for segment, declared in filters.items():
        for written in declared.where:
            try:
                condition(written)
            except SettingsError as error:
                file = workspace.folder / "rapport.toml"
                raise SettingsError(f"{file}: setting `segments.filters.{segment}.where`: {error}.") from error
    return {segment: declared.model_dump(mode="json") for segment, declared in filters.items()}


def _bundles(tables: Mapping[str, pa.Table]) -> dict[str, str]:
    """The models that made the published scores and forecast: what they name is what is served beside them."""
    named = {
        "churn": ("customer_scores", "churn_version"),
        "segments": ("customer_scores", "segments_version"),
        "value": ("customer_scores", "value_version"),
        "volume": ("volume_forecast", "volume_version"),
    }
    found = {kind: tables[table][column].drop_null().unique().to_pylist() for kind, (table, column) in named.items()}
    for kind, hashes in found.items():
        if len(hashes) > 1:
            raise PublishedError(
                f"The scores come from {len(hashes)} different {kind} models. Run `rapport score` again."
            )
    return {kind: hashes[0] for kind, hashes in found.items() if hashes}


def _sentiment(workspace: Workspace) -> dict[str, str]:
    """The champion that reads texts: it stands in no table, since features never use a trained model."""
    chosen = sa.select(PROMOTIONS.c.bundle).where(PROMOTIONS.c.model == "sentiment")
    state = workspace.state()
    try:
        with state.begin() as connection:
            bundle = connection.execute(chosen.order_by(PROMOTIONS.c.number.desc()).limit(1)).scalar()
    finally:
        state.close()
    return {} if bundle is None else {"sentiment": str(bundle)}


def _write_durably(file: Path, content: bytes) -> None:
    with file.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _digest(file: Path) -> dict[str, Any]:
    with file.open("rb") as handle:
        return {"sha256": hashlib.file_digest(handle, "sha256").hexdigest(), "bytes": file.stat().st_size}


def _canonical(value: Any) -> bytes:
    return (json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()


def _put_in_place(staging: Path, folder: Path) -> None:
    """One rename; a version that is there already is left as it is, unless somebody damaged it."""
    if folder.is_dir() and _same_content(staging, folder):
        return
    if folder.is_dir():
        # Renamed away rather than removed: a reader may have it mapped.
        folder.rename(folder.with_name(f"{_STAGING}damaged-{time.time_ns()}"))
    sync(staging)
    staging.chmod(0o700)
    staging.rename(folder)
    sync(folder.parent)


def _same_content(one: Path, other: Path) -> bool:
    names = {file.name for file in one.iterdir()}
    if names != {file.name for file in other.iterdir()}:
        return False
    return all(_digest(one / name) == _digest(other / name) for name in sorted(names))


def _make_current(published: Path, version: str) -> None:
    current = published / "CURRENT"
    before = current.read_text(encoding="utf-8").strip() if current.is_file() else None
    if before == version:
        return
    if before is not None and (published / before).is_dir():
        # Its readers' lease begins when it is replaced, and the folder's time remembers when that was.
        os.utime(published / before)
    staging = published / f"{_STAGING}current"
    _write_durably(staging, f"{version}\n".encode())
    staging.rename(current)
    sync(published)


def remove_old(workspace: Workspace, current: str) -> int:
    """Remove all but the last few versions, and what a killed run left, once no reader can still hold them.

    The bytes freed; the caller holds the workspace's lock.
    """
    published, lease = workspace.published, workspace.settings.keep.lease_seconds
    versions = sorted(_versions(published, current), key=lambda folder: folder.stat().st_mtime, reverse=True)
    left = [path for path in published.iterdir() if path.name.startswith(_STAGING)]
    freed = 0
    for path in (*versions[KEPT_VERSIONS - 1 :], *left):
        if time.time() - path.stat().st_mtime > lease:
            freed += _size(path)
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    return freed


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())


def _versions(published: Path, current: str) -> Iterator[Path]:
    for path in published.iterdir():
        if path.is_dir() and path.name != current and not path.name.startswith(_STAGING):
            yield path

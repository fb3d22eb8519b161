"""One published version mapped into memory, and the holder that swaps it for the next by one assignment."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from serving.arrow_files import mapped
from serving.champions import champions
from serving.figures import Figures
from serving.listing import Listing
from serving.positions import run_of
from workspace.errors import PublishedError, RapportError
from workspace.settings import Limits

if TYPE_CHECKING:
    from features.statistics.figure import Query
    from serving.answers.sentiment import Reader
    from serving.scoring import Scorer
    from training.bundle.churn import ChurnModel
    from training.bundle.segments import SegmentModel
    from training.bundle.sentiment import SentimentModel

# The log's word for a published version that can't be read; the server looks out for it.
REFUSED = "version refused"
_log = logging.getLogger("rapport.serving")

SCHEMA = 1
_FOR_FIGURES = ("interactions", "orders", "surveys", "customer_values")


@dataclass(frozen=True)
class Snapshot:
    """One published version. Its tables lie in mapped files and are sorted by key; nothing in it ever changes.

    `tables` holds customers, interactions, orders, surveys, message_signals, customer_features, customer_scores,
    segment_profiles, volume_forecast, volume, persons, customer_values and the cubes of the statistics; `bundles` the
    manifest of each champion by its kind.
    """

    version: str
    manifest: Mapping[str, Any]
    cutoff: datetime
    tables: Mapping[str, pa.Table]
    bundles: Mapping[str, Mapping[str, Any]]
    churn: ChurnModel | None
    segments: SegmentModel | None
    features_sql: str
    statistics_sql: Mapping[str, str]
    limits: Limits = field(default_factory=Limits)
    sentiment: SentimentModel | None = None

    def rows(self, table: str, customer_id: str) -> pa.Table:
        """The rows of one customer in a table sorted by customer, without copying them."""
        first, last = run_of(self.tables[table].column("customer_id"), customer_id)
        return self.tables[table].slice(first, last - first)

    def row(self, table: str, customer_id: str) -> dict[str, Any] | None:
        """The one row of a customer, or None."""
        rows: list[dict[str, Any]] = self.rows(table, customer_id).to_pylist()
        return rows[0] if rows else None

    def person(self, customer_id: str) -> str:
        """The id a customer is scored under: another one where they are known under several."""
        first, last = run_of(self._persons["customer_id"], customer_id)
        person: str = self._persons["person_id"][first].as_py() if last > first else customer_id
        return person

    def customers_of(self, person_id: str) -> list[str]:
        """Every id a person is known under, the one they are scored under first."""
        others = self._persons.filter(pc.equal(self._persons["person_id"], person_id))
        return [person_id, *others["customer_id"].to_pylist()]

    @cached_property
    def _persons(self) -> pa.Table:
        """customer_id, person_id; none in a version published before customers were linked."""
        none = pa.table({"customer_id": pa.array([], pa.string()), "person_id": pa.array([], pa.string())})
        return self.tables.get("persons", none)

    def figure(self, query: Query) -> pa.Table:
        """A figure of the statistics: see features.statistics.figure."""
        return self.figures.figure(query)

    @cached_property
    def figures(self) -> Figures:
        """The statistics engine of this version, opened at the first question."""
        named = [name for name in self.tables if name in _FOR_FIGURES or name.startswith("cube-")]
        return Figures({name: self.tables[name] for name in named}, self.statistics_sql, self.limits)

    @cached_property
    def listing(self) -> Listing:
        """The scored customers in their orders, for lists."""
        rfm = self.bundles.get("segments", {}).get("rfm", {})
        scores, customers, features = (
            self.tables[name] for name in ("customer_scores", "customers", "customer_features")
        )
        return Listing(scores, customers, features, rfm, self.manifest.get("segment_filters", {}))

    @cached_property
    def scorer(self) -> Scorer:
        """Scores of histories that come in by request, with this version's models and its compiled features."""
        from serving.scoring import Scorer

        return Scorer(self.features_sql, self.churn, self.segments, self.limits)

    @cached_property
    def reader(self) -> Reader:
        """Reads how texts feel, by the learned champion where it is served, else by the lexicons."""
        from serving.answers.sentiment import Reader

        return Reader(self.sentiment, self.model_version("sentiment"), self.bundles.get("sentiment", {}))

    @property
    def company(self) -> Mapping[str, Any]:
        """The company settings the version was published with: timezone, currency, week_start, languages, calendar."""
        company: Mapping[str, Any] = self.manifest["company"]
        return company

    def model_version(self, kind: str) -> str | None:
        """Bundle hash of the champion of a kind, None without one."""
        version: str | None = self.manifest["bundles"].get(kind)
        return version


def current_version(published: Path) -> str:
    """The version CURRENT names. Raises PublishedError when nothing is published."""
    try:
        return (published / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise PublishedError(f"Nothing is published in {published}. Run `rapport publish` first.") from None


def load(workspace: Path, version: str | None = None, limits: Limits | None = None) -> Snapshot:
    """Map a published version (the current one by default), every file and bundle checked against its hash.

    What is computed from it stays within `limits`.

    Raises PublishedError for a version that is missing, incomplete or changed, BundleError for such a bundle.
    """
    published = workspace / "published"
    version = version or current_version(published)
    folder = published / version
    manifest = _manifest(folder)
    contents = {name: _checked(folder, name, entry) for name, entry in manifest["files"].items()}
    tables = {name.removesuffix(".arrow"): mapped(folder / name) for name in contents if name.endswith(".arrow")}
    found = champions(workspace / "bundles", manifest["bundles"])
    return Snapshot(
        version=version,
        manifest=manifest,
        cutoff=datetime.fromisoformat(manifest["cutoff"]),
        tables=tables,
        bundles=found.bundles,
        churn=found.churn,
        segments=found.segments,
        features_sql=(folder / "features.sql").read_text(encoding="utf-8"),
        statistics_sql=json.loads((folder / "statistics.json").read_text(encoding="utf-8")),
        limits=limits or Limits(),
        sentiment=found.sentiment,
    )


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise PublishedError(
            f"The published version {folder.name} has no manifest. Run `rapport publish` again."
        ) from None
    except ValueError:
        raise PublishedError(f"{folder / 'manifest.json'} is not JSON. Run `rapport publish` again.") from None
    if manifest.get("schema") != SCHEMA:
        raise PublishedError(
            f"{folder / 'manifest.json'} has schema {manifest.get('schema')!r}; this Rapport reads {SCHEMA}. "
            "Run `rapport publish` again."
        )
    if version_name(manifest) != folder.name:
        raise PublishedError(
            f"{folder / 'manifest.json'} is not the one the version's name promises. Run `rapport publish` again."
        )
    return manifest


def version_name(manifest: Mapping[str, Any]) -> str:
    """Cutoff day and hash of everything the manifest says, the hashes of all files among it."""
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{manifest['cutoff'][:10]}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _checked(folder: Path, name: str, entry: Mapping[str, Any]) -> Path:
    try:
        with (folder / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise PublishedError(f"{folder / name} is missing. Run `rapport publish` again.") from None
    if found != entry["sha256"]:
        raise PublishedError(f"{folder / name} is not the file its manifest describes. Run `rapport publish` again.")
    return folder / name


class Holder:
    """The snapshot in use. A new version is loaded beside it and put in its place by one assignment.

    A version that can't be read is reported in the log once, and the one before stays in use.
    """

    def __init__(self, workspace: Path, seconds: float = 1.0, limits: Limits | None = None) -> None:
        self.workspace = workspace
        self.limits = limits
        self.seconds = seconds
        self.swaps = 0
        self._snapshot: Snapshot | None = None
        self._refused: str | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def current(self) -> Snapshot:
        """The snapshot to answer from: take it once for a whole answer.

        Raises PublishedError when nothing could be loaded yet.
        """
        snapshot = self._snapshot
        if snapshot is None:
            self.refresh()
            snapshot = self._snapshot
        if snapshot is None:
            raise PublishedError(
                f"Nothing readable is published in {self.workspace / 'published'}. Run `rapport publish`."
            )
        return snapshot

    @property
    def ready(self) -> bool:
        """Whether there is a snapshot to answer from."""
        return self._snapshot is not None

    def refresh(self) -> bool:
        """Load what CURRENT names when that changed; True when the snapshot was swapped."""
        try:
            version = current_version(self.workspace / "published")
            if version == self._refused or (self._snapshot is not None and version == self._snapshot.version):
                return False
            snapshot = load(self.workspace, version, self.limits)
        except RapportError as error:
            self._refuse(error)
            return False
        self._snapshot = snapshot
        self._refused = None
        self.swaps += 1
        return True

    def _refuse(self, error: RapportError) -> None:
        try:
            version = current_version(self.workspace / "published")
        except PublishedError:
            return
        if version != self._refused:
            self._refused = version
            _log.error(REFUSED, extra={"version": version, "reason": str(error)})

    def start(self) -> None:
        """Load the current version and watch for the next, until stop()."""
        self.refresh()
        self._stop.clear()
        self._thread = threading.Thread(target=self._watch, name="snapshot", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End watching; the snapshot stays usable."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
            self._thread = None

    def _watch(self) -> None:
        while not self._stop.wait(self.seconds):
            try:
                self.refresh()
            except Exception as error:
                # The watcher must outlive anything; the next round tries again.
                _log.error("snapshot not refreshed", extra={"reason": type(error).__name__})

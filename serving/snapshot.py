"""One published version mapped into memory, with what happened since laid over it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from serving.arrow_files import mapped
from serving.champions import champions
from serving.current import current_version
from serving.erasure_hiding import overlay_without, without_people
from serving.figures import Figures, Since
from serving.listing import Listing
from serving.member_lines import unwritten
from serving.overlay import Overlay, over
from serving.positions import run_of
from serving.remembered_answers import RememberedAnswers
from serving.verified import check
from workspace.errors import PublishedError
from workspace.settings import Limits

if TYPE_CHECKING:
    from features.statistics.figure import Query
    from serving.answers.sentiment import Reader
    from serving.scoring import Scorer
    from training.bundle.churn import ChurnModel
    from training.bundle.expected_value import ValueModel
    from training.bundle.segments import SegmentModel
    from training.bundle.sentiment import SentimentModel

SCHEMA = 2
_SINCE = ("interactions", "replaced")
_FOR_FIGURES = ("interactions", "orders", "surveys", "customer_values")


@dataclass(frozen=True)
class Snapshot:
    """One published version. Its tables lie in mapped files and are sorted by key; nothing in it ever changes.

    `tables` holds customers, interactions, orders, surveys, message_signals, customer_features, customer_scores,
    segment_profiles, member_lines, volume_forecast, volume, persons, customer_values and the cubes of the statistics;
    `bundles` the manifest of each champion by its kind.
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
    worth: ValueModel | None = None
    sentiment: SentimentModel | None = None
    overlay: Overlay | None = None
    # Customers whose erasure is at work: no table has them. Statistics count them until the next version.
    hidden: frozenset[str] = frozenset()
    counted: Mapping[str, pa.Table] | None = None

    def rows(self, table: str, customer_id: str) -> pa.Table:
        """The rows of one customer in a table sorted by customer, without copying them; live ones among them."""
        first, last = run_of(self._columns(table)["customer_id"], customer_id)
        published = self.tables[table].slice(first, last - first)
        return published if self.overlay is None else self.overlay.merged(table, customer_id, published)

    def with_overlay(self, overlay: Overlay | None) -> Snapshot:
        """The same version with what happened since; what is costly to open is opened once for both."""
        if overlay is None and self.overlay is None:
            return self
        live = replace(self, overlay=None if overlay is None else overlay_without(overlay, self.hidden))
        for name in ("scorer", "_persons", "_pieces"):
            live.__dict__[name] = getattr(self, name)
        return live

    def without(self, customer_ids: frozenset[str]) -> Snapshot:
        """The published version without customers, under whichever of their ids; figures go on counting them."""
        if customer_ids == self.hidden:
            return self
        counted = self.counted or self.tables
        hiding = replace(self, tables=without_people(counted, customer_ids), hidden=customer_ids, counted=counted)
        for name in ("scorer", "reader", "figures"):
            # What was costly to open, and knows nobody by name.
            if name in self.__dict__:
                hiding.__dict__[name] = self.__dict__[name]
        return hiding

    @property
    def position(self) -> int:
        """Up to which of the journal's events these tables go."""
        position: int = self.manifest["journal"] if self.overlay is None else self.overlay.position
        return position

    @property
    def until(self) -> datetime:
        """The version's cutoff, or after the last live event."""
        return self.cutoff if self.overlay is None else max(self.cutoff, self.overlay.until)

    def row(self, table: str, customer_id: str) -> dict[str, Any] | None:
        """The one row of a customer, or None."""
        if self.overlay is not None:
            since: list[dict[str, Any]] = self.overlay.rows(table, customer_id).to_pylist()
            if since:
                return since[0]
        columns = self._columns(table)
        first, last = run_of(columns["customer_id"], customer_id)
        return {name: column[first].as_py() for name, column in columns.items()} if last > first else None

    def _columns(self, table: str) -> Mapping[str, pa.Array | pa.ChunkedArray]:
        """The columns of a table, those in one piece as that piece, which is quicker to look into."""
        found: dict[str, Mapping[str, pa.Array | pa.ChunkedArray]] = self._pieces
        if table not in found:
            rows = self.tables[table]
            columns = zip(rows.column_names, rows.columns, strict=True)
            found[table] = {name: one.chunk(0) if one.num_chunks == 1 else one for name, one in columns}
        return found[table]

    @cached_property
    def _pieces(self) -> dict[str, Mapping[str, pa.Array | pa.ChunkedArray]]:
        return {}

    def person(self, customer_id: str) -> str:
        """The id a customer is scored under: another one where they are known under several."""
        first, last = run_of(self._persons["customer_id"], customer_id)
        person: str = self._persons["person_id"][first].as_py() if last > first else customer_id
        return person

    def customers_of(self, person_id: str) -> list[str]:
        """Every id a person is known under, the one they are scored under first."""
        if not len(self._persons):
            return [person_id]
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
        tables = self.counted or self.tables
        named = [name for name in tables if name in _FOR_FIGURES or name.startswith("cube-")]
        since = None if self.overlay is None else Since(*(self.overlay.tables[name] for name in _SINCE))
        return Figures({name: tables[name] for name in named}, self.statistics_sql, self.limits, since)

    @cached_property
    def listing(self) -> Listing:
        """The scored customers in their orders, for lists."""
        rfm = self.bundles.get("segments", {}).get("rfm", {})
        scores, customers, features = (
            self.tables[name] if self.overlay is None else over(self.tables[name], self.overlay.tables[name])
            for name in ("customer_scores", "customers", "customer_features")
        )
        return Listing(scores, customers, features, rfm, self.manifest.get("segment_filters", {}), self._persons)

    @cached_property
    def member_lines(self) -> pa.Table | None:
        """A line of CSV for each row of the listing's scores; None in a version published by an older Rapport."""
        lines = self.tables.get("member_lines")
        if lines is None or self.overlay is None:
            return lines
        return over(lines, unwritten(self.overlay.tables["customer_scores"]["customer_id"]))

    @cached_property
    def answers(self) -> RememberedAnswers:
        """Answers from this very snapshot, by their ETag."""
        return RememberedAnswers()

    @cached_property
    def scorer(self) -> Scorer:
        """Scores of histories that come in by request, with this version's models and its compiled features."""
        from serving.scoring import Scorer

        return Scorer(self.features_sql, self.churn, self.segments, self.limits, self.worth)

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


def load(
    workspace: Path, version: str | None = None, limits: Limits | None = None, thoroughly: bool = False
) -> Snapshot:
    """Map a published version (the current one by default), every file and bundle checked against its hash.

    Files that this machine read through since they were written are not read again, unless `thoroughly`.
    What is computed from it stays within `limits`.

    Raises PublishedError for a version that is missing, incomplete or changed, BundleError for such a bundle.
    """
    published = workspace / "published"
    version = version or current_version(published)
    folder = published / version
    manifest = _manifest(folder)
    check(workspace, folder, manifest["files"], thoroughly)
    files = [name for name in manifest["files"] if name.endswith(".arrow")]
    tables = {name.removesuffix(".arrow"): mapped(folder / name) for name in files}
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
        worth=found.worth,
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

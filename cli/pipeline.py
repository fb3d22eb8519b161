"""The stages from collected files to a published version, and which of them are out of date."""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workspace.errors import NotEnoughHistoryError, SettingsError
from workspace.folder import Workspace
from workspace.progress import Progress
from workspace.source import DATABASES, Source

if TYPE_CHECKING:
    from interactions.cleaning.preview import Preview
    from interactions.cleaning.report import Report
    from interactions.sources.collect import Received

Stage = Callable[[str], AbstractContextManager[Progress]]
MODELS = ("segments", "churn", "value", "volume", "sentiment")


@dataclass(frozen=True)
class Run:
    """What a run of the stages came to: the published version, and what could not be trained, with its reason."""

    version: str
    trained: tuple[str, ...]
    not_trained: dict[str, str]


def run(workspace: Workspace, stage: Stage, as_of: datetime | None = None) -> Run:
    """Collect the named sources, then clean, train, score and publish, leaving out what is up to date.

    Training is out of date when the cleaned data is not what it last ran on; scoring and publishing, when the data, the
    champions or the cutoff are not. A model that the data can't support is left out with its reason.
    """
    collect_sources(workspace, stage)
    with stage("clean") as report:
        clean(workspace, report)
    trained, missing = _train_if_needed(workspace, stage, as_of)
    _score_if_needed(workspace, stage, as_of)
    with stage("publish") as report:
        version = publish(workspace, report)
    return Run(version, trained, missing)


def collect_sources(workspace: Workspace, stage: Stage) -> None:
    """Collect every source named in rapport.toml."""
    for name in workspace.settings.sources:
        with stage("collect") as report:
            collect_source(workspace, name, report)


def collect_source(workspace: Workspace, name: str, report: Progress) -> "list[Received]":
    """Collect one source named in rapport.toml; its files are looked for from the workspace folder."""
    return _COLLECT[_source(workspace, name).type](workspace, name, report)


def preview_source(workspace: Workspace, name: str) -> "Preview":
    """What collecting a named source would make of its first rows; writes nothing."""
    source = _source(workspace, name)
    if source.type == "files":
        from interactions.sources.collect import preview

        paths, mapping = _files(workspace, name, source)
        return preview(workspace, paths, str(source.table), mapping)
    if source.type == "mongodb":
        from interactions.sources.documents import preview_documents

        return preview_documents(workspace, name, source)
    if source.type in DATABASES:
        from interactions.sources.databases import preview_database

        return preview_database(workspace, name, source)
    from interactions.sources.crm import preview_crm

    return preview_crm(workspace, name, source)


def _source(workspace: Workspace, name: str) -> Source:
    source = workspace.settings.sources.get(name)
    if source is None:
        known = ", ".join(sorted(workspace.settings.sources)) or "none"
        raise SettingsError(
            f"rapport.toml names no source `{name}` (it has: {known}). Add [sources.{name}], or give a file."
        )
    return source


def _collect_files(workspace: Workspace, name: str, report: Progress) -> "list[Received]":
    from interactions.sources.collect import collect

    source = _source(workspace, name)
    paths, mapping = _files(workspace, name, source)
    return collect(workspace, paths, str(source.table), mapping, source=name, progress=report)


def _files(workspace: Workspace, name: str, source: Source) -> tuple[list[Path], Path | None]:
    pattern = Path(str(source.path))
    root = Path("/") if pattern.is_absolute() else workspace.folder
    paths = sorted(root.glob(str(pattern.relative_to("/") if pattern.is_absolute() else pattern)))
    if not paths:
        raise SettingsError(f"[sources.{name}] path `{source.path}` matches no file below {root}. Correct the path.")
    return paths, workspace.folder / source.mapping if source.mapping else None


def _collect_database(workspace: Workspace, name: str, report: Progress) -> "list[Received]":
    from interactions.sources.databases import collect_database

    return collect_database(workspace, name, _source(workspace, name), report)


def _collect_documents(workspace: Workspace, name: str, report: Progress) -> "list[Received]":
    from interactions.sources.documents import collect_documents

    return collect_documents(workspace, name, _source(workspace, name), report)


def _collect_crm(workspace: Workspace, name: str, report: Progress) -> "list[Received]":
    from interactions.sources.crm import collect_crm

    return collect_crm(workspace, name, _source(workspace, name), report)


_COLLECT: "dict[str, Callable[[Workspace, str, Progress], list[Received]]]" = {
    "files": _collect_files,
    **dict.fromkeys(DATABASES, _collect_database),
    "mongodb": _collect_documents,
    **dict.fromkeys(("salesforce", "zoho", "dynamics", "rest"), _collect_crm),
}


def clean(workspace: Workspace, report: Progress) -> "Report":
    """Raw into clean tables and quarantine; returns the accounts and the raw files that this run cleaned."""
    from interactions.cleaning import identity
    from interactions.cleaning.clean import clean as clean_raw

    result = clean_raw(workspace, progress=report)
    identity.link(workspace, report)
    kept = sum(row.kept for row in result.rows)
    refused = sum(row.quarantined for row in result.rows)
    report(f"{kept:,} rows kept, {refused:,} in quarantine", 1.0)
    return result


def publish(workspace: Workspace, report: Progress) -> str:
    """A version written and made current; then the registry's champion aliases follow it."""
    from serving.publish import publish as publish_version
    from training.promotion import follow_published

    version = publish_version(workspace, progress=report)
    behind = follow_published(workspace)
    report(f"{version}; MLflow's alias champion is behind: {', '.join(behind)}" if behind else version, 1.0)
    return version


def _train_if_needed(
    workspace: Workspace, stage: Stage, as_of: datetime | None
) -> tuple[tuple[str, ...], dict[str, str]]:
    from training.promotion import champion
    from training.train import train

    data = f"{workspace.lake.data_version()} {as_of or ''}"
    trained: list[str] = []
    missing: dict[str, str] = {}
    with closing(workspace.state()) as state:
        for kind in MODELS:
            if state.recall(f"trained {kind}") == data and champion(workspace, kind) is not None:
                continue
            with stage("train") as report:
                try:
                    (result,) = train(workspace, (kind,), as_of, report)
                except NotEnoughHistoryError as error:
                    missing[kind] = str(error)
                    report(f"{kind}: not enough history", 1.0)
                    continue
                trained.append(kind)
                report(f"{kind}: {result.why}", 1.0)
            state.remember(f"trained {kind}", data)
    return tuple(trained), missing


def _score_if_needed(workspace: Workspace, stage: Stage, as_of: datetime | None) -> None:
    from training.promotion import champion
    from training.score import score

    champions = " ".join(str(champion(workspace, kind)) for kind in MODELS)
    wanted = f"{workspace.lake.data_version()} {as_of or ''} {champions}"
    with closing(workspace.state()) as state:
        if state.recall("scored") == wanted:
            return
        with stage("score") as report:
            score(workspace, as_of, report)
        state.remember("scored", wanted)

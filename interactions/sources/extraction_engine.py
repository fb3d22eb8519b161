"""dlt, kept to one folder: no home folder, no telemetry, no settings but those here; every value leaves it as text.

dlt keeps the cursor's state, pages and retries. Rows become text right behind the cursor, before dlt guesses a type,
and land in Parquet files of a spool folder, numbered in the order they came.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from interactions.sources.batches import ROW
from interactions.sources.spool import folder_name
from interactions.sources.texts import flat, text_table
from workspace.errors import RapportError, SourceError
from workspace.progress import Progress

SPOOL = "spool"
_PIPELINE = "pipeline"
_TABLE = "t_"  # before a table's name, so that none is taken for one of dlt's own
_SETTINGS: dict[str, Any] = {
    "restore_from_destination": False,
    "schema": {"naming": "direct"},
    "load": {"delete_completed_jobs": True, "workers": 1, "raise_on_failed_jobs": True},
    "data_writer": {"file_max_items": 1_000_000, "buffer_max_items": 100_000, "disable_compression": False},
}


def load_spool(
    home: Path,
    resource: Any,
    explain: Callable[[BaseException], RapportError | None],
    documents: bool,
    progress: Progress,
) -> None:
    """Run a dlt resource or source into `home`/spool; dlt's own state lies beside it.

    Raises what `explain` makes of the error that stopped it, else SourceError naming its kind alone, for an error's
    text may hold a row's values or a password.
    """
    with contained(home):
        import dlt

        target = dlt.destinations.filesystem(bucket_url=(home / SPOOL).as_uri(), kwargs={"auto_mkdir": True})
        pipeline = dlt.pipeline(_PIPELINE, pipelines_dir=str(home), destination=target, dataset_name="rows")
        for one in _resources(resource):
            one.add_step(_text_step(documents, one.name, progress))
            one.apply_hints(table_name=_TABLE + folder_name(one.name))
        try:
            pipeline.run(resource, loader_file_format="parquet")
        except Exception as error:
            known = _explained(error, explain)
            if known is not None:
                raise known from None
            raise _unknown(error) from error


def spooled(home: Path) -> dict[str, list[Path]]:
    """The Parquet files of each resource in the spool, in the order their rows came."""
    import pyarrow.parquet as pq

    found: dict[str, list[tuple[int, Path]]] = {}
    for path in (home / SPOOL / "rows").glob(f"{_TABLE}*/*.parquet"):
        with pq.ParquetFile(path) as file:
            first = next(file.iter_batches(1, columns=[ROW]), None)
        if first is not None and first.num_rows:
            found.setdefault(path.parent.name.removeprefix(_TABLE), []).append((first[ROW][0].as_py(), path))
    return {name: [path for _, path in sorted(files)] for name, files in sorted(found.items())}


def forget(home: Path) -> None:
    """Remove dlt's state: the next run begins at the beginning."""
    shutil.rmtree(home / _PIPELINE, ignore_errors=True)


def clear(home: Path) -> None:
    """Remove the spool and what dlt keeps of finished loads: rows' columns, never needed again."""
    shutil.rmtree(home / SPOOL, ignore_errors=True)
    shutil.rmtree(home / _PIPELINE / "load", ignore_errors=True)
    shutil.rmtree(home / _PIPELINE / "normalize", ignore_errors=True)
    (home / _PIPELINE / "trace.pickle").unlink(missing_ok=True)


def _text_step(documents: bool, name: str, progress: Progress) -> Any:
    """A step that makes Arrow tables of text out of lists of rows, placed behind the cursor's (whose affinity is 1)."""
    from dlt.extract.items_transform import ItemTransform

    class TextStep(ItemTransform):  # type: ignore[type-arg]
        placement_affinity = 1.5

        def __init__(self) -> None:
            super().__init__(lambda item: item)
            self.rows = 0

        def __call__(self, item: Any, meta: Any = None) -> Any:
            rows = item if isinstance(item, list) else [item]
            if not rows:
                return None
            table = text_table((dict(flat(row)) if documents else row for row in rows), self.rows)
            self.rows += table.num_rows
            progress(f"{name}: {self.rows:,} rows", 0.5)
            return table

    return TextStep()


def _resources(resource: Any) -> list[Any]:
    selected = getattr(resource, "selected_resources", None)
    return list(selected.values()) if selected is not None else [resource]


@contextmanager
def contained(home: Path | None = None) -> Iterator[None]:
    """dlt within its bounds: no home folder, no telemetry, no settings from folders or environment.

    While it is imported it looks into the environment; after that it asks its context, which is ours. Without `home`
    dlt has no folder yet and writes nothing.
    """
    wanted = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"}
    wanted |= {name: str(home or "/nonexistent") for name in ("DLT_DATA_DIR", "DLT_PROJECT_DIR", "DLT_LOCAL_DIR")}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        _contain(str(home or "/nonexistent"))
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _contain(home: str) -> None:
    from dlt.common.configuration.container import Container
    from dlt.common.configuration.providers import CustomLoaderDocProvider
    from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
    from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
    from dlt.common.runtime.run_context import RunContext

    class Contained(RunContext):
        def initial_providers(self) -> list[Any]:
            return [CustomLoaderDocProvider("rapport", lambda: _SETTINGS, supports_secrets=False)]

        def initialize_runtime(self, runtime_config: Any = None) -> None:
            super().initialize_runtime(RuntimeConfiguration(dlthub_telemetry=False, log_level="CRITICAL"))

    context = Contained(home)
    context._global_dir = home
    Container()[PluggableRunContext].reload(context)


def _explained(error: BaseException, explain: Callable[[BaseException], RapportError | None]) -> RapportError | None:
    """The message for an error that dlt wrapped, perhaps several times; None for one nobody knows."""
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, RapportError):
            return one
    for one in reversed(chain):
        known = explain(one)
        if known is not None:
            return known
    return None


def _unknown(error: BaseException) -> SourceError:
    return SourceError(
        f"The extraction stopped by an error it did not expect ({type(list(_chain(error))[-1]).__name__}). Nothing was "
        "received; run it again with --debug to see where."
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = getattr(error, "exception", None) or error.__cause__ or error.__context__

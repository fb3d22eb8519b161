"""dlt, kept to one folder: no home folder, no telemetry, no settings but those here; every value leaves it as text.

dlt keeps the cursor's state, pages and retries. Rows become text right behind the cursor, before dlt guesses a type,
and land in Parquet files of a spool folder, numbered in the order they came.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from interactions.sources.batches import ROW, as_text
from interactions.sources.spool import folder_name
from workspace.errors import RapportError, SourceError

SPOOL = "spool"
_PIPELINE = "pipeline"
_SETTINGS: dict[str, Any] = {
    "restore_from_destination": False,
    "schema": {"naming": "direct"},
    "load": {"delete_completed_jobs": True, "workers": 1, "raise_on_failed_jobs": True},
    "data_writer": {"file_max_items": 1_000_000, "buffer_max_items": 100_000, "disable_compression": False},
}


def load_spool(
    home: Path, resource: Any, explain: Callable[[BaseException], RapportError | None], documents: bool
) -> None:
    """Run a dlt resource or source into `home`/spool; dlt's own state lies beside it.

    Raises what `explain` makes of the error that stopped it, else SourceError naming its kind alone, for an error's
    text may hold a row's values or a password.
    """
    with _environment(home):
        import dlt

        _contain(home)
        target = dlt.destinations.filesystem(bucket_url=(home / SPOOL).as_uri(), kwargs={"auto_mkdir": True})
        pipeline = dlt.pipeline(_PIPELINE, pipelines_dir=str(home), destination=target, dataset_name="rows")
        for one in _resources(resource):
            one.add_step(_text_step(documents))
            one.apply_hints(table_name=folder_name(one.name))
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
    for path in (home / SPOOL / "rows").glob("*/*.parquet"):
        if path.parent.name.startswith("_dlt"):
            continue
        with pq.ParquetFile(path) as file:
            first = next(file.iter_batches(1, columns=[ROW]), None)
        if first is not None and first.num_rows:
            found.setdefault(path.parent.name, []).append((first[ROW][0].as_py(), path))
    return {name: [path for _, path in sorted(files)] for name, files in sorted(found.items())}


def clear(home: Path) -> None:
    """Remove the spool and what dlt keeps of finished loads: rows' columns, never needed again."""
    shutil.rmtree(home / SPOOL, ignore_errors=True)
    shutil.rmtree(home / _PIPELINE / "load", ignore_errors=True)
    shutil.rmtree(home / _PIPELINE / "normalize", ignore_errors=True)
    (home / _PIPELINE / "trace.pickle").unlink(missing_ok=True)


def text_of(value: Any) -> str | None:
    """A database's or service's value as text, without loss: exact decimals, durations as hh:mm:ss, unreadable bytes in
    hexadecimal digits."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, memoryview | bytearray | bytes):
        return _bytes(bytes(value))
    if isinstance(value, Mapping):
        value = dict(value)
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    return as_text(value)


def _duration(value: timedelta) -> str:
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    seconds = value.days * 86_400 + value.seconds
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _bytes(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()
    return text if all(sign.isprintable() or sign in "\t\r\n" for sign in text) else value.hex()


def flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """A document's fields with those of nested documents as `outer.inner`; lists stay whole."""
    for name, value in row.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _text_step(documents: bool) -> Any:
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
            return table

    return TextStep()


def text_table(rows: Iterable[Mapping[str, Any]], before: int) -> pa.Table:
    """Rows as an Arrow table of text, numbered on from `before`; a field that a row lacks is null."""
    held: dict[str, list[str | None]] = {}
    count = 0
    for row in rows:
        for name, value in row.items():
            column = held.get(name)
            if column is None:
                column = held[name] = [None] * count
            elif len(column) < count:
                column.extend([None] * (count - len(column)))
            column.append(text_of(value))
        count += 1
    for column in held.values():
        column.extend([None] * (count - len(column)))
    arrays = [pa.array(column, pa.string()) for column in held.values()]
    numbers = pa.array(range(before + 1, before + count + 1), pa.int64())
    return pa.Table.from_arrays([*arrays, numbers], names=[*held, ROW])


def _resources(resource: Any) -> list[Any]:
    selected = getattr(resource, "selected_resources", None)
    return list(selected.values()) if selected is not None else [resource]


@contextmanager
def _environment(home: Path) -> Iterator[None]:
    """dlt looks into the environment while it is imported; it finds no home folder and no wish for telemetry there."""
    wanted = {
        "DLT_DATA_DIR": str(home),
        "DLT_PROJECT_DIR": str(home),
        "DLT_LOCAL_DIR": str(home),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _contain(home: Path) -> None:
    """Put our settings in the place of dlt's own search through folders and environment."""
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

    contained = Contained(str(home))
    contained._global_dir = str(home)
    Container()[PluggableRunContext].reload(contained)


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

"""Extraction: rows that dlt fetches from a database or service, into raw, each once.

extraction/SOURCE/TABLE/ holds three folders at most, and only renames lead from one to the next:

    working   dlt at work. Found at the start, it is what a killed run left: it is thrown away and fetched anew
    loaded    dlt is done, its rows lie in the spool and go into raw. Found at the start, they are received first
    kept      what the next extraction goes on from: dlt's cursor, and a hash of each row of the last extraction

A row goes into raw unless the last extraction had it, as often as it has it now: reading a table anew, or the days
before the cursor once more for rows that came late, receives new and changed rows alone.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interactions.sources.collect import Received
from interactions.sources.mapping import TableMapping
from interactions.sources.spool import folder_name, receive_spool
from workspace.collected import COLLECTED
from workspace.errors import RapportError, SourceError
from workspace.folder import Workspace
from workspace.progress import Progress, silent

_WORKING, _LOADED, _KEPT, _RECEIVED = "working", "loaded", "kept", "rows.received"
_ORIGIN = "origin"


def _unexplained(_error: BaseException) -> RapportError | None:
    return None


def extract(
    workspace: Workspace,
    name: str,
    table: str,
    resource: Any,
    mapping: TableMapping | None,
    *,
    explain: Callable[[BaseException], RapportError | None] = _unexplained,
    documents: bool = False,
    origin: str = "",
    progress: Progress = silent,
) -> Received:
    """Fetch what is new from a dlt resource or source and put it into raw as rows of `table` from the source `name`.

    Rows are dicts; every value is kept as text, a nested one as JSON. With `documents`, fields of nested documents are
    columns `outer.inner`, and a field that came before but isn't among these rows is null. `explain` makes a clear
    error of what stopped the fetching. `origin` says which server, table and cursor it is: under another one the cursor
    begins anew. `rows` of the answer are those added to raw, or, with nothing new, those seen.
    Not locked here: the caller holds the workspace.

    Raises SourceError when the rows can't be fetched, MappingError for a mapping that doesn't fit them; then nothing is
    added, and the next extraction begins where this one did.
    """
    if table not in COLLECTED:
        raise SourceError(f"There is no table `{table}` to collect into; there are {', '.join(COLLECTED)}.")
    from interactions.sources.extraction_engine import load_spool  # dlt takes a second to import

    home = home_of(workspace, name, table)
    _finish_killed(workspace, home, name, table, mapping, documents)
    _begin(home, origin)
    load_spool(home / _WORKING, resource, explain, documents, progress)
    (home / _WORKING).rename(home / _LOADED)
    return _receive(workspace, home, name, table, mapping, documents)


def home_of(workspace: Workspace, name: str, table: str) -> Path:
    """The folder where the extraction of a source's rows for a table keeps its state."""
    return workspace.folder / "extraction" / folder_name(name) / table


def _finish_killed(
    workspace: Workspace, home: Path, name: str, table: str, mapping: TableMapping | None, documents: bool
) -> None:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.rmtree(home / _WORKING, ignore_errors=True)
    if (home / _LOADED).is_dir():
        _receive(workspace, home, name, table, mapping, documents)


def _begin(home: Path, origin: str) -> None:
    """The folder to work in: a copy of what is kept, without dlt's cursor where that was another's."""
    from interactions.sources.extraction_engine import forget

    working = home / _WORKING
    if (home / _KEPT).is_dir():
        shutil.copytree(home / _KEPT, working, ignore=shutil.ignore_patterns(_RECEIVED))
    else:
        working.mkdir(mode=0o700)
    said = working / _ORIGIN
    if not said.is_file() or said.read_text(encoding="utf-8") != _digest(origin):
        forget(working)
    said.write_text(_digest(origin), encoding="utf-8")


def _digest(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()


def _receive(
    workspace: Workspace, home: Path, name: str, table: str, mapping: TableMapping | None, documents: bool
) -> Received:
    """The spool into raw; then what was loaded becomes what is kept. Killed anywhere, it comes to the same again."""
    from interactions.sources.extraction_engine import clear, spooled

    loaded, done = home / _LOADED, home / _LOADED / _RECEIVED
    received = Received(name, name, table, 0, False, {"format": "extracted"}, {})
    if not done.exists():
        try:
            received = receive_spool(workspace, name, table, mapping, spooled(loaded), home / _KEPT, loaded, documents)
        except RapportError:
            # Rows that the mapping doesn't fit may be of the wrong table: they are fetched anew.
            shutil.rmtree(loaded)
            raise
        done.touch()
    shutil.rmtree(home / _KEPT, ignore_errors=True)
    clear(loaded)
    loaded.rename(home / _KEPT)
    return received

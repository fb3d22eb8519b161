"""Large plain CSV straight into Parquet, by DuckDB on all cores.

Only where nothing can be read in two ways: UTF-8 without quotation marks, blank lines and zero bytes, one kind of line
end, every row with as many values as there are columns. Any doubt, at the beginning or in the last line, and the file
is read as all others are, by text_files, which knows broken lines: the rows are the same, only later.

Row numbers are left out, since a row's place says them; so is what is the same for all rows, and in the metadata.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from interactions.sources.batches import OURS, Content
from interactions.sources.encoding import MARK

# Below this the engine's start costs what it saves.
LEAST_BYTES = 16 << 20
_MEMORY = "1GB"
_CHUNK = 4 << 20

Writer = Callable[[Path, str], int | None]


def writer(file: Path, content: Content, least_bytes: int | None = None) -> Writer | None:
    """What writes the file's rows to a Parquet file with `rapport` metadata and returns their number, or None where
    `content.rows` has to read it. None instead of it where that is plain from the start."""
    least = LEAST_BYTES if least_bytes is None else least_bytes
    delimiter = content.found.get("delimiter", "")
    folded = {name.lower() for name in content.columns}
    fits = (
        content.skip_lines is not None
        and content.found.get("encoding") == "utf-8"
        and len(delimiter.encode()) == 1
        and len(content.columns) > 1
        and len(folded) == len(content.columns)
        and not folded & {"file_row_number", *OURS}
        and file.stat().st_size >= least
    )
    return (lambda target, about: _write(file, content, target, about)) if fits else None


def _write(file: Path, content: Content, target: Path, about: str) -> int | None:
    counted = _counted(file, content.found["delimiter"], content.skip_lines or 0)
    if counted is None:
        return None
    try:
        rows = _copied(file, content, target, about)
        # The engine overlooks blank lines and a delimiter too many at a line's end: the counts tell.
        if rows is not None and counted == (rows, rows * (len(content.columns) - 1)):
            return rows
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    target.unlink(missing_ok=True)
    return None


def _copied(file: Path, content: Content, target: Path, about: str) -> int | None:
    """The number of rows written; None where the engine finds one too short or too long, or bytes that are no UTF-8."""
    import duckdb

    columns = {f"c{number}": name for number, name in enumerate(content.columns)}
    named = ", ".join(f'{alias} AS "{_doubled(name)}"' for alias, name in columns.items())
    types = ", ".join(f"{alias}: 'VARCHAR'" for alias in columns)
    connection = duckdb.connect(config={"memory_limit": _MEMORY, "autoinstall_known_extensions": False})
    try:
        connection.execute(
            f"""COPY (SELECT {named} FROM read_csv({_text(str(file))}, auto_detect = false, header = false,
            skip = {content.skip_lines}, delim = {_text(content.found["delimiter"])}, quote = '"', escape = '"',
            columns = {{{types}}}, force_not_null = {list(columns)}))
            TO {_text(str(target))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1,
            KV_METADATA {{rapport: {_text(about)}}})"""
        )
    except duckdb.Error:
        return None
    finally:
        connection.close()
    return int(pq.read_metadata(target).num_rows)


def _counted(file: Path, delimiter: str, skip: int) -> tuple[int, int] | None:
    """Lines after the first `skip` and delimiters in them; None where something could be read in two ways."""
    lines = delimiters = 0
    returns: set[bool] = set()
    with file.open("rb") as stream:
        for _ in range(skip):
            line = stream.readline(_CHUNK)
            returns.add(b"\r" in line)
            if _is_doubtful(line):
                return None
        # A line is never cut in two.
        while text := stream.read(_CHUNK) + stream.readline(_CHUNK):
            returns.add(b"\r" in text)
            if _is_doubtful(text) or len(returns) > 1:
                return None
            signs = np.frombuffer(text, np.uint8)
            delimiters += int(np.count_nonzero(signs == ord(delimiter)))
            lines += int(np.count_nonzero(signs == ord("\n"))) + (not text.endswith(b"\n"))
    return lines, delimiters


def _is_doubtful(text: bytes) -> bool:
    if b'"' in text or b"\x00" in text or (MARK.encode()[:1] in text and MARK.encode() in text):
        return True
    return b"\r" in text and not text.count(b"\r\n") == text.count(b"\r") == text.count(b"\n")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _doubled(name: str) -> str:
    return name.replace('"', '""')

"""A file's content, whatever its format: told by its first bytes, never by its name."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import BinaryIO, cast

from interactions.sources.batches import Content
from interactions.sources.encoding import Opener, find_encoding, utf8_stream
from interactions.sources.mapping import Reading
from workspace.errors import SourceError

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_SQLITE = b"SQLite format 3\x00"
_PARQUET = b"PAR1"
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_OFFICE_NAMES = {".xlsx", ".xlsm", ".xlsb", ".ods", ".xls"}


def read_file(path: Path, reading: Reading, table: str) -> Content:
    """The columns and rows of the file at `path`.

    Raises SourceError when it is missing, a folder, empty or can't be read; MappingError when the mapping names a
    sheet, table or encoding that it doesn't have.
    """
    start = _start(path)
    if start.startswith(_SQLITE):
        from interactions.sources.sqlite import read_sqlite

        return read_sqlite(path, reading, table)
    if start.startswith(_PARQUET):
        from interactions.sources.parquet_files import read_parquet

        return read_parquet(path)
    if start.startswith(_OLD_EXCEL) or (start.startswith(_ZIP) and path.suffix.lower() in _OFFICE_NAMES):
        from interactions.sources.excel import read_excel

        return read_excel(path, reading)
    if start.startswith(_ZIP):
        raise SourceError(f"{path} is a zip archive; unpack it and give the files in it.")
    return _read_text(path, reading, gzipped=start.startswith(_GZIP))


def content_hash(path: Path, content: Content) -> str:
    """Name of what was received: a hash of the file's bytes (of the rows, where bytes change without them), and one of
    how they were read."""
    received = hashlib.sha256()
    if content.found.get("format") == "sqlite":
        for batch in content.rows():
            received.update(repr(batch.to_pydict()).encode())
    else:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                received.update(chunk)
    read = hashlib.sha256(repr((content.columns, sorted(content.found.items()))).encode())
    return f"{received.hexdigest()[:24]}-{read.hexdigest()[:8]}"


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            start = stream.read(16)
    except FileNotFoundError:
        raise SourceError(f"There is no file {path}. Correct the path.") from None
    except IsADirectoryError:
        raise SourceError(f"{path} is a folder; give the files in it: {path}/*.csv, for example.") from None
    except OSError as error:
        raise SourceError(f"{path} can't be opened: {error.strerror}.") from None
    if not start:
        raise SourceError(f"{path} is empty (0 bytes). Give a file with rows.")
    return start


def _read_text(path: Path, reading: Reading, gzipped: bool) -> Content:
    from interactions.sources.json_files import read_json
    from interactions.sources.text_files import read_text

    def open_file() -> BinaryIO:
        return cast(BinaryIO, gzip.open(path, "rb")) if gzipped else path.open("rb")

    try:
        content = read_json if _is_json(open_file, reading) else read_text
        found = content(open_file, reading, path.name)
    except (gzip.BadGzipFile, EOFError) as error:
        raise SourceError(f"{path} is damaged: its gzip stream breaks off ({error}). Give a sound copy.") from None
    return Content(found.columns, found.rows, {**found.found, **({"compression": "gzip"} if gzipped else {})})


def _is_json(open_file: Opener, reading: Reading) -> bool:
    if reading.delimiter or reading.widths or reading.names:
        return False
    with utf8_stream(open_file, find_encoding(open_file, reading.encoding)) as stream:
        start = stream.read(_CHUNK).decode("utf-8", errors="ignore").lstrip("\ufeff \t\r\n")
    return start.startswith(("{", "[{", "[\n", "[ ", "[\r", "[]"))

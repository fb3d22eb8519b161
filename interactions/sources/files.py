"""A file's content, whatever its format: told by its first bytes, never by its name."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from interactions.sources.archives import ZIP, Piece
from interactions.sources.batches import Content
from interactions.sources.byte_stream import ByteStream
from interactions.sources.encoding import Opener, find_encoding
from interactions.sources.mapping import Reading
from interactions.sources.utf8_stream import utf8_stream
from workspace.errors import SourceError

# A gzip stream may expand to so many times the file's size, once it is over _SMALL bytes.
MOST_RATIO = 200
_SMALL = 64 << 20

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_SQLITE = b"SQLite format 3\x00"
_PARQUET = b"PAR1"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# What people give by mistake, by its first bytes: what it is, and what to do.
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document; give the table it was printed from"),
    (b"Rar!", "a RAR archive; unpack it and give the files in it"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it and give the files in it"),
    (b"BZh", "compressed by bzip2; unpack it, or compress it by gzip or zip"),
    (b"\xfd7zXZ", "compressed by xz; unpack it, or compress it by gzip or zip"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd; unpack it, or compress it by gzip or zip"),
    (b"\x89PNG", "a picture; give the table itself"),
    (b"\xff\xd8\xff", "a picture; give the table itself"),
    (b"GIF8", "a picture; give the table itself"),
    (b"\x7fELF", "a program; give a file with rows"),
    (b"MZ\x90", "a program; give a file with rows"),
    (b"ORC\x00", "an ORC file; save it as Parquet or CSV"),
    (b"Obj\x01", "an Avro file; save it as Parquet or CSV"),
    (b"ARROW1", "an Arrow file; save it as Parquet or CSV"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<workbook")


def read_file(piece: Piece, reading: Reading, table: str, temp: Path) -> Content:
    """The columns and rows of a file; what has to be spooled to read it lies in `temp`, a private folder.

    Raises SourceError when it is missing, a folder, empty, over a bound or can't be read; MappingError when the mapping
    names a sheet, table or encoding that it doesn't have.
    """
    path = piece.path
    start = _start(piece)
    if start.startswith(_SQLITE):
        from interactions.sources.sqlite import read_sqlite

        return read_sqlite(path, reading, table)
    if start.startswith(_PARQUET):
        from interactions.sources.parquet_files import read_parquet

        return read_parquet(path, piece.name)
    if start.startswith((_OLD_EXCEL, ZIP)):
        from interactions.sources.excel import read_excel

        return read_excel(path, reading, piece.name, temp)
    return _read_text(piece, reading, gzipped=start.startswith(_GZIP))


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


def _start(piece: Piece) -> bytes:
    label = piece.label
    try:
        if not piece.path.is_dir() and piece.path.exists() and not piece.path.is_file():
            raise SourceError(f"{label} is no plain file but a device or a pipe. Give a file.")
        with piece.path.open("rb") as stream:
            start = stream.read(512)
    except FileNotFoundError:
        raise SourceError(f"There is no file {label}. Correct the path.") from None
    except IsADirectoryError:
        raise SourceError(f"{label} is a folder; give the files in it: {label}/*.csv, for example.") from None
    except OSError as error:
        raise SourceError(f"{label} can't be opened: {error.strerror}.") from None
    except ValueError:
        raise SourceError(f"The path {label!r} can't be one of a file. Correct it.") from None
    if not start:
        raise SourceError(f"{label} is empty (0 bytes). Give a file with rows.")
    _refuse_foreign(start, label)
    return start


def _refuse_foreign(start: bytes, label: str) -> None:
    for mark, what in _REFUSED:
        if start.startswith(mark):
            raise SourceError(f"{label} is {what}.")
    plain = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if plain.startswith(_MARKUP):
        raise SourceError(
            f"{label} is a web page or XML, whatever its name says (exports called .xls often are). "
            "Open it in a spreadsheet program, save it as xlsx or CSV, and collect that."
        )
    if start[257:262] == b"ustar":
        raise SourceError(f"{label} is a tar archive; unpack it and give the files in it.")


def _read_text(piece: Piece, reading: Reading, gzipped: bool) -> Content:
    from interactions.sources.delimited import writer
    from interactions.sources.json_files import read_json
    from interactions.sources.text_files import read_text

    def open_file() -> BinaryIO:
        return _unzipped(piece) if gzipped else piece.path.open("rb")

    if gzipped:
        _refuse_packed(open_file, piece.label)
    encoding = find_encoding(open_file, reading.encoding)
    content = read_json if _is_json(open_file, encoding, reading) else read_text
    found = content(open_file, encoding, reading, piece.name)
    if gzipped:
        return Content(found.columns, found.rows, {**found.found, "compression": "gzip"})
    return replace(found, write=writer(piece.path, found))


def _refuse_packed(open_file: Opener, label: str) -> None:
    """In gzip only text is read: what else could be in it has to be unpacked first."""
    with open_file() as stream:
        start = stream.read(512)
    if start.startswith((_SQLITE, _PARQUET, _OLD_EXCEL, ZIP, _GZIP)):
        raise SourceError(f"{label} holds no text but another kind of file, compressed. Unpack it and collect that.")
    _refuse_foreign(start, label)


def _is_json(open_file: Opener, encoding: str, reading: Reading) -> bool:
    if reading.delimiter or reading.widths or reading.names:
        return False
    with utf8_stream(open_file, encoding) as stream:
        start = stream.read(_CHUNK).decode("utf-8", errors="ignore").lstrip("\ufeff \t\r\n")
    return start.startswith(("{", "[{", "[\n", "[ ", "[\r", "[]"))


def _unzipped(piece: Piece) -> BinaryIO:
    stream = cast(BinaryIO, gzip.GzipFile(piece.path, "rb"))
    return io.BufferedReader(ByteStream(stream, _blocks(stream, piece)), _CHUNK)


def _blocks(stream: BinaryIO, piece: Piece) -> Iterator[bytes]:
    """A gzip file's content, refused when it breaks off or swells beyond bounds."""
    most = max(_SMALL, MOST_RATIO * piece.path.stat().st_size)
    given = 0
    while True:
        try:
            block = stream.read(_CHUNK)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise SourceError(
                f"{piece.label} is damaged: its gzip stream breaks off ({error}). Give a sound copy."
            ) from None
        if not block:
            return
        given += len(block)
        if given > most:
            raise SourceError(
                f"{piece.label} expands to more than {MOST_RATIO} times its size: it is not read to its end. "
                "If that is honest, unpack it and collect the file."
            )
        yield block

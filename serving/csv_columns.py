"""A long list as CSV in pieces, column by column: what csv_lists writes row by row, at the speed of Arrow.

Numbers are the same, not always their digits: 1 for 1.0.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from serving.answers.told_rows import told_column
from serving.csv_lists import safe
from serving.given_back import give_back

_QUOTED = '[",\r\n]'
_QUOTED_SIGNS = (b'"', b",", b"\r", b"\n")
# First bytes of texts that are surely no formula: letters, digits and marks of ASCII, Latin letters, Chinese.
_PLAIN = np.zeros(256, np.bool_)
_PLAIN[0x21:0x7F] = True
_PLAIN[[ord(sign) for sign in "=+-@"]] = False
_PLAIN[[0xC3, *range(0xE4, 0xEA)]] = True
# Pieces are written side by side, a few ahead of what was sent; Arrow leaves Python to others meanwhile.
_AHEAD = 2
_writers = ThreadPoolExecutor(_AHEAD, thread_name_prefix="csv")
_BARE = pa.csv.WriteOptions(include_header=False, quoting_style="none", batch_size=16_384)


def csv_pieces(names: Sequence[str], pieces: Iterable[Callable[[], pa.Table | pa.StringArray]]) -> Iterator[bytes]:
    """A byte-order mark and the names, then each piece's rows; no cell is a formula, unknown values are empty.

    The pieces are called side by side, a few ahead of what was taken; one that is a table is written, the others are
    lines as `csv_lines` makes them.
    """
    yield ("\ufeff" + ",".join(names) + "\r\n").encode()
    waiting: deque[Future[bytes]] = deque()
    for piece in pieces:
        waiting.append(_writers.submit(_lines, piece))
        if len(waiting) > _AHEAD:
            yield from _any(waiting.popleft().result())
    while waiting:
        yield from _any(waiting.popleft().result())
    give_back()


def _any(content: bytes) -> Iterator[bytes]:
    # An empty piece would end an answer that is sent in pieces.
    if content:
        yield content


def csv_lines(table: pa.Table) -> pa.StringArray:
    """Each row as a line of such a list, its end included."""
    return _joined([_quoted(_written(column.combine_chunks()).cast(pa.string())) for column in table.columns])


def _lines(called: Callable[[], pa.Table | pa.StringArray]) -> bytes:
    piece = called()
    if not isinstance(piece, pa.Table):
        return _text(piece)
    if not len(piece):
        return b""
    columns = [_written(column.combine_chunks()) for column in piece.columns]
    if any(_holds_quoted(column) for column in columns if pa.types.is_string(column.type)):
        return _text(_joined([_quoted(column.cast(pa.string())) for column in columns]))
    # Arrow writes texts without quotes where none needs them, and ends lines as Unix does.
    lines = pa.BufferOutputStream()
    pa.csv.write_csv(pa.table(columns, names=[str(place) for place in range(len(columns))]), lines, _BARE)
    found: bytes = lines.getvalue().to_pybytes().replace(b"\n", b"\r\n")
    return found


def _joined(columns: Sequence[pa.Array]) -> pa.StringArray:
    last = pc.binary_join_element_wise(columns[-1], "\r\n", "", null_handling="replace", null_replacement="")
    return pc.binary_join_element_wise(*columns[:-1], last, ",", null_handling="replace", null_replacement="")


def _written(values: pa.Array) -> pa.Array:
    """The values as text that no spreadsheet runs, or as what Arrow writes as it should be."""
    kind = values.type
    if pa.types.is_string(kind):
        return _safe(values)
    if pa.types.is_timestamp(kind):
        # Few different ones in a list.
        found = values.dictionary_encode()
        return pa.array(told_column(found.dictionary), pa.string()).take(found.indices)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(values), values, None)
    return values.cast(pa.string()) if pa.types.is_null(kind) else values


def _safe(texts: pa.Array) -> pa.Array:
    """An apostrophe before what looks like a formula: as serving.csv_lists has it, asked only where it may be."""
    looked_at = _perhaps_formulas(texts)
    if not looked_at.any():
        return texts
    mask = pa.array(looked_at)
    told = [None if text is None else safe(text) for text in texts.filter(mask).to_pylist()]
    return pc.replace_with_mask(texts, mask, pa.array(told, pa.string()))


def _perhaps_formulas(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Which texts begin with a byte that a formula, or what is dropped before one, may begin with."""
    _, offsets, data = texts.buffers()
    if data is None or not data.size:
        return np.zeros(len(texts), np.bool_)
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    first = np.frombuffer(data, np.uint8).take(ends[:-1], mode="clip")
    found: npt.NDArray[np.bool_] = ~_PLAIN[first] & (ends[1:] > ends[:-1])
    return found


def _quoted(texts: pa.Array) -> pa.Array:
    if not _holds_quoted(texts):
        return texts
    inside = pc.replace_substring(texts, '"', '""') if b'"' in _text(texts) else texts
    return pc.if_else(
        pc.match_substring_regex(texts, _QUOTED), pc.binary_join_element_wise('"', inside, '"', ""), texts
    )


def _holds_quoted(texts: pa.Array) -> bool:
    """Whether a sign that needs quotes is anywhere in the texts: most columns have none, and need no closer look."""
    together = _text(texts)
    return any(sign in together for sign in _QUOTED_SIGNS)


def _text(texts: pa.Array) -> bytes:
    """All texts, one after the other."""
    _, offsets, data = texts.buffers()
    if data is None:
        return b""
    ends = np.frombuffer(offsets, np.int32)
    begin, end = int(ends[texts.offset]), int(ends[texts.offset + len(texts)])
    found: bytes = data.slice(begin, end - begin).to_pybytes()
    return found

"""A long list as CSV in pieces, column by column: what csv_lists writes row by row, at the speed of Arrow.

Numbers are the same, not always their digits: 1 for 1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serving.answers.told_rows import told_column

# What spreadsheets take for the beginning of a formula, as serving.csv_lists has it.
_FORMULA = "^[ \u3000]*[=+\\-@\t\r\n＝＋－＠]"
_FORMULA_SIGNS = tuple(sign.encode() for sign in "=+-@\t\r\n＝＋－＠")
_QUOTED = '[",\r\n]'
_QUOTED_SIGNS = (b'"', b",", b"\r", b"\n")


def csv_pieces(names: Sequence[str], pieces: Iterable[pa.Table]) -> Iterator[bytes]:
    """A byte-order mark and the names, then each piece's rows; no cell is a formula, unknown values are empty."""
    yield ("\ufeff" + ",".join(names) + "\r\n").encode()
    for piece in pieces:
        if len(piece):
            yield _lines(piece)


def _lines(piece: pa.Table) -> bytes:
    columns = [_written(column.combine_chunks()) for column in piece.columns]
    joined = pc.binary_join_element_wise(*columns, ",", null_handling="replace", null_replacement="")
    return _text(pc.binary_join_element_wise(joined, "", "\r\n"))


def _written(values: pa.Array) -> pa.Array:
    """The values as text."""
    kind = values.type
    if pa.types.is_string(kind):
        return _quoted(_safe(values))
    if pa.types.is_timestamp(kind):
        # Few different ones in a list.
        found = values.dictionary_encode()
        return pa.array(told_column(found.dictionary), pa.string()).take(found.indices)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(values), values, None).cast(pa.string())
    return values.cast(pa.string())


def _safe(texts: pa.Array) -> pa.Array:
    """Texts that no spreadsheet runs: an apostrophe before what looks like a formula."""
    if not _holds(texts, _FORMULA_SIGNS):
        return texts
    runs = pc.match_substring_regex(texts, _FORMULA)
    return pc.if_else(runs, pc.binary_join_element_wise("'", texts, ""), texts)


def _quoted(texts: pa.Array) -> pa.Array:
    if not _holds(texts, _QUOTED_SIGNS):
        return texts
    inside = pc.replace_substring(texts, '"', '""')
    return pc.if_else(
        pc.match_substring_regex(texts, _QUOTED), pc.binary_join_element_wise('"', inside, '"', ""), texts
    )


def _holds(texts: pa.Array, signs: Sequence[bytes]) -> bool:
    """Whether one of the signs is anywhere in the texts: most columns have none, and need no closer look."""
    together = _text(texts)
    return any(sign in together for sign in signs)


def _text(texts: pa.Array) -> bytes:
    """All texts, one after the other."""
    _, offsets, data = texts.buffers()
    if data is None:
        return b""
    ends = np.frombuffer(offsets, np.int32)
    begin, end = int(ends[texts.offset]), int(ends[texts.offset + len(texts)])
    found: bytes = data.slice(begin, end - begin).to_pybytes()
    return found

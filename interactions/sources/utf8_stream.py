"""A text file of a known encoding as a stream of UTF-8.

Bytes that can't be read become DAMAGED, so that the rows they are in can be set aside; nothing is guessed into them.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from interactions.sources.byte_stream import ByteStream
from interactions.sources.encoding import UNKNOWN, Opener
from interactions.sources.everyday import CHINESE_SCORE, plausibility

# A noncharacter, which no text holds, before the sign for what can't be read.
MARK = "\ufdd0"
DAMAGED = f"{MARK}\ufffd"

_CHUNK = 1 << 20
_DAMAGING = "rapport.damaged"


def _damaged(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return DAMAGED, error.end
    raise error


codecs.register_error(_DAMAGING, _damaged)


def utf8_stream(open_file: Opener, encoding: str) -> BinaryIO:
    """The file's text as UTF-8 bytes without a byte order mark; bytes that can't be read become DAMAGED.

    `encoding` is what `find_encoding` answers; of several, each line is read in the first that fits it.
    """
    encodings = ("latin-1" if encoding == UNKNOWN else encoding).split("+")
    stream = open_file()
    blocks = _by_line(stream, encodings) if len(encodings) > 1 else _recoded(stream, encodings[0])
    return io.BufferedReader(ByteStream(stream, blocks), _CHUNK)


def _recoded(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)(_DAMAGING)
    while chunk := stream.read(_CHUNK):
        yield _utf8(decoder.decode(chunk))
    yield _utf8(decoder.decode(b"", final=True))


def _by_line(stream: BinaryIO, encodings: Sequence[str]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(_CHUNK):
        text = rest + chunk
        end = len(text) if len(text) > 8 * _CHUNK else text.rfind(b"\n") + 1
        rest = text[end:]
        yield _lines(text[:end], encodings)
    yield _lines(rest, encodings)


def _lines(text: bytes, encodings: Sequence[str]) -> bytes:
    return _utf8("".join(_line(line, encodings) for line in text.splitlines(keepends=True)))


def _line(line: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            continue
        # A damaged line of the first encoding may happen to fit the second one: only what makes sense is taken.
        if encoding == encodings[0] or plausibility(text) > CHINESE_SCORE:
            return text
    return line.decode(encodings[0], errors=_DAMAGING)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")

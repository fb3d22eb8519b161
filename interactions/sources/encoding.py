"""Which encoding a text file is in, found from its bytes, and the file as a stream of UTF-8."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable
from typing import BinaryIO

from workspace.errors import MappingError

Opener = Callable[[], BinaryIO]

_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EVERYDAY = 0.8
# Below this share of undecodable pieces a file is UTF-8 with damaged places rather than another encoding.
_DAMAGED = 0.1


def find_encoding(open_file: Opener, declared: str | None = None) -> str:
    """The encoding of a text file: declared, by its byte order mark, else the first that fits all of it.

    Tried in this order: UTF-16 (text with zero bytes), UTF-8, UTF-8 with damaged places, GB18030, Windows-1252.
    Raises MappingError when the declared encoding is not one Python knows.
    """
    if declared is not None:
        try:
            return codecs.lookup(declared).name
        except LookupError:
            raise MappingError(
                f"The mapping's encoding `{declared}` is not known; usual ones are utf-8, gb18030, big5."
            ) from None
    with open_file() as stream:
        start = stream.read(_CHUNK)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    wide = _utf_16(start)
    if wide is not None:
        return wide
    if _fits(open_file, "utf-8") or _damaged_utf_8(start):
        return "utf-8"
    if _looks_chinese(start) and _fits(open_file, "gb18030"):
        return "gb18030"
    return "cp1252" if _fits(open_file, "cp1252") else "latin-1"


def utf8_stream(open_file: Opener, encoding: str) -> BinaryIO:
    """The file's text as UTF-8 bytes without a byte order mark; bytes that can't be read become U+FFFD."""
    stream = open_file()
    return io.BufferedReader(_Recoded(stream, encoding), _CHUNK)


def _fits(open_file: Opener, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with open_file() as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf_16(start: bytes) -> str | None:
    """UTF-16 without a mark: many zero bytes, nearly all on one side of each pair."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) // 20 or len(start) < 4:
        return None
    return "utf-16-le" if odd > 10 * even else "utf-16-be" if even > 10 * odd else None


def _damaged_utf_8(start: bytes) -> bool:
    text = start.decode("utf-8", errors="replace")
    damaged = text.count("�")
    sound = sum(1 for character in text if ord(character) > 127) - damaged
    return damaged <= _DAMAGED * sound


def _looks_chinese(start: bytes) -> bool:
    """Read as Chinese, nearly all of it is everyday characters; Western text read so gives rare ones."""
    characters = [sign for sign in start.decode("gb18030", errors="ignore") if ord(sign) > 127]
    everyday = "".join(characters).encode("gb2312", errors="ignore").decode("gb2312")
    return bool(characters) and len(everyday) >= _EVERYDAY * len(characters)


class _Recoded(io.RawIOBase):
    """A stream decoded from one encoding and encoded as UTF-8, a chunk at a time."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._left = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # io declares the argument as any buffer
        while not self._left and not self._ended:
            chunk = self._stream.read(_CHUNK)
            self._ended = not chunk
            self._left = self._decoder.decode(chunk, final=self._ended).encode("utf-8", errors="replace")
        size = min(len(view), len(self._left))
        view[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()

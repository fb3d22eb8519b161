"""Which encoding a text file is in, found from its bytes."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

import pyarrow as pa

from interactions.sources.everyday import CHINESE_SCORE, plausibility
from workspace.errors import MappingError

Opener = Callable[[], BinaryIO]

# What `find_encoding` answers when no encoding it knows makes sense of the bytes.
UNKNOWN = "unknown"

_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Ways to read Chinese, the likelier first among equals; Big5 as Microsoft and Hong Kong extend it.
_CHINESE = ("gb18030", "big5", "cp950", "big5hkscs")
# Below this share of undecodable pieces a line is UTF-8 with damaged places rather than another encoding.
_DAMAGED_SHARE = 0.1
_SAMPLE_LINES = 5_000
# Western text has fewer odd signs among those beyond ASCII than this share; what has more was read wrongly.
_WESTERN_ODD = 0.2
_WESTERN_SIGNS = "€£§°©®«»·¿¡–—‘’“”„…²³½%´\xa0"


def find_encoding(open_file: Opener, declared: str | None = None) -> str:
    """The encoding of a text file: declared, by its byte order mark, else the one that makes sense of its bytes.

    Looked at in this order: UTF-16 (text with zero bytes), UTF-8, GB18030 and Big5 (whichever gives the more everyday
    characters), both in turn ("utf-8+gb18030": each line in the one it fits), UTF-8 with damaged places, Windows-1252;
    else UNKNOWN. Raises MappingError when the declared encoding is not one Python knows.
    """
    if declared is not None:
        return "+".join(_known(name) for name in declared.split("+"))
    with open_file() as stream:
        start = stream.read(_CHUNK)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    wide = _utf_16(start)
    if wide is not None:
        return wide
    if _is_sound_utf_8(open_file):
        return "utf-8"
    return _by_lines(open_file)


def _known(name: str) -> str:
    try:
        found = codecs.lookup(name)
        if not found._is_text_encoding:
            raise LookupError
        codecs.getincrementaldecoder(name)("strict").decode(b"", final=True)
    except (LookupError, TypeError, ValueError):
        raise MappingError(
            f"The mapping's encoding `{name}` is not known; usual ones are utf-8, gb18030, big5."
        ) from None
    return found.name


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


def _is_sound_utf_8(open_file: Opener) -> bool:
    """As _fits tells, in a fifth of the time: Arrow looks at the bytes without making text of them."""
    with open_file() as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            chunk = rest + chunk
            end = _whole_characters(chunk)
            if not _is_valid(chunk[:end]):
                return False
            rest = chunk[end:]
    return _is_valid(rest)


def _is_valid(text: bytes) -> bool:
    offsets = pa.py_buffer(bytes(8) + len(text).to_bytes(8, sys.byteorder))
    try:
        pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _whole_characters(chunk: bytes) -> int:
    """Bytes before the last character beyond ASCII, if that begins in the last four, since it may be cut in two."""
    starts = (place for place in range(len(chunk) - 1, max(len(chunk) - 5, -1), -1) if chunk[place] >= 0xC0)
    return next(starts, len(chunk))


def _utf_16(start: bytes) -> str | None:
    """UTF-16 without a mark: many zero bytes, nearly all on one side of each pair; or Chinese text in pairs."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) // 20 or len(start) < 4:
        return None
    return "utf-16-le" if odd > 10 * even else "utf-16-be" if even > 10 * odd else None


def _by_lines(open_file: Opener) -> str:
    """The encoding of a file that is not sound UTF-8, by its lines beyond ASCII: those in UTF-8 and the others."""
    ours, others = _sorted_lines(open_file)
    chinese = _chinese(others)
    if chinese is not None and (not ours or _better(ours, chinese)):
        return chinese if chinese == "gb18030" or _fits(open_file, chinese) else _wider(open_file, chinese)
    if chinese is not None:
        return f"utf-8+{chinese}"
    if len(ours) >= len(others):
        return "utf-8"
    return "cp1252" if _looks_western(others) and _fits(open_file, "cp1252") else "utf-8" if ours else UNKNOWN


def _sorted_lines(open_file: Opener) -> tuple[list[bytes], list[bytes]]:
    """The first lines beyond ASCII that are UTF-8 (but for damaged places), and the first others."""
    ours: list[bytes] = []
    others: list[bytes] = []
    for line in _lines_beyond_ascii(open_file):
        kind = ours if _is_utf_8(line) else others
        if len(kind) < _SAMPLE_LINES:
            kind.append(line)
        if len(others) == _SAMPLE_LINES:
            break
    return ours, others


def _lines_beyond_ascii(open_file: Opener) -> Iterator[bytes]:
    with open_file() as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            end = chunk.rfind(b"\n") + 1 or len(chunk)
            whole, rest = rest + chunk[:end], chunk[end:]
            if not whole.isascii():
                yield from (line for line in whole.splitlines() if not line.isascii())
        if not rest.isascii():
            yield rest


def _is_utf_8(line: bytes) -> bool:
    text = line.decode("utf-8", errors="replace")
    damaged = text.count("\ufffd")
    sound = sum(1 for character in text if ord(character) > 127) - damaged
    return damaged <= _DAMAGED_SHARE * sound


def _chinese(lines: Sequence[bytes]) -> str | None:
    """The reading that turns most of the lines into everyday Chinese; None when none does."""
    scores = {encoding: _score(lines, encoding) for encoding in _CHINESE}
    best = max(_CHINESE, key=lambda encoding: scores[encoding])
    return best if scores[best] >= CHINESE_SCORE else None


def _score(lines: Sequence[bytes], encoding: str) -> float:
    """Plausibility of the lines that can be read; none for a reading that fails on more than a tenth of them."""
    texts = []
    for line in lines:
        try:
            texts.append(line.decode(encoding))
        except UnicodeDecodeError:
            continue
    return plausibility("".join(texts)) if len(texts) >= 0.9 * len(lines) > 0 else 0.0


def _better(lines: Sequence[bytes], encoding: str) -> bool:
    """Whether lines that happen to be UTF-8 make more sense in another encoding."""
    return _score(lines, encoding) > plausibility("".join(line.decode("utf-8", errors="ignore") for line in lines))


def _wider(open_file: Opener, encoding: str) -> str:
    """Of Big5's extensions the first that reads the whole file, else plain `encoding` with damaged places."""
    wider = [name for name in _CHINESE[1:] if _fits(open_file, name)]
    return wider[0] if wider else encoding


def _looks_western(lines: Sequence[bytes]) -> bool:
    """Accented letters among plain ones and the usual signs; not whole words of the former, nor rare signs."""
    text = b"\n".join(lines).decode("cp1252", errors="replace")
    beyond = [sign for sign in text if ord(sign) > 127]
    odd = sum(1 for sign in beyond if not (sign.isalpha() and sign not in "ƒŒœŠšŽžŸˆªº") and sign not in _WESTERN_SIGNS)
    accented = sum(len(word) for word in re.findall(r"[À-ÿ]{4,}", text))
    return odd + accented <= _WESTERN_ODD * len(beyond)

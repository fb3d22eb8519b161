"""A text stream without the lines that would lead a CSV reader astray: they are kept aside, one placeholder for each.

A quotation mark that is never closed would swallow every line after it, one enormous line the memory. Such a line, and
one whose quotation marks stand in impossible places, is taken out; the reader finds in its place a line with a column
too many, and `text_of` gives back what stood there. The lines after it are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from interactions.sources.byte_stream import ByteStream

# The longest line, and record of several lines in quotation marks, that is read: bytes of UTF-8.
MOST_BYTES = 8 << 20
# Of a longer one, so much is kept to be shown.
_SHOWN = 1_000
_CHUNK = 1 << 20
# How far a quotation mark's end is looked for: near first, since most are near. All looks together, in bytes: beyond
# that only records of one line are known, so that a file made of open marks can't take hours.
_WINDOWS = (1 << 12, 1 << 16, MOST_BYTES)
_MOST_LOOKED = 4 << 30

_LINE_END = rb"(?:\r\n|\n|\r)"
_NEXT_LINE_END = re.compile(_LINE_END)


class SoundLines(ByteStream):
    """`stream` (UTF-8) after its first `skip` lines, of `columns` columns parted by `delimiter` (one byte).

    Without `quotes` only the length of lines is looked at.
    """

    def __init__(self, stream: BinaryIO, delimiter: str, columns: int, skip: int, quotes: bool = True) -> None:
        self._columns = columns
        self._delimiter = delimiter.encode()
        self._aside: dict[str, str] = {}
        self._looked = 0
        self._make_patterns(re.escape(self._delimiter))
        lines = self._after(skip, self._whole_lines())
        super().__init__(stream, self._sound_records(lines) if quotes else lines)

    def text_of(self, line: str) -> str:
        """What a line stands for: itself, unless it is a placeholder."""
        return self._aside.pop(line, line)

    def _make_patterns(self, one: bytes) -> None:
        blanks = b"" if self._delimiter == b" " else b"[ ]*+"
        bare = rb'(?:[^"\r\n%b][^\r\n%b]*+)?+' % (one, one)
        in_line = rb'(?:"(?:[^"\r\n]|"")*+"%b|%b)' % (blanks, bare)
        over_lines = rb'(?:"(?:[^"]|"")*+"%b|%b)' % (blanks, bare)
        self._lines = re.compile(rb"(?:%b(?:%b%b)*+%b)*+" % (in_line, one, in_line, _LINE_END))
        self._record = re.compile(rb"%b((?:%b%b)*+)%b" % (over_lines, one, over_lines, _LINE_END))
        self._more_fields = re.compile(one + over_lines)
        # As far as it goes it may be a record: it breaks off inside of quotation marks, or behind them.
        self._begun = re.compile(rb'(?:%b%b)*+(?:"(?:[^"]|"")*+"?%b|%b)\Z' % (over_lines, one, blanks, bare))

    def _whole_lines(self) -> Iterator[bytes]:
        """Blocks of whole lines, each ended; a placeholder for each that is too long."""
        rest = b""
        while chunk := self._source.read(_CHUNK):
            text = rest + chunk
            # A carriage return at the very end may be half a line end.
            end = max(text.rfind(b"\n"), text.rfind(b"\r", 0, -1)) + 1
            rest = text[end:]
            if end:
                yield text[:end]
            elif len(text) > MOST_BYTES:
                size, rest = self._to_line_end(len(text))
                yield self._placeholder(text[:_SHOWN], f" ... (a line of {size:,} bytes)")
        if rest:
            yield rest if rest.endswith(b"\r") else rest + b"\n"

    def _to_line_end(self, size: int) -> tuple[int, bytes]:
        """The size of a line of which `size` bytes were read, and what was read after it."""
        while chunk := self._source.read(_CHUNK):
            found = _NEXT_LINE_END.search(chunk)
            if found is not None:
                return size + found.start(), chunk[found.end() :]
            size += len(chunk)
        return size, b""

    def _after(self, skip: int, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            start = 0
            while skip and start < len(block):
                found = _NEXT_LINE_END.search(block, start)
                start = found.end() if found is not None else len(block)
                skip -= 1
            if start < len(block):
                yield block[start:]

    def _sound_records(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        carried = b""
        for block in blocks:
            text = carried + block
            sound, position = (text, len(text)) if b'"' not in text else self._mended(text, ended=False)
            carried = text[position:]
            if sound:
                yield sound
        if carried:
            yield self._mended(carried, ended=True)[0]

    def _mended(self, text: bytes, ended: bool) -> tuple[bytes, int]:
        """The sound records of a text, placeholders for the others, and where a record begins that is still open."""
        parts: list[bytes] = []
        position = 0
        while position < len(text):
            run = self._lines.match(text, position)
            if run is not None and run.end() > position:
                parts.append(run.group())
                position = run.end()
                continue
            end = self._end_of_record(text, position, ended)
            if end == 0:
                break
            if end is None:
                line = _NEXT_LINE_END.search(text, position)
                stop, end = (line.start(), line.end()) if line is not None else (len(text), len(text))
                parts.append(self._placeholder(text[position:stop]))
            else:
                parts.append(text[position:end])
            position = end
        return b"".join(parts), position

    def _end_of_record(self, text: bytes, start: int, ended: bool) -> int | None:
        """Where a record of several lines ends; 0 when more has to be read to know; None when it isn't one.

        It has to have the right number of columns: else its mark was closed by another row's.
        """
        if self._looked > _MOST_LOOKED:
            return None
        for window in _WINDOWS:
            stop = min(len(text), start + window)
            found = self._record.match(text, start, stop)
            if found is not None:
                fields = 1 + len(self._more_fields.findall(found.group(1)))
                return found.end() if fields == self._columns else None
            self._looked += stop - start
            if self._begun.match(text, start, stop) is None:
                return None
            if stop == len(text):
                return None if ended or stop - start >= MOST_BYTES else 0
        return None

    def _placeholder(self, line: bytes, more: str = "") -> bytes:
        key = self._delimiter * self._columns + b"\x02%d" % len(self._aside)
        while key.decode() in self._aside:
            key += b"+"
        self._aside[key.decode()] = line.decode("utf-8", errors="replace") + more
        return key + b"\n"

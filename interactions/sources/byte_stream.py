"""Blocks of bytes, as they come, behind the one interface that Python's readers take: a raw stream."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO


class ByteStream(io.RawIOBase):
    """What `blocks` hold, one after the other; `source` is what they are made from, closed with this."""

    def __init__(self, source: BinaryIO, blocks: Iterator[bytes]) -> None:
        self._source = source
        self._blocks = blocks
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # io declares the argument as any buffer
        while not self._left:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._left = block
        size = min(len(view), len(self._left))
        view[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def close(self) -> None:
        self._source.close()
        super().close()

"""Blocks of bytes read as a stream: all of them, however much is asked for at a time."""

import io

from hypothesis import given
from hypothesis import strategies as st

from interactions.sources.byte_stream import ByteStream


@given(st.lists(st.binary(max_size=20), max_size=10), st.integers(1, 30))
def test_it_gives_all_blocks_in_pieces_of_any_size(blocks: list[bytes], size: int) -> None:
    stream = ByteStream(io.BytesIO(), iter(blocks))
    pieces = list(iter(lambda: stream.read(size), b""))
    assert b"".join(pieces) == b"".join(blocks)
    assert all(len(piece) <= size for piece in pieces)


def test_closing_it_closes_what_it_reads_from() -> None:
    source = io.BytesIO()
    with ByteStream(source, iter([b"a"])) as stream:
        assert stream.readable()
    assert source.closed

"""Text of any encoding as UTF-8: all that was written, and a mark for what can't be read."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.sources import utf8_stream as streams
from interactions.sources.encoding import UNKNOWN, find_encoding
from interactions.sources.utf8_stream import DAMAGED, utf8_stream

TEXT = "客户ID,沟通内容\n1,你们的客服态度很好，但是物流太慢了\n2,请问什么时候发货？\n"


def read(data: bytes, encoding: str) -> str:
    with utf8_stream(lambda: io.BytesIO(data), encoding) as stream:
        return stream.read().decode("utf-8")


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "utf-8+gb18030"])
def test_it_is_the_text_whatever_the_blocks(monkeypatch: pytest.MonkeyPatch, encoding: str, chunk: int) -> None:
    monkeypatch.setattr(streams, "_CHUNK", chunk)
    # Pieces of one byte are longer than a line may be: nothing can be told line by line of so few.
    lines = TEXT if chunk > 1 or "+" not in encoding else "a,b\n"
    assert read(lines.encode(encoding.split("+")[0]), encoding) == lines


def test_what_cannot_be_read_is_marked() -> None:
    assert read(TEXT.encode() + b"3,\xff\xfe bad\n", "utf-8") == f"{TEXT}3,{DAMAGED}{DAMAGED} bad\n"
    assert read(TEXT.encode("gb18030") + b"9,\xff\n", "gb18030") == f"{TEXT}9,{DAMAGED}\n"
    assert read(TEXT.encode() + "3,很好".encode()[:-1], "utf-8") == f"{TEXT}3,很{DAMAGED}"


def test_lines_in_two_encodings_are_each_read_in_theirs() -> None:
    lines = [f"{number},客户说第{number}次付款没有收到\n" for number in range(50)]
    data = b"".join(line.encode("gb18030" if number % 7 == 0 else "utf-8") for number, line in enumerate(lines))
    assert read(data, "utf-8+gb18030") == "".join(lines)
    damaged = data + "51,很".encode()[:-1] + b"\n"
    assert read(damaged, "utf-8+gb18030") == "".join(lines) + f"51,{DAMAGED}\n"


def test_of_an_unknown_encoding_every_byte_is_a_sign() -> None:
    assert read(b"a\xe9\xff", UNKNOWN) == "aéÿ"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(data: bytes) -> None:
    read(data, find_encoding(lambda: io.BytesIO(data)))

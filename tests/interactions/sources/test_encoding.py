"""Encodings found from bytes."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.sources.encoding import find_encoding, utf8_stream
from workspace.errors import MappingError

CHINESE = "客户ID,沟通内容\n1,你们的客服态度很好，但是物流太慢了\n2,请问什么时候发货？\n"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", CHINESE),
        ("utf-8-sig", CHINESE),
        ("utf-16", CHINESE),
        ("utf-16-le", "id,text\n1,hello there\n" * 5),
        ("utf-16-be", "id,text\n1,hello there\n" * 5),
        ("gb18030", CHINESE),
        ("cp1252", "name,city\nMüller,Köln\nJosé,São Paulo – “Sul”\n"),
    ],
)
def test_finds_it_and_reads_the_same_text(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    found = find_encoding(lambda: io.BytesIO(data))
    with utf8_stream(lambda: io.BytesIO(data), found) as stream:
        assert stream.read().decode("utf-8") == text
    assert found == encoding


def test_utf_8_with_a_damaged_place_stays_utf_8() -> None:
    data = (CHINESE * 3).encode() + b"3,\xff\xfe bad\n"
    assert find_encoding(lambda: io.BytesIO(data)) == "utf-8"
    with utf8_stream(lambda: io.BytesIO(data), "utf-8") as stream:
        assert stream.read().decode().endswith("3,\ufffd\ufffd bad\n")


def test_declared_encodings_go_first(tmp_path: Path) -> None:
    data = "客戶".encode("big5")
    assert find_encoding(lambda: io.BytesIO(data), "Big5") == "big5"
    with pytest.raises(MappingError, match="`klingon` is not known"):
        find_encoding(lambda: io.BytesIO(data), "klingon")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(data: bytes) -> None:
    found = find_encoding(lambda: io.BytesIO(data))
    with utf8_stream(lambda: io.BytesIO(data), found) as stream:
        stream.read().decode("utf-8")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=20, max_size=80))
def test_utf_8_is_never_taken_for_another(text: str) -> None:
    assert find_encoding(lambda: io.BytesIO(text.encode())) == "utf-8"

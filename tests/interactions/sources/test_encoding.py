"""Encodings found from bytes."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.cleaning import chinese
from interactions.sources.encoding import UNKNOWN, find_encoding
from workspace.errors import MappingError

CHINESE = "客户ID,沟通内容\n1,你们的客服态度很好，但是物流太慢了\n2,请问什么时候发货？\n"
TRADITIONAL = "客戶編號,溝通內容\n1,你們的客服態度很好，但是物流太慢了\n2,請問什麼時候發貨？\n"
WESTERN = "name,city\nMüller,Köln\nJosé,São Paulo – “Sul”\n"


def found(data: bytes) -> str:
    return find_encoding(lambda: io.BytesIO(data))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", CHINESE),
        ("utf-8-sig", CHINESE),
        ("utf-16", CHINESE),
        ("utf-16-le", "id,text\n1,hello there\n" * 5),
        ("utf-16-be", "id,text\n1,hello there\n" * 5),
        ("utf-16-le", CHINESE),
        ("utf-16-be", TRADITIONAL),
        ("gb18030", CHINESE),
        ("gb18030", TRADITIONAL),
        ("big5", TRADITIONAL),
        ("cp1252", WESTERN),
    ],
)
def test_it_is_found(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    assert found(data) == encoding


@pytest.mark.parametrize("length", [3, 6, 20, 100])
@pytest.mark.parametrize(("text", "encoding"), [(CHINESE, "gb18030"), (TRADITIONAL, "big5")])
def test_short_and_long_pieces_of_chinese(text: str, encoding: str, length: int) -> None:
    chosen = random.Random(length)
    signs = [sign for sign in text if ord(sign) > 127]
    right = 0
    for _ in range(100):
        piece = "".join(chosen.choices(signs, k=length))
        right += found(f"id,name\n1,{piece}\n".encode(encoding)) == encoding
    assert right >= 97


def test_words_that_the_lists_were_not_made_from() -> None:
    words = sorted(word for word, strength in chinese.LEXICON.items() if strength)
    chosen = random.Random(7)
    pieces = [
        "id,text\n" + "".join(f"{n},{word}\n" for n, word in enumerate(chosen.choices(words, k=8))) for _ in range(80)
    ]
    assert sum(found(piece.encode("gb18030")) == "gb18030" for piece in pieces) >= 79


@pytest.mark.parametrize("text", ["Müller\n", "GRÖßE;ÄÖÜ\n", "naïve façade\nÆrø\n", "10 € – “ok”\n"])
def test_western_words(text: str) -> None:
    assert found(f"id,name\n{text}".encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("encoding", ["shift_jis", "koi8_r"])
def test_what_is_not_recognised_says_so(encoding: str) -> None:
    texts = {
        "shift_jis": "お客様からのお問い合わせ、商品がまだ届いていません",
        "koi8_r": "Здравствуйте, где мой заказ",
    }
    assert found(f"id,text\n1,{texts[encoding]}\n".encode(encoding)) == UNKNOWN


def test_utf_8_with_a_damaged_place_stays_utf_8() -> None:
    assert found((CHINESE * 3).encode() + b"3,\xff\xfe bad\n") == "utf-8"
    assert found(CHINESE.encode() + "3,很好".encode()[:-1] + b"\n") == "utf-8"


def test_lines_in_two_encodings_are_told() -> None:
    lines = [f"{number},客户说第{number}次付款没有收到\n" for number in range(50)]
    data = b"".join(line.encode("gb18030" if number % 7 == 0 else "utf-8") for number, line in enumerate(lines))
    assert found(data) == "utf-8+gb18030"


def test_gb18030_with_a_damaged_place() -> None:
    assert found((CHINESE * 20).encode("gb18030") + b"9,\xff\n") == "gb18030"


def test_declared_encodings_go_first(tmp_path: Path) -> None:
    data = "客戶".encode("big5")
    assert find_encoding(lambda: io.BytesIO(data), "Big5") == "big5"
    for name in ("klingon", "base64", "utf-8+klingon"):
        with pytest.raises(MappingError, match="is not known"):
            find_encoding(lambda: io.BytesIO(data), name)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=20, max_size=80))
def test_utf_8_is_never_taken_for_another(text: str) -> None:
    assert found(text.encode()) == "utf-8"

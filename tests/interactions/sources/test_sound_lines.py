"""Lines that would lead a CSV reader astray are taken out, one by one, and the others stay as they are."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.sources import sound_lines
from interactions.sources.sound_lines import SoundLines


def read(data: bytes, columns: int = 2, skip: int = 0, delimiter: str = ",") -> tuple[bytes, list[str]]:
    """The sound text, and what every placeholder in it stands for."""
    stream = SoundLines(io.BytesIO(data), delimiter, columns, skip)
    text = io.BufferedReader(stream).read()
    lines = text.decode().splitlines()
    return text, [stream.text_of(line) for line in lines if "\x02" in line]


@pytest.mark.parametrize(
    ("data", "aside"),
    [
        (b'1,"abc\n2,b\n3,"d"\n', ['1,"abc']),
        (b'1,b\n3,"d', ['3,"d']),
        (b'1,"abc"x\n2,"b\nc"\n', ['1,"abc"x']),
        (b'"1,b\n"2","c"\n3,d\n', ['"1,b']),
        (b'1,"a\nb",c\n2,d\n', ['1,"a', 'b",c'][:1]),
        (b'1,"he said ""no""",\n', []),
        (b'1,5" disk\r2,"x"  \r', []),
        (b'1,"' + b"x\n" * 3000 + b'"\n2,b\n', []),
    ],
)
def test_what_is_taken_out(data: bytes, aside: list[str]) -> None:
    assert read(data)[1] == aside


def test_sound_text_is_untouched_whatever_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'h,i\r\n1,"a,b"\r\n2,"c\r\nd ""e"""\r\n\r\n3,f\r\n' * 50
    for size in (1, 2, 3, 7, 64, 1000):
        monkeypatch.setattr(sound_lines, "_CHUNK", size)
        assert read(data) == (data, [])
        assert read(data, skip=1) == (data[5:], [])


def test_a_long_line_is_shown_in_part_and_the_rest_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_lines, "_CHUNK", 100)
    monkeypatch.setattr(sound_lines, "MOST_BYTES", 500)
    text, aside = read(b"1,a\n2," + b"x" * 5000 + b"\n3,c\n" + b"4," + b"y" * 5000)
    assert [line[:3] for line in aside] == ["2,x", "4,y"]
    assert aside[0].endswith("... (a line of 5,002 bytes)")
    assert text.startswith(b"1,a\n,,\x020\n3,c\n,,")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='a,"\n\r;', max_size=60).filter(lambda text: "\r" not in text))
def test_no_line_is_lost(text: str) -> None:
    """Every sign of the text is in the sound part or aside."""
    sound, aside = read(text.encode())
    kept = "".join(line for line in sound.decode().splitlines(keepends=True) if "\x02" not in line)
    for sign in 'a,";':
        assert kept.count(sign) + sum(line.count(sign) for line in aside) == text.count(sign)


def test_a_file_of_open_marks_takes_no_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_lines, "_MOST_LOOKED", 1 << 20)
    _, aside = read(b'a,"b""\n' * 20_000)
    assert len(aside) == 20_000

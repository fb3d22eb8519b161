"""JSON and JSON Lines: the same rows however large, nested or broken."""

import io
import json
import tracemalloc

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interactions.sources import json_files, json_stream
from interactions.sources.batches import BROKEN, ROW, Content
from interactions.sources.encoding import find_encoding
from interactions.sources.json_files import read_json
from interactions.sources.json_stream import BrokenJSONError, Pieces, loads
from interactions.sources.mapping import Reading
from workspace.errors import SourceError


def opened_json(data: bytes) -> Content:
    return read_json(lambda: io.BytesIO(data), find_encoding(lambda: io.BytesIO(data)), Reading(), "f.json")


def rows_of(text: str | bytes) -> list[dict[str, object]]:
    data = text.encode() if isinstance(text, str) else text
    content = opened_json(data)
    return pa.Table.from_batches(list(content.rows())).drop_columns([ROW]).to_pylist()


def test_members_of_members_are_columns_besides() -> None:
    rows = rows_of(
        '[{"id": 1, "customer": {"id": "7", "at": {"city": "京"}}, "tags": ["a", 2]}, {"id": 2, "customer": null}]'
    )
    assert rows[0] == {
        "id": "1",
        "customer": '{"id": "7", "at": {"city": "京"}}',
        "customer.id": "7",
        "customer.at": '{"city": "京"}',
        "customer.at.city": "京",
        "tags": '["a", "2"]',
        BROKEN: None,
    }
    assert rows[1]["customer.id"] is None
    keyed = {"by": {f"c{number}": 1 for number in range(101)}}
    assert set(rows_of(json.dumps([keyed]))[0]) == {"by", BROKEN}


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1}, {"a": 2}]',
        '{"a": 1}\n{"a": 2}\n',
        '{"page": 1, "data": [{"a": 1}, {"a": 2}], "tags": [1, 2], "next": {"x": [{"a": 9}]}}',
        '{"page": 1,\n "data": [\n{"a": 1},\n{"a": 2}\n]}',
        '[\n{"a": 1},\n{"a": 2}\n]\n\n',
        '\ufeff\r\n{"a":1}\r\n\r\n{"a":2}',
    ],
)
def test_every_shape_gives_the_same_rows(text: str) -> None:
    assert [row["a"] for row in rows_of(text)] == ["1", "2"]


def test_numbers_and_words_stay_as_written() -> None:
    assert rows_of('[{"a": 12345678901234567890, "b": 1.10, "c": NaN, "d": -Infinity, "e": true, "f": null}]')[0] == {
        "a": "12345678901234567890", "b": "1.10", "c": "NaN", "d": "-Infinity", "e": "true", "f": None, BROKEN: None
    }  # fmt: skip


def test_what_is_no_sound_object_is_a_broken_line() -> None:
    deep = "[" * 200_000
    lines = [
        '{"a": 1}',
        '{"a": 2',
        '{"a": 3, "a": 4}',
        f'{{"a": {deep}',
        "[5]",
        "null",
        '{"a": "6"} {"a": 7}',
        '{"a": 8}',
    ]
    rows = rows_of("\n".join(lines))
    assert [row["a"] for row in rows] == ["1", *[None] * 6, "8"]
    assert [row[BROKEN] for row in rows] == [None, *lines[1:7], None]
    assert [row[BROKEN] for row in rows_of('[{"a": 1}, 2, {"b": {"c": 1, "c": 2}}]')] == [
        None,
        '"2"',
        '{"b": {"c": "2"}}',
    ]
    assert rows_of('{"a": 1\n{"a": 2}\n{"a": 3}\n')[0][BROKEN] == '{"a": 1'


def test_damaged_bytes_break_their_row_alone() -> None:
    rows = rows_of('{"a": "很好很好很好很好"}\n{"a": "'.encode() + b'\xe5"}\n')
    assert (rows[0]["a"], rows[1]["a"], rows[1][BROKEN]) == ("很好很好很好很好", None, '{"a": "\ufffd"}')
    rows = rows_of('[{"a": "很好很好很好很好"},\n{"a": "'.encode() + b'\xe5"}]')
    assert rows[1][BROKEN] == '{"a": "\ufffd"}'
    rows = rows_of(r'[{"a": "\ud800x"}, {"\udfff": 2}, {"a": "\ud83d\ude00"}]')
    assert (rows[0][BROKEN], rows[1]["?"], rows[2]["a"]) == ('{"a": "?x"}', "2", "😀")


def test_a_line_that_is_too_long_is_shown_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_files, "MOST_BYTES", 100)
    monkeypatch.setattr(json_files, "_SHOWN", 6)
    long = json.dumps({"a": "x" * 500})
    rows = rows_of(f'{{"a": 1}}\n{long}\n{{"a": 2}}\n')
    assert [row[BROKEN] for row in rows] == [None, f'{{"a":  ... (a line of {len(long) + 1} signs)', None]


BAD = {
    '[{"a": 1}, {"a": ': "is not valid JSON .*at or after line 1",
    '[{"a": 1},\n\n{"a" 2}]': "at or after line 3",
    '[{"a": 1}] x': "more follows behind its end",
    '[{"a": 1},]': "not valid JSON",
    '{"a": [{"b": 1}], "c": [{"d": 1}]}': "several lists of objects: a, c",
    "[1, 2]": "holds no objects",
    "[]": "holds no objects",
    '[{"a": ' + "[" * 200_000: "nested too deep|not valid JSON",
}


@pytest.mark.parametrize("text", BAD)
def test_what_can_not_be_read_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match=BAD[text]) as refused:
        rows_of(text)
    assert "f.json" in str(refused.value)


def test_a_value_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", 10)
    monkeypatch.setattr(json_stream, "MOST_SIGNS", 100)
    with pytest.raises(SourceError, match="has more than"):
        rows_of(json.dumps([{"a": "x" * 500}]))


VALUES = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(0, 10**20).map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.integers(1, 9), st.sampled_from([None, 1]))
def test_pieces_are_what_the_whole_is(value: object, chunk: int, indent: int | None) -> None:
    text = json.dumps([value, value], indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        pieces = Pieces(io.StringIO(text))
        found = list(pieces.elements())
        pieces.end()
    assert found == loads(text)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='{}[]",: 1a\n', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    pieces = Pieces(io.StringIO(text))
    try:
        pieces.value()
        pieces.end()
    except BrokenJSONError:
        with pytest.raises(ValueError):  # noqa: PT011
            loads(text)
    else:
        loads(text)


def test_memory_does_not_grow_with_the_file() -> None:
    row = json.dumps({"a": "x" * 1000})
    data = ("[" + ",".join([row] * 30_000) + "]").encode()
    # What is imported on the way is none of the file's.
    list(opened_json(b'[{"a": 1}]').rows())
    tracemalloc.start()
    content = opened_json(data)
    assert sum(batch.num_rows for batch in content.rows()) == 30_000
    assert tracemalloc.get_traced_memory()[1] < len(data) * 1.2
    tracemalloc.stop()

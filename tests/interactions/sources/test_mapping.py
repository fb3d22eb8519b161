"""Mapping files: what they can say, and what is refused with which words."""

from pathlib import Path

import pytest

from interactions.sources.mapping import load, parse, resolve
from workspace.errors import MappingError


def test_short_forms_aliases_and_constants() -> None:
    found = parse(
        {
            "columns": {
                "customer_id": "customer",
                "occurred_at": ["when", "time"],
                "duration": {"column": "talk"},
                "wait": {"column": "queue", "unit": "min"},
                "channel": {"value": "phone"},
                "is_automated": {"value": False},
                "known_at": "seen",
            }
        },
        "interactions",
    )
    assert found.columns["occurred_at"].column == ("when", "time")
    assert found.columns["duration_ms"].unit == "s"
    assert found.columns["wait_ms"].unit == "min"
    assert found.columns["is_automated"].value == "false"


def test_the_first_alternative_present_is_read() -> None:
    mapping = parse({"columns": {"amount": {"multiply": ["n", ["Price", "price"]]}}}, "orders")
    assert resolve(mapping, ["price", "n"], "f").reads == {"amount": ("n", "price")}
    assert resolve(mapping, ["price", "Price", "n"], "f").reads == {"amount": ("n", "Price")}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"columns": {"customer": "c"}}, "names `customer`, which interactions doesn't have"),
        ({"columns": {"customer_idd": "c"}}, "did you mean `customer_id`"),
        ({"columns": {"kind": {"column": "c", "units": "s"}}}, r"kind has the unknown key `units`"),
        ({"columns": {"kind": {}}}, "needs exactly one of column"),
        ({"columns": {"kind": {"column": "a", "value": "b"}}}, "needs exactly one of column"),
        ({"columns": {"occurred_at": {"column": "a", "timezone": "Mars/Base"}}}, "`Mars/Base` is not a time zone"),
        ({"columns": {"duration": {"column": "a", "unit": "weeks"}}}, "unit"),
        ({"columns": {"duration": "a", "duration_ms": "b"}}, "another name of duration_ms"),
        ({"columns": {"customer_id": {"value": "a", "prefix": "b"}}}, "customer_id: has both value and prefix"),
        ({"columns": {"occurred_at": {"column": "a", "prefix": "b"}}}, "occurred_at has a prefix, which only text can"),
        ({"delimeter": ";", "columns": {}}, "unknown key `delimeter`"),
        ({"table": "orders"}, "unknown key `table`"),
        ({"where": "outcome ="}, "can't be read at"),
    ],
)
def test_refuses_what_it_doesn_t_know(part: dict[str, object], words: str) -> None:
    with pytest.raises(MappingError, match=words):
        parse(part, "interactions", "m.toml")


def test_absent_columns_are_named_with_what_there_is() -> None:
    mapping = parse({"where": "state = 'x'", "columns": {"kind": ["type", "sort"]}}, "interactions")
    with pytest.raises(MappingError, match=r"where reads the column `state`, which calls.csv doesn't have.*typ, when"):
        resolve(mapping, ["typ", "when"], "calls.csv")
    with pytest.raises(MappingError, match=r"kind reads the column `type` or `sort`.*did you mean `typ`"):
        resolve(mapping, ["typ", "state"], "calls.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[interactions", "is not valid TOML"),
        ("[contacts]", r"has a part \[contacts\]; the tables are interactions"),
        ("[orders]", r"has no part \[interactions\]; it has orders"),
    ],
)
def test_refuses_a_bad_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(MappingError, match=words):
        load(tmp_path / "m.toml", "interactions")


def test_refuses_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="no mapping file"):
        load(tmp_path / "none.toml", "orders")
    with pytest.raises(MappingError, match="is a folder"):
        load(tmp_path, "orders")


def test_the_digest_follows_every_change() -> None:
    first = parse({"columns": {"kind": "a"}}, "interactions")
    assert first.digest("x") == parse({"columns": {"kind": {"column": "a"}}}, "interactions").digest("x")
    assert first.digest("x") != first.digest("y")
    assert first.digest("x") != parse({"columns": {"kind": "b"}}, "interactions").digest("x")


def test_what_a_mapping_does_not_say_leaves_its_digest_as_it_always_was() -> None:
    """Raw folders of earlier versions are not cleaned anew because the language has grown."""
    mapping = parse({"columns": {"kind": {"column": "a", "default": "x"}, "wait": "w"}}, "interactions")
    assert mapping.digest("UTC", "{}") == "53cd0ab0c258fa5a"
    assert mapping.digest() != parse({"columns": {"kind": {"column": "a", "prefix": "x"}}}, "interactions").digest()

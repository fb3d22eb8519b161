"""Mapping files: what they can say, and what is refused with which words."""

from pathlib import Path

import pytest

from interactions.sources.mapping import load, parse, resolve
from interactions.sources.names import fitted
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
        (
            {"columns": {"occurred_at": {"column": "a", "prefix": "b"}}},
            "occurred_at has a prefix, which only plain text can",
        ),
        ({"delimeter": ";", "columns": {}}, "unknown key `delimeter`"),
        ({"table": "orders"}, "unknown key `table`"),
        ({"where": "outcome ="}, "can't be read at"),
        ({"columns": "occurred_at"}, r"`columns` is a text; it is a part of its own: \[interactions.columns\]"),
        ({"columns": {"kind": 3}}, r"\[interactions.columns\] kind"),
        ({"columns": {"kind": {"columns": [3]}}}, r"\[interactions.columns\] kind `columns`"),
        ({"occurred_at": "when"}, r"unknown key `occurred_at` \(a column goes under \[interactions.columns\]\)"),
        ({"columns": {"kind": {"column": "a", "colum": "b"}}}, r"kind has the unknown key `colum` \(did you mean"),
        ({"defaults": {"chanel": "phone"}}, r"defaults\] names `chanel`, .*did you mean `channel`"),
        ({"defaults": {"duration": 30}}, "can't say in which unit duration is"),
        ({"defaults": {"kind": "a"}, "columns": {"kind": {"column": "a", "default": "b"}}}, "gives it a constant"),
        (
            {"fill": {"kind": "mean"}},
            "fills kind by `mean`. Features can fill wait_ms by mean, median, .*kind by prev",
        ),
        ({"fill": {"channel": "previous"}}, "fills channel by `previous`"),
        ({"fill": {"satisfaction": "average"}}, r"\[interactions\] `fill.satisfaction`: Input should be 'keep'"),
        ({"fill": {"wait": "mean"}, "columns": {"kind": "a"}}, "names wait_ms, which nothing under"),
        ({"columns": {"wait": {"column": "a", "fill": "mean", "default": 1}}}, "wait_ms has a constant and a fill"),
        ({"fill": {"kind": "previous"}, "defaults": {"kind": "ask"}}, "kind has a constant and a fill"),
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
    kept = mapping.model_dump(mode="json")
    assert not {"fill", "defaults"} & set(kept)
    assert not {"fill", "prefix"} & set(kept["columns"]["kind"])
    assert mapping.digest() != parse({"columns": {"kind": {"column": "a", "prefix": "x"}}}, "interactions").digest()


def test_table_wide_defaults_are_constants_or_stand_in_for_what_is_missing() -> None:
    mapping = parse({"defaults": {"channel": "phone", "kind": 3}, "columns": {"kind": "type"}}, "interactions")
    rules = resolve(mapping, ["type"], "f").rules
    assert (rules["channel"].value, rules["kind"].default, rules["kind"].wanted) == ("phone", "3", (("type",),))
    assert resolve(mapping, ["type"], "f").reads == {"kind": ("type",), "channel": ()}


def test_fills_are_declared_by_column_or_together() -> None:
    mapping = parse(
        {
            "fill": {"wait": "previous", "outcome": "keep"},
            "columns": {"wait": "w", "outcome": "o", "satisfaction": {"column": "s", "fill": "median"}},
        },
        "interactions",
    )
    assert mapping.fills == {"wait_ms": "previous", "satisfaction": "median"}
    assert parse({"columns": {"wait": "w"}, "fill": {"wait": "keep"}}, "interactions").fills == {}


def test_a_mapping_without_columns_leaves_them_to_their_names() -> None:
    mapping = parse({"timezone": "Asia/Tokyo", "defaults": {"channel": "chat"}}, "interactions")
    laid = fitted(mapping, ["时间", "客户ID"], "f")
    assert mapping.by_name
    assert laid.timezone == "Asia/Tokyo"
    assert set(laid.rules) == {"occurred_at", "customer_id", "channel"}
    given = parse({"columns": {"occurred_at": "t"}}, "interactions")
    assert fitted(given, ["t"], "f") is given


def test_dates_and_numbers_of_toml_are_text(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("[surveys.columns]\nanswered_at = {value = 2024-05-01}\nimportance = {value = 3}")
    rules = load(tmp_path / "m.toml", "surveys").columns
    assert (rules["answered_at"].value, rules["importance"].value) == ("2024-05-01", "3")


def test_a_part_must_be_one(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text("orders = 3")
    with pytest.raises(MappingError, match=r"`orders` is no part of its own"):
        load(tmp_path / "m.toml", "orders")

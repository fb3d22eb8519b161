import pytest

from interactions.sources.crm.records import Rows
from workspace.errors import SourceError


def rows(*fields: str, first=None, needed=None, keep_all: bool = False) -> Rows:
    return Rows("crm/x", fields, first or {}, needed or {}, None, keep_all)


def test_nested_records_lists_and_nulls() -> None:
    made = rows("a", "b.c", "list.at", "b@odata.name")
    record = {"a": 1, "b": {"c": "x", "d": 2}, "list": [{"at": "1"}, {"at": "2"}], "b@odata.name": "n", "more": 3}
    assert made.page([record, {"b": None, "list": []}]) == [
        {"a": 1, "b.c": "x", "list.at": "2", "b@odata.name": "n"},
        {"a": None, "b.c": None, "list.at": None, "b@odata.name": None},
    ]
    assert made.missing == set()


def test_the_first_field_that_says_something() -> None:
    made = rows("x", "y", first={"one": ("x", "y")})
    assert [row["one"] for row in made.page([{"x": "", "y": 2}, {"x": 1, "y": 2}, {}, {"x": 0, "y": 2}])] == [
        2,
        1,
        None,
        0,
    ]


def test_all_fields_are_kept_where_none_are_named() -> None:
    assert rows(keep_all=True).page([{"a": {"b": 1, "c": {}}, "d": [1]}]) == [{"a.b": 1, "a.c": {}, "d": [1]}]


def test_one_record_without_a_needed_field_is_left_to_cleaning_all_of_them_are_an_error() -> None:
    made = rows("id", "when", needed={"occurred_at": ("when",), "key": ("id", "other")})
    assert len(made.page([{"id": 1, "when": 2}, {"id": 2}])) == 2
    with pytest.raises(SourceError, match=r"`when`, without which no row can be kept \(occurred_at\)"):
        made.page([{"id": 1}])
    with pytest.raises(SourceError, match="`id` or `other`"):
        made.page([{"when": 1}])
    assert made.page([]) == []

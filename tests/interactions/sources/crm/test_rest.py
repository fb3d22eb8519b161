"""Any API with a bearer token, in the five ways of paging."""

import pyarrow.parquet as pq
import pytest

from interactions.cleaning.clean import clean
from interactions.sources.raw import raw_files
from workspace.errors import MappingError, SettingsError, SourceError

MAPPING = """
[interactions.columns]
interaction_id = { column = "id", prefix = "chat-" }
customer_id = "who.id"
occurred_at = "at"
channel = { value = "chat" }
content = "text"
"""
PAGING = {
    "link": {"kind": "link_header"},
    "next": {"kind": "next_url", "path": "next"},
    "cursor": {"kind": "cursor", "path": "cursor", "param": "at"},
    "offset": {"kind": "offset", "total": "total"},
    "page": {"kind": "page"},
    "all": {"kind": "none"},
}


@pytest.fixture(autouse=True)
def records(service) -> None:
    service.records["rows"] = [
        {"id": n, "who": {"id": f"c{n % 2}"}, "at": "2024-03-01T09:00:00Z", "text": f"hello {n}", "tags": ["a", "b"],
         "changed": f"2024-03-0{n}"}
        for n in range(1, 6)
    ]  # fmt: skip


@pytest.fixture
def mapping(workspace) -> str:
    (workspace.folder / "chats.toml").write_text(MAPPING)
    return "chats.toml"


@pytest.mark.parametrize("way", PAGING)
def test_every_way_of_paging_gives_every_row_once(way, service, collect, workspace, mapping) -> None:
    sized = {"page_size": 2} if way == "offset" else {}
    given = {
        "path": way,
        "paginator": PAGING[way],
        **sized,
        **({"data": "items"} if way not in ("link", "all") else {}),
    }
    assert collect("rest", table="interactions", mapping=mapping, **given).new == {"crm": 5}
    (file,) = raw_files(workspace.raw)
    found = pq.read_table(file.path)
    assert [found[name].to_pylist() for name in ("id", "who.id", "tags")] == [
        ["1", "2", "3", "4", "5"],
        ["c1", "c0", "c1", "c0", "c1"],
        ['["a", "b"]'] * 5,
    ]
    assert service.data_requests[0][2]["Authorization"] == "Bearer f1xed-token-of-the-environment"
    assert collect("rest", table="interactions", mapping=mapping, **given).new == {}


def test_a_cursor_asks_for_what_is_newer_alone(service, collect, workspace, mapping) -> None:
    given = {"path": "next", "data": "items", "paginator": PAGING["next"], "cursor": "changed", "cursor_param": "since"}
    assert collect("rest", table="interactions", mapping=mapping, **given).new == {"crm": 5}
    assert "since" not in service.data_requests[0][1]
    service.forget()
    service.records["rows"].append(
        {**service.records["rows"][0], "id": 6, "at": "2024-03-20T09:00:00Z", "changed": "2024-03-07"}
    )
    service.records["rows"][0] |= {"text": "corrected", "changed": "2024-03-08"}
    assert collect("rest", table="interactions", mapping=mapping, **given).new == {"crm": 2}
    assert service.data_requests[0][1]["since"] == "2024-03-05"
    clean(workspace)
    assert sorted(workspace.lake.read("interactions")["content"].to_pylist()) == [
        "corrected",
        "hello 1",
        "hello 1",
        "hello 2",
        "hello 3",
        "hello 4",
        "hello 5",
    ]
    assert collect("rest", table="interactions", mapping=mapping, **given).new == {}


def test_without_a_mapping_columns_are_matched_by_name(service, collect, workspace) -> None:
    service.records["rows"] = [{"customer_id": "c1", "occurred_at": "2024-03-01T09:00:00Z", "channel": "电话"}]
    done = collect("rest", table="interactions", path="all")
    assert done.received[0].matched["customer_id"] == "customer_id"
    clean(workspace)
    assert workspace.lake.read("interactions")["channel"].to_pylist() == ["phone"]


def test_a_cursor_field_that_is_not_there_is_named(collect, mapping) -> None:
    with pytest.raises(SourceError, match=r"`updated`, without which no row can be kept \(the cursor\)"):
        collect("rest", table="interactions", mapping=mapping, path="all", cursor="updated")


def test_a_mapping_of_fields_that_are_not_there_is_named(service, collect, mapping) -> None:
    for row in service.records["rows"]:
        del row["at"]
    with pytest.raises((SourceError, MappingError), match="`at`"):
        collect("rest", table="interactions", mapping=mapping, path="all")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"path": "all", "token_env": "NOWHERE_SET"}, "NOWHERE_SET is not set"),
        ({}, "`path`"),
        ({"path": "next", "paginator": {"kind": "next_url"}}, "needs `path`"),
        ({"path": "next", "paginator": {"kind": "offset"}}, "needs `page_size`"),
        ({"path": "next", "paginator": {"kind": "spiral"}}, "`paginator.kind`"),
        ({"path": "next/{secret}"}, "isn't one of {base_url}"),
    ],
)
def test_options_that_are_missing_are_named(given, said, collect) -> None:
    with pytest.raises(SettingsError) as caught:
        collect("rest", table="interactions", **given)
    assert said in str(caught.value)


def test_an_address_as_path_is_refused(collect) -> None:
    with pytest.raises(SourceError, match="Split it into"):
        collect("rest", table="interactions", path="https://example.com/x")


def test_a_token_with_a_line_break_is_refused_without_being_told(collect, monkeypatch) -> None:
    monkeypatch.setenv("REST_TOKEN", "abc\r\nX-Other: d")
    with pytest.raises(SettingsError) as caught:
        collect("rest", table="interactions", path="all")
    assert "abc" not in str(caught.value)

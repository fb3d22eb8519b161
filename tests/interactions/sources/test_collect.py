"""Files into raw: once, whole or not at all."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from interactions.sources.collect import collect, default_source, preview
from interactions.sources.raw import mapping_of, raw_files
from workspace.errors import MappingError, RapportError, SourceError
from workspace.folder import Workspace, open_workspace

MAPPING = """
[interactions]
where = "kind != 'test'"
[interactions.columns]
interaction_id = "id"
customer_id = "customer"
occurred_at = { column = "when", format = "%d/%m/%Y %H:%M" }
channel = "how"
kind = "kind"
"""
CSV = """id,customer,when,how,kind
1,C1,05/01/2024 10:00,电话,ask
2,C2,31/02/2024 10:00,信鸽,ask
3,C3,06/01/2024 11:00,mail,test
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "company", create=True)


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    return tmp_path / "m.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "calls.csv").write_text(CSV, encoding="utf-8")
    return tmp_path / "calls.csv"


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_rows_are_kept_as_received(workspace: Workspace, file: Path, mapping: Path) -> None:
    (received,) = collect(workspace, [file], "interactions", mapping)
    assert (received.rows, received.new, received.source) == (3, True, f"{file.parent.name}/calls.csv")
    assert "3 rows of interactions received" in received.as_text()
    (raw,) = raw_files(workspace.raw)
    table = pq.read_table(raw.path)
    assert table.select(raw.columns).to_pylist()[1] == dict(
        zip(CSV.splitlines()[0].split(","), CSV.splitlines()[2].split(","), strict=True)
    )
    assert table["rapport:row"].to_pylist() == [1, 2, 3]
    assert set(table["rapport:source"].to_pylist()) == {received.source}
    assert set(table["rapport:collected_at"].to_pylist()) == {raw.collected_at}
    assert not list(workspace.temp.iterdir())


def test_the_same_content_again_adds_nothing(workspace: Workspace, file: Path, mapping: Path) -> None:
    collect(workspace, [file, file], "interactions", mapping)
    before = snapshot(workspace.raw)
    (again,) = collect(workspace, [file], "interactions", mapping)
    assert (again.rows, again.new) == (3, False)
    assert "nothing new" in again.as_text()
    assert snapshot(workspace.raw) == before


def test_the_mapping_in_force_goes_on_without_one(workspace: Workspace, file: Path, mapping: Path) -> None:
    collect(workspace, [file], "interactions", mapping)
    file.write_text(CSV + "4,C4,07/01/2024 09:00,sms,ask\n", encoding="utf-8")
    (received,) = collect(workspace, [file], "interactions")
    assert received.new
    assert received.matched == {}
    assert mapping_of(workspace.raw, received.source, "interactions").where == "kind != 'test'"


def test_names_are_matched_without_a_mapping(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_bytes("客户ID,沟通时间,沟通类型\nC1,2024-01-05,微信\n".encode("gb18030"))
    (received,) = collect(workspace, [tmp_path / "c.csv"], "interactions", source="crm")
    assert received.matched == {"customer_id": "客户ID", "occurred_at": "沟通时间", "channel": "沟通类型"}
    assert received.found["encoding"] == "gb18030"
    assert "customer_id = 客户ID" in received.as_text()


def test_the_same_bytes_read_otherwise_take_the_place(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("customer_id,when;x\nC1,2024-01-05;y\n")
    for delimiter in (";", ","):
        (tmp_path / "m.toml").write_text(
            f'[customers]\ndelimiter = "{delimiter}"\n[customers.columns]\n'
            f'customer_id = ["customer_id", "customer_id,when"]\n'
        )
        collect(workspace, [tmp_path / "f.csv"], "customers", tmp_path / "m.toml")
    (raw,) = raw_files(workspace.raw)
    assert raw.columns == ("customer_id", "when;x")


BAD = {
    "missing file": lambda path: path.unlink(),
    "empty file": lambda path: path.write_bytes(b""),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "no rows": lambda path: path.write_text(CSV.splitlines()[0] + "\n"),
    "absent columns": lambda path: path.write_text(CSV.replace("customer", "client")),
}


@pytest.mark.parametrize("how", BAD)
def test_bad_input_writes_nothing_even_beside_good(workspace: Workspace, file: Path, mapping: Path, how: str) -> None:
    good = file.with_name("good.csv")
    good.write_text(CSV, encoding="utf-8")
    BAD[how](file)
    with pytest.raises(RapportError) as refused:
        collect(workspace, [good, file], "interactions", mapping)
    assert "calls.csv" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert snapshot(workspace.raw) == {}


def test_refuses_unknown_tables_and_mappings_without_the_time(workspace: Workspace, file: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no table `calls`"):
        collect(workspace, [file], "calls")
    (tmp_path / "m.toml").write_text('[interactions.columns]\nkind = "kind"\n')
    with pytest.raises(MappingError, match=r"says nothing about interactions.occurred_at"):
        collect(workspace, [file], "interactions", tmp_path / "m.toml")


def test_a_changed_mapping_must_fit_earlier_files(workspace: Workspace, file: Path, mapping: Path) -> None:
    collect(workspace, [file], "interactions", mapping, source="crm")
    file.write_text(CSV.replace("kind", "sort"), encoding="utf-8")
    mapping.write_text(MAPPING.replace("kind !=", "sort !=").replace('= "kind"', '= "sort"'))
    with pytest.raises(MappingError, match=r"`sort`, which calls.csv \(collected before as crm\) doesn't have"):
        collect(workspace, [file], "interactions", mapping, source="crm")
    assert len(raw_files(workspace.raw)) == 1


def test_names_of_sources_are_safe_folders(workspace: Workspace, file: Path, mapping: Path) -> None:
    names = ["../../out", "客户/CRM", ".hidden", "a%2Fb", "x'y"]
    for name in names:
        collect(workspace, [file], "interactions", mapping, source=name)
    assert sorted(raw.source for raw in raw_files(workspace.raw)) == sorted(names)
    assert all(path.parents[2] == workspace.raw for path in workspace.raw.rglob("*.parquet"))
    assert [raw.source for raw in raw_files(workspace.raw, source="客户/CRM")] == ["客户/CRM"]
    assert default_source(file) == f"{file.parent.name}/calls.csv"


def test_preview_shows_and_writes_nothing(workspace: Workspace, file: Path, mapping: Path) -> None:
    before = snapshot(workspace.folder)
    shown = preview(workspace, [file], "interactions", mapping)
    assert (shown.looked_at, shown.excluded) == (3, 1)
    assert shown.refused == {"occurred_at not a date": 1}
    assert shown.matched["occurred_at"] == ("when",)
    assert shown.after[0]["channel"] == "phone"
    assert shown.after[0]["occurred_at"] == "2024-01-05 02:00:00+00:00"
    assert shown.repairs["channel: unknown word to other"] == 1
    assert "refused, occurred_at not a date: 1" in shown.as_text()
    assert shown.to_dict()["before"][0]["how"] == "电话"
    assert snapshot(workspace.folder) == before

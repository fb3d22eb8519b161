"""The figures of the cleaning report add up, and say where refused rows stand."""

import json
from pathlib import Path

import pytest

from interactions.cleaning.clean import clean
from interactions.cleaning.overview import Place, overview, refusals
from interactions.sources.collect import collect
from workspace.folder import Workspace, open_workspace

MAPPING = """
[interactions.columns]
interaction_id = "id"
customer_id = "customer"
occurred_at = "when"
satisfaction = "stars"
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two files of one source: six rows, two of them refused, one a duplicate."""
    opened = open_workspace(tmp_path / "company", create=True)
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    days = (("jan", ["1,A,2026-01-05 10:00,5", "2,,2026-01-06 10:00,9", "1,A,2026-01-05 10:00,5"]),)
    days += (("feb", ["3,B,2026-02-05 10:00,4", "4,C,2026-02-06 10:00,", "5,D,2026-02-07 10:00,7"]),)
    files = []
    for name, lines in days:
        files.append(tmp_path / f"{name}.csv")
        files[-1].write_text("\n".join(["id,customer,when,stars", *lines]) + "\n", encoding="utf-8")
    collect(opened, files, "interactions", tmp_path / "m.toml", source="calls")
    clean(opened)
    return opened


def test_accounts_refusals_and_tables_agree(workspace: Workspace) -> None:
    found = overview(workspace)
    assert found.total == {
        **{"received": 6, "known": 0, "duplicate": 1, "excluded": 0, "quarantined": 2, "kept": 3},
    }
    assert found.adds_up
    assert found.files == 2
    (table,) = found.tables
    assert (table.table, table.rows) == ("interactions", 3)
    assert table.missing["satisfaction"] == pytest.approx(1 / 3)
    assert table.missing["customer_id"] == 0
    assert table.first is not None
    assert table.last is not None
    assert (table.first.day, table.last.day) == (5, 6)
    json.dumps(found.to_dict())


def test_a_refused_row_is_found_by_its_file_and_number(workspace: Workspace) -> None:
    (refusal,) = refusals(workspace, table="interactions", source="calls")
    assert refusal.reasons == "satisfaction out of range"
    assert refusal.examples == (Place("jan.csv", 2), Place("feb.csv", 3))
    assert refusal.where == "2 of jan.csv; 3 of feb.csv"
    assert refusals(workspace, table="orders") == ()
    assert refusals(workspace, source="another") == ()


def test_nothing_collected_is_an_empty_overview(tmp_path: Path) -> None:
    found = overview(open_workspace(tmp_path / "company", create=True))
    assert (found.accounts, found.refusals, found.tables, found.files) == ((), (), (), 0)
    assert found.adds_up

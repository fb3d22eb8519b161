from pathlib import Path

from interactions.cleaning.clean import clean
from interactions.sources.collect import collect
from workspace.folder import open_workspace


def test_customers_need_not_say_when_they_joined(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("customer_id,left_at\nC1,2026-03-01 10:00\nC2,\n", encoding="utf-8")
    workspace = open_workspace(tmp_path / "company", create=True)
    collect(workspace, [tmp_path / "people.csv"], "customers")
    clean(workspace)
    rows = workspace.lake.read("customers").sort_by("customer_id").to_pylist()
    assert [row["left_at"] is None for row in rows] == [False, True]
    assert all(row["known_at"] == row["collected_at"] and row["is_revision"] is False for row in rows)

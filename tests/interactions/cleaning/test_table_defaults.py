"""What a mapping says of a whole table, from the file to the clean rows."""

from pathlib import Path

from interactions.cleaning.clean import clean
from interactions.sources.collect import collect
from workspace.folder import open_workspace


def test_defaults_and_a_zone_without_columns(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        '[interactions]\ntimezone = "Asia/Tokyo"\n[interactions.defaults]\nchannel = "phone"\nkind = "inquiry"\n'
    )
    (tmp_path / "calls.csv").write_text("客户ID,沟通时间,问题类型\nC1,2026-01-05 10:00,投诉\nC2,2026-01-05 11:00,\n")
    workspace = open_workspace(tmp_path / "company", create=True)
    collect(workspace, [tmp_path / "calls.csv"], "interactions", tmp_path / "m.toml")
    clean(workspace)
    rows = workspace.lake.read("interactions").sort_by("source_row").to_pylist()
    assert [(row["channel"], row["kind"], row["occurred_at"].hour) for row in rows] == [
        ("phone", "投诉", 1),
        ("phone", "inquiry", 2),
    ]

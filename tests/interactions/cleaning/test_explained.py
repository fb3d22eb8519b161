"""A refused row says which received values led to it, and what mends it."""

from pathlib import Path

import pytest

from interactions.cleaning.clean import clean
from interactions.cleaning.explained import refused_rows
from interactions.sources.collect import collect
from workspace.folder import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    opened = open_workspace(tmp_path / "company", create=True)
    lines = [
        "客户ID,沟通时间,回复时间,通话时长",
        "A,2026-01-05 10:00,2026-01-05 09:00,-5",
        "B,昨天,,3",
        "C,2026-01-05 10:00,,1",
    ]
    (tmp_path / "calls.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    collect(opened, [tmp_path / "calls.csv"], "interactions", source="calls")
    clean(opened)
    return opened


def test_each_reason_names_what_was_read(workspace: Workspace) -> None:
    found = refused_rows(workspace, "interactions")
    assert found.total == 2
    first, second = found.rows
    read = {cause.reason: cause.read for cause in first.causes}
    assert read == {
        "duration negative": {"通话时长": "-5"},
        "answered before asked": {"沟通时间": "2026-01-05 10:00", "回复时间": "2026-01-05 09:00"},
    }
    assert (second.file, second.source_row) == ("calls.csv", 2)
    assert "`format`" in second.causes[0].advice


def test_rows_are_chosen_by_source_and_reason_and_limited(workspace: Workspace) -> None:
    assert refused_rows(workspace, "interactions", reason="not a date").total == 1
    assert refused_rows(workspace, "interactions", source="another").total == 0
    limited = refused_rows(workspace, "interactions", limit=1)
    assert (limited.total, len(limited.rows)) == (2, 1)

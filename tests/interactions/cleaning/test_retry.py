"""Refused rows after a mapping or a setting is mended: kept where it helps, and nothing else is touched."""

from pathlib import Path
from typing import Any

import pytest

from interactions.cleaning.clean import clean
from interactions.cleaning.report import OUTCOMES
from interactions.cleaning.retry import Retried, retry
from interactions.sources.collect import collect
from workspace.errors import MappingError, SourceError
from workspace.folder import Workspace, open_workspace

MAPPING = """
[interactions.columns]
interaction_id = "id"
customer_id = "customer"
occurred_at = "when"
satisfaction = "stars"
"""
MENDED = MAPPING.replace('"stars"', '{ column = "stars", nulls = ["9"] }')
LINES = ["1,A,2026-01-05 10:00,5", "2,B,2026-01-06 10:00,9", "3,C,gestern,4", "4,D,2026-01-07 10:00,9"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    opened = open_workspace(tmp_path / "company", create=True)
    receive(opened, "calls", LINES)
    receive(opened, "mails", ["9,Z,2026-01-05 10:00,9"])
    clean(opened)
    return opened


def receive(workspace: Workspace, source: str, lines: list[str]) -> None:
    folder = workspace.folder.parent
    (folder / f"{source}.csv").write_text("\n".join(["id,customer,when,stars", *lines]) + "\n", encoding="utf-8")
    collect(workspace, [folder / f"{source}.csv"], "interactions", written(workspace, MAPPING), source=source)


def written(workspace: Workspace, mapping: str) -> Path:
    path = workspace.folder.parent / "m.toml"
    path.write_text(mapping, encoding="utf-8")
    return path


def tables(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    names = ("interactions", "quarantine", "accounts")
    return {name: sorted(workspace.lake.read(name).to_pylist(), key=repr) for name in names}


def check_mended(found: Retried) -> None:
    assert found.changed
    assert (found.kept_now, found.still_refused, found.left_out_now, found.newly_refused) == (2, 1, 0, 0)
    assert found.reasons == {"occurred_at not a date": (1, 1), "satisfaction out of range": (2, 0)}
    for account in (found.before, found.after):
        assert account["received"] == sum(account[name] for name in OUTCOMES) == 4
    assert (found.before["kept"], found.after["kept"]) == (1, 3)


def test_rows_are_kept_after_the_mapping_is_mended(workspace: Workspace) -> None:
    others = [row for row in tables(workspace)["quarantine"] if row["source"] == "mails"]
    check_mended(retry(workspace, "calls", "interactions", written(workspace, MENDED)))
    after = tables(workspace)
    assert sorted(row["interaction_id"] for row in after["interactions"]) == ["1", "2", "4"]
    assert [row for row in after["quarantine"] if row["source"] == "mails"] == others
    assert clean(workspace).cleaned == ()


def test_a_preview_says_the_same_and_writes_nothing(workspace: Workspace) -> None:
    before = tables(workspace)
    found = retry(workspace, "calls", "interactions", written(workspace, MENDED), preview=True)
    check_mended(found)
    assert found.as_text().startswith("Nothing was written.")
    assert tables(workspace) == before
    assert clean(workspace).cleaned == ()
    assert list(workspace.temp.iterdir()) == []


def test_without_a_change_it_says_so(workspace: Workspace) -> None:
    found = retry(workspace, "calls", "interactions")
    assert not found.changed
    assert found.as_text().startswith("Nothing has changed for interactions from calls")


def test_a_mended_setting_is_enough(workspace: Workspace) -> None:
    (workspace.folder / "rapport.toml").write_text('schema = 1\n[company]\ntimezone = "Europe/Paris"\n')
    found = retry(open_workspace(workspace.folder), "calls", "interactions", preview=True)
    assert found.changed
    assert found.still_refused == 3


def test_a_mapping_that_loses_rows_says_how_many(workspace: Workspace) -> None:
    wrong = MAPPING.replace('"when"', '{ column = "when", format = "%d/%m/%Y" }').replace('"stars"', '"customer"')
    found = retry(workspace, "calls", "interactions", written(workspace, wrong), preview=True)
    assert found.newly_refused == 1
    assert "1 rows that were not refused before would be so now." in found.as_text()
    assert found.after["received"] == sum(found.after[name] for name in OUTCOMES)


def test_what_cannot_be_done_is_refused_clearly(workspace: Workspace) -> None:
    with pytest.raises(SourceError, match="they came from calls, mails"):
        retry(workspace, "elsewhere", "interactions")
    with pytest.raises(MappingError, match="`wenn`"):
        retry(workspace, "calls", "interactions", written(workspace, MAPPING.replace('"when"', '"wenn"')))
    reads = MAPPING.replace("[interactions.columns]", '[interactions]\ndelimiter = ";"\n[interactions.columns]')
    with pytest.raises(MappingError, match="Collect the file again"):
        retry(workspace, "calls", "interactions", written(workspace, reads))
    assert retry(workspace, "calls", "interactions").changed is False

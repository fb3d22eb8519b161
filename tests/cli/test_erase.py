from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from workspace import erasure_records
from workspace.folder import open_workspace
from workspace.secret import secret


def test_whoever_is_not_there_is_not_erased_and_not_repeated(rapport: Callable[..., Any], tmp_path: Path) -> None:
    open_workspace(tmp_path / "ws", create=True)
    done = rapport("erase", "canary-person", "--workspace", tmp_path / "ws")
    assert done.code == 1
    assert "nothing was erased" in done.err
    assert "canary-person" not in done.out + done.err
    with closing(open_workspace(tmp_path / "ws").state()) as state:
        assert erasure_records.unfinished(state) == []


@pytest.mark.slow
def test_somebody_whom_one_file_names_is_erased_and_again_when_old_files_are_put_back(
    rapport: Callable[..., Any], tmp_path: Path
) -> None:
    workspace = open_workspace(tmp_path / "ws", create=True)
    text = "customer_id,ordered_at,amount\nanna,2026-01-01 10:00:00,1\nben,2026-01-02 10:00:00,2\n"
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    assert rapport("collect", tmp_path / "orders.csv", "--table", "orders", "--workspace", workspace.folder).code == 0
    assert rapport("clean", "--workspace", workspace.folder).code == 0
    rows = workspace.lake.read("orders")
    done = rapport("erase", "anna", "--workspace", workspace.folder)
    assert done.code == 0, done.err
    assert "is complete since" in done.out
    assert "orders: 1" in done.out
    assert "anna" not in done.out + done.err
    assert workspace.lake.read("orders", ["customer_id"])["customer_id"].to_pylist() == ["ben"]
    with closing(workspace.state()) as state:
        assert erasure_records.erased_among(state, secret(workspace.folder), ["anna", "ben"]) == {"anna"}
    # As from a backup: the same command does it again.
    workspace.lake.overwrite("orders", rows)
    assert rapport("erase", "anna", "--workspace", workspace.folder).code == 0
    assert workspace.lake.read("orders", ["customer_id"])["customer_id"].to_pylist() == ["ben"]
    assert rapport("erase", "anna", "--workspace", workspace.folder).code == 0

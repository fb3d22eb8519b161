"""`rapport audit verify`, and what commands say to the log."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.audit import PERSONAL, recorded
from workspace.folder import open_workspace

CUSTOMERS = "customer_id,name\nC1,Ann\n"


def test_commands_are_entered_and_a_change_is_found(rapport: Callable, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    at = ["--workspace", str(tmp_path / "w")]
    assert rapport("init", *at).code == 0
    assert json.loads(rapport("audit", "verify", "--json", *at).out)["entries"] == 0
    assert rapport("collect", tmp_path / "customers.csv", "--table", "customers", *at).code == 0
    assert rapport("quarantine", "show", "customers", *at).code == 0
    found = json.loads(rapport("audit", "verify", "--json", *at).out)
    assert (found["entries"], found["valid"], found["broken_at"], found["problem"]) == (2, True, None, None)
    assert "2 entries" in rapport("audit", "verify", *at).out
    with sqlite3.connect(tmp_path / "w" / "state.db") as connection:
        routes = [row[0] for row in connection.execute("SELECT route FROM audit ORDER BY number")]
        connection.execute("UPDATE audit SET who = 'nobody' WHERE number = 2")
    connection.close()
    assert routes == ["rapport collect", "rapport quarantine show"]
    told = rapport("audit", "verify", *at)
    assert told.code == 1
    assert "broken at entry 2" in told.out
    assert json.loads(rapport("audit", "verify", "--json", *at).out)["broken_at"] == 2


def test_only_declared_commands_are_entered(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        recorded(open_workspace(tmp_path), "status")


def test_every_declared_command_enters_itself() -> None:
    written = "".join(file.read_text(encoding="utf-8") for file in (Path(__file__).parents[2] / "cli").glob("*.py"))
    assert {command for command in PERSONAL if f', "{command}"' in written.replace("opened, ", ", ")} == PERSONAL

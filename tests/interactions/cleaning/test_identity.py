"""identity_links in a workspace: written once, undone for good, made anew whatever happened in between."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from interactions.cleaning import identity
from interactions.demo.company import simulate
from interactions.demo.doubles import plant
from workspace.errors import SettingsError
from workspace.folder import Workspace, open_workspace
from workspace.lake import Lake
from workspace.tables import CUSTOMERS


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Three customers of one e-mail address and name, and one by himself."""
    workspace = open_workspace(tmp_path / "w", create=True)
    _add(workspace, *(_row(name, number, email="ann@163.com") for number, name in enumerate("abc", 1)))
    _add(workspace, _row("z", 9, name="李大明", email="bob@163.com"))
    return workspace


def _row(customer: str, day: int, **facts: Any) -> dict[str, Any]:
    known = pa.scalar(day * 86_400_000_000, pa.timestamp("us", "UTC"))
    row = {"customer_id": customer, "name": "王小伟", "source": "crm", "source_row": day, "known_at": known.as_py()}
    return {**dict.fromkeys(CUSTOMERS.schema.names), "collected_at": row["known_at"], **row, **facts}


def _add(workspace: Workspace, *rows: dict[str, Any]) -> None:
    workspace.lake.append("customers", pa.Table.from_pylist(list(rows), schema=CUSTOMERS.schema))


def _persons(workspace: Workspace) -> dict[str, str]:
    current = identity.people(workspace.lake.read("identity_links"))
    return {name: row["person_id"] for name, row in current.items()}


def _forget(workspace: Workspace) -> None:
    """As though the run had been killed before it noted what it did."""
    with closing(workspace.state()) as state:
        state.remember("identity", "{}")


def test_linking_again_writes_nothing(workspace: Workspace) -> None:
    linked = identity.link(workspace)
    assert (linked.customers, linked.persons) == (3, 1)
    assert _persons(workspace) == {"b": "a", "c": "a"}
    assert identity.link(workspace) == identity.summary(workspace) == linked
    _forget(workspace)
    assert identity.link(workspace) == linked
    assert workspace.lake.version("identity_links") == 0


def test_without_links_there_is_no_table(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path / "w", create=True)
    assert identity.link(workspace).persons == 0
    _add(workspace, _row("a", 1, email="ann@163.com"))
    assert identity.link(workspace).persons == 0
    assert workspace.lake.version("identity_links") == -1


def test_a_kill_before_the_commit_is_mended_by_the_next_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            identity.link(workspace)
    assert _persons(workspace) == {}
    identity.link(workspace)
    assert _persons(workspace) == {"b": "a", "c": "a"}


def test_later_data_follow_and_only_add_rows(workspace: Workspace) -> None:
    identity.link(workspace)
    before = workspace.lake.read("identity_links").to_pylist()
    _add(workspace, _row("d", 20, email="ANN@163.com"))
    identity.link(workspace)
    assert _persons(workspace) == {"b": "a", "c": "a", "d": "a"}
    after = workspace.lake.read("identity_links").to_pylist()
    assert len(after) == len(before) + 1
    assert all(row in after for row in before)


def test_an_undone_link_stays_undone_in_later_data(workspace: Workspace) -> None:
    identity.link(workspace)
    assert identity.undo(workspace, "b") == ["a", "c"]
    assert _persons(workspace) == {"c": "a"}
    _forget(workspace)
    identity.link(workspace)
    assert _persons(workspace) == {"c": "a"}
    _add(workspace, _row("d", 20, email="ann@163.com"), _row("b", 21, email="ann@163.com", phone="13911110001"))
    linked = identity.link(workspace)
    assert _persons(workspace) == {"c": "a", "d": "a"}
    assert linked.undone == 2
    undone = [row for row in workspace.lake.read("identity_links").to_pylist() if row["undone_at"] is not None]
    assert {(row["customer_id"], row["person_id"], row["how"]) for row in undone} == {
        ("b", "a", "email"),
        ("b", "c", "operator"),
    }


def test_undoing_the_one_a_person_is_called_by_leaves_the_others_together(workspace: Workspace) -> None:
    identity.link(workspace)
    identity.undo(workspace, "a")
    assert _persons(workspace) == {"c": "b"}


def test_undone_and_linked_again_it_is_as_it_was(workspace: Workspace) -> None:
    identity.link(workspace)
    before = workspace.lake.read("identity_links").to_pylist()
    identity.undo(workspace, "b", "a")
    identity.join(workspace, "b", "a")
    assert workspace.lake.read("identity_links").to_pylist() == before


def test_a_link_made_by_hand_stays_and_can_be_undone(workspace: Workspace) -> None:
    identity.link(workspace)
    identity.join(workspace, "z", "c")
    assert _persons(workspace) == {"b": "a", "c": "a", "z": "a"}
    _add(workspace, _row("d", 20, email="ann@163.com"))
    identity.link(workspace)
    assert _persons(workspace) == dict.fromkeys("bcdz", "a")
    identity.undo(workspace, "z")
    assert _persons(workspace) == dict.fromkeys("bcd", "a")
    identity.link(workspace)
    assert _persons(workspace) == dict.fromkeys("bcd", "a")


@pytest.mark.parametrize(("customer", "person"), [("z", None), ("nobody", None), ("b", "z"), ("b", "c")])
def test_what_is_not_linked_cannot_be_undone(workspace: Workspace, customer: str, person: str | None) -> None:
    identity.link(workspace)
    with pytest.raises(SettingsError, match="no such link"):
        identity.undo(workspace, customer, person)


@pytest.mark.parametrize("pair", [("a", "a"), ("a", "nobody")])
def test_only_two_customers_that_are_known_can_be_linked(workspace: Workspace, pair: tuple[str, str]) -> None:
    with pytest.raises(SettingsError, match="two different customers"):
        identity.join(workspace, *pair)


def test_switched_off_only_decisions_link(workspace: Workspace, tmp_path: Path) -> None:
    identity.link(workspace)
    identity.join(workspace, "z", "a")
    (workspace.folder / "rapport.toml").write_text("[identity]\nenabled = false\n", encoding="utf-8")
    off = open_workspace(workspace.folder)
    identity.link(off)
    assert _persons(off) == {"z": "a"}
    (workspace.folder / "rapport.toml").unlink()
    identity.link(open_workspace(workspace.folder))
    assert _persons(off) == dict.fromkeys("bcz", "a")


def test_planted_doubles_are_found(tmp_path: Path) -> None:
    """What is promised, on a small company; `python -m benchmarks.identity` measures large ones."""
    workspace = open_workspace(tmp_path / "w", create=True)
    doubled = plant(simulate(customers=2000, days=60, seed=17), 17)
    workspace.lake.append("customers", doubled.tables["customers"])
    identity.link(workspace)
    groups: dict[str, set[str]] = {}
    for name, person in _persons(workspace).items():
        groups.setdefault(person, {person}).add(name)
    found = {(one, other) for group in groups.values() for one in group for other in group if one < other}
    assert len(found & doubled.pairs) / len(found) >= 0.99
    assert len(found & doubled.pairs) / len(doubled.pairs) >= 0.85

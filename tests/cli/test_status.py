"""`rapport status` of a lake in an object store, and the commands that keep it level: a company on two machines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from workspace.errors import StoreError
from workspace.object_store import ObjectStore

ORDERS = "customer_id,order_id,ordered_at,amount\n"


def holds(folder: Path, name: str) -> list[str]:
    """The files below a folder that name somebody, read as bytes and, where they are Parquet, as rows."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        rows = str(pq.read_table(path).to_pylist()) if path.suffix == ".parquet" else ""
        if name.encode() in path.read_bytes() or name in rows:
            found.append(path.name)
    return found


@pytest.fixture
def machine(
    rapport: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """Runs a command on one of the machines, which have a store between them; its answer in JSON, if it gives one."""
    monkeypatch.setenv("RAPPORT_LAKE__URL", f"file://{tmp_path / 'store'}")

    def run(name: str, *arguments: str | Path, code: int = 0) -> Any:
        if not (tmp_path / name).is_dir():
            assert rapport("init", "--workspace", tmp_path / name).code == 0
        done = rapport(*arguments, "--workspace", tmp_path / name)
        assert done.code == code, done.err
        return json.loads(done.out) if "--json" in arguments else {"out": done.out, "err": done.err}

    return run


def orders(folder: Path, *customers: str) -> Path:
    """Every file of another name, and so of another source."""
    file = folder / f"orders {len(list(folder.glob('*.csv')))}.csv"
    lines = [f"{one},order of {one},2026-01-0{number + 1} 10:00:00,5" for number, one in enumerate(customers)]
    file.write_text(ORDERS + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_two_machines_one_lake(machine: Callable[..., Any], tmp_path: Path) -> None:
    machine("one", "collect", orders(tmp_path, "anna", "ben"), "--table", "orders")
    machine("one", "clean")
    assert machine("two", "status", "--json")["tables"]["orders"] == 2
    machine("two", "collect", orders(tmp_path, "carl"), "--table", "orders")
    machine("two", "clean")
    told = machine("one", "status", "--json")
    assert told["lake"]["differs"]["orders"] == {"here": 0, "there": 1}
    assert "versions differ" in machine("one", "status")["out"]
    machine("one", "clean")
    assert machine("one", "status", "--json")["lake"]["differs"] == {}
    stored = DeltaTable(f"file://{tmp_path / 'store' / 'orders'}").to_pyarrow_table()
    assert sorted(stored["customer_id"].to_pylist()) == ["anna", "ben", "carl"]


def test_a_store_that_is_away(machine: Callable[..., Any], tmp_path: Path) -> None:
    machine("one", "collect", orders(tmp_path, "anna"), "--table", "orders")
    machine("one", "status")
    (tmp_path / "store").rename(tmp_path / "moved")
    (tmp_path / "store").touch()
    failed = machine("one", "clean", code=1)
    assert f"file://{tmp_path / 'store'} failed" in failed["err"]
    (tmp_path / "store").unlink()
    (tmp_path / "moved").rename(tmp_path / "store")
    machine("one", "clean")
    assert machine("two", "status", "--json")["tables"]["orders"] == 1


def test_a_store_that_does_not_answer(machine: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    machine("one", "status")

    def away(store: ObjectStore) -> list[str]:
        raise StoreError(f"{store.url} is away")

    monkeypatch.setattr(ObjectStore, "folders", away)
    assert "is away" in machine("one", "status", "--json")["lake"]["problem"]
    assert machine("one", "status")["out"]
    assert "is away" in machine("one", "clean", code=1)["err"]


@pytest.mark.slow
def test_a_person_erased_is_gone_from_the_store(machine: Callable[..., Any], tmp_path: Path) -> None:
    for name in ("anna-canary", "ben"):
        machine("one", "collect", orders(tmp_path, name), "--table", "orders")
        machine("one", "clean")
    machine("one", "compact")
    machine("two", "status")
    assert len(holds(tmp_path / "store", "anna-canary")) > 1
    assert "is complete since" in machine("one", "erase", "anna-canary")["out"]
    assert holds(tmp_path / "store", "anna-canary") == []
    assert DeltaTable(f"file://{tmp_path / 'store' / 'orders'}").to_pyarrow_table()["customer_id"].to_pylist() == [
        "ben"
    ]
    machine("two", "collect", orders(tmp_path, "carl"), "--table", "orders")
    machine("two", "clean")
    assert machine("two", "status", "--json")["tables"]["orders"] == 2

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from workspace.errors import SettingsError, StoreError
from workspace.object_store import ObjectStore
from workspace.settings import load


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """A folder, and a real S3 server, in the words of one interface."""
    if request.param == "folder":
        return ObjectStore(f"file://{tmp_path / 'a store'}")
    return ObjectStore(request.getfixturevalue("bucket").url, single_writer=True)


def test_objects_are_written_listed_read_and_removed(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * 12_000_000)
    store.put("orders/part 1", b"one")
    store.put("orders/log/1", b"three")
    store.put("events/part", tmp_path / "large")
    assert store.folders() == ["events", "orders"]
    assert {name: found.size for name, found in store.listed("orders").items()} == {"part 1": 3, "log/1": 5}
    assert list(store.listed("orders/log", after="0")) == ["1"]
    assert store.listed("orders/log", after="1") == store.listed("order") == {}
    assert (store.read("orders/part 1"), store.read("orders/none")) == (b"one", None)
    assert store.fetch("events/part", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == (tmp_path / "large").read_bytes()
    assert not store.fetch("events/none", tmp_path / "none")
    store.remove(["events/none", "events/part", "orders/part 1"])
    assert (list(store.listed("orders")), store.listed("events")) == (["log/1"], {})


def test_what_is_there_is_not_created_again(store: ObjectStore) -> None:
    assert store.create("log/0", b"first")
    assert not store.create("log/0", b"second")
    assert store.read("log/0") == b"first"


def test_a_store_that_overwrites_is_only_for_a_single_writer(bucket: Any, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="single_writer"):
        ObjectStore(bucket.url).check()
    ObjectStore(bucket.url, single_writer=True).check()
    assert ObjectStore(bucket.url).listed("_rapport") == {}
    ObjectStore(f"file://{tmp_path}").check()


@pytest.mark.slow
def test_a_store_that_refuses_is_for_all(conditional_bucket: Any) -> None:
    ObjectStore(conditional_bucket.url).check()


def test_a_store_that_is_away_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "KEY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    store = ObjectStore("s3://bucket/acme")
    for ask in (lambda: store.listed("a"), lambda: store.put("a", b"1"), lambda: store.create("a", b"1")):
        with pytest.raises(StoreError, match="s3://bucket/acme") as told:
            ask()
        assert "canary" not in str(told.value)
        assert "\n" not in str(told.value)


def test_wrong_credentials_are_told_of(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(StoreError, match="credentials"):
        ObjectStore(bucket.url).listed("a")


@pytest.mark.parametrize(
    "url",
    ["bucket/acme", "ftp://bucket/acme", "s3://", "file:///", "s3://key:secret@bucket/acme", "s3://bucket/acme?key=1"],
)
def test_addresses_that_are_refused(url: str, tmp_path: Path) -> None:
    (tmp_path / "rapport.toml").write_text(f'[lake]\nurl = "{url}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"lake\.url") as told:
        load(tmp_path)
    assert "secret" not in str(told.value)


def test_without_an_address_no_client_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from workspace.folder import open_workspace\n"
        "lake = open_workspace(Path(sys.argv[1])).lake\n"
        "lake.count('orders'); lake.level(); assert lake.compared() == {}\n"
        "assert not {'obstore', 'workspace.lake_store'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)

"""Keys, sessions and sign-in tokens over a real state.db."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.access import Access, add_key, list_keys, revoke_key, sign_in_token
from workspace.errors import SettingsError, WorkspaceError
from workspace.folder import Workspace, open_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(tmp_path / "company", create=True)


@pytest.fixture
def access(workspace: Workspace) -> Iterator[Access]:
    found = Access(workspace.folder, seconds=0.0)
    yield found
    found.close()


def test_a_key_opens_as_its_holder(workspace: Workspace, access: Access) -> None:
    key = add_key(workspace, "Wang", "sales", "Li Na")
    caller = access.by_key(key)
    assert caller is not None
    assert (caller.name, caller.role, caller.only_owner) == ("Wang", "sales", "Li Na")


def test_a_wrong_key_opens_nothing(workspace: Workspace, access: Access) -> None:
    key = add_key(workspace, "Wang", "admin")
    assert access.by_key(key[:-1]) is None
    assert access.by_key("") is None


def test_only_a_hash_is_kept(workspace: Workspace) -> None:
    key = add_key(workspace, "Wang", "admin")
    assert len(key.removeprefix("rapport_")) >= 43
    for file in workspace.folder.rglob("*"):
        if file.is_file():
            assert key.encode() not in file.read_bytes()


def test_the_secret_is_readable_by_its_owner_alone(workspace: Workspace) -> None:
    add_key(workspace, "Wang", "admin")
    assert stat.S_IMODE((workspace.folder / "secret.key").stat().st_mode) == 0o600


def test_a_damaged_secret_is_refused(workspace: Workspace) -> None:
    (workspace.folder / "secret.key").write_text("too short")
    with pytest.raises(WorkspaceError, match=r"secret\.key"):
        add_key(workspace, "Wang", "admin")


def test_a_revoked_key_closes_its_sessions_too(workspace: Workspace, access: Access) -> None:
    key = add_key(workspace, "Wang", "admin")
    session = access.session_for_key(key)
    assert session is not None
    assert access.by_session(session) is not None
    revoke_key(workspace, "Wang")
    assert access.by_key(key) is None
    assert access.by_session(session) is None
    assert [row["name"] for row in list_keys(workspace) if row["revoked_at"]] == ["Wang"]


def test_revocation_reaches_a_service_that_runs_within_seconds(workspace: Workspace) -> None:
    running = Access(workspace.folder)
    key = add_key(workspace, "Wang", "admin")
    assert running.by_key(key) is not None
    revoke_key(workspace, "Wang")
    running._read_at -= 2.1
    assert running.by_key(key) is None
    running.close()


def test_a_name_may_be_used_again_after_its_key_was_revoked(workspace: Workspace, access: Access) -> None:
    first = add_key(workspace, "Wang", "admin")
    with pytest.raises(SettingsError, match="already"):
        add_key(workspace, "Wang", "admin")
    revoke_key(workspace, "Wang")
    second = add_key(workspace, "Wang", "analyst")
    assert access.by_key(first) is None
    found = access.by_key(second)
    assert found is not None
    assert found.role == "analyst"


@pytest.mark.parametrize(
    ("name", "role", "owner", "said"),
    [
        ("Wang", "boss", None, "role"),
        ("Wang", "sales", None, "--owner"),
        ("Wang", "admin", "Li Na", "--owner"),
        (" ", "admin", None, "name"),
    ],
)
def test_keys_that_make_no_sense_are_refused(
    workspace: Workspace, name: str, role: str, owner: str | None, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        add_key(workspace, name, role, owner)
    assert list_keys(workspace) == []


def test_a_key_that_is_not_there_can_not_be_revoked(workspace: Workspace) -> None:
    with pytest.raises(SettingsError, match="No key named"):
        revoke_key(workspace, "Nobody")


def test_a_sign_in_link_works_once(workspace: Workspace, access: Access) -> None:
    add_key(workspace, "Boss", "admin")
    token = sign_in_token(workspace)
    session = access.session_for_token(token)
    assert session is not None
    caller = access.by_session(session)
    assert caller is not None
    assert caller.name == "Boss"
    assert access.session_for_token(token) is None
    assert access.session_for_token("invented") is None


def test_a_sign_in_link_needs_a_key(workspace: Workspace) -> None:
    with pytest.raises(SettingsError, match="rapport keys add"):
        sign_in_token(workspace)


def test_a_sign_in_link_ends_with_its_key(workspace: Workspace, access: Access) -> None:
    add_key(workspace, "Boss", "admin")
    token = sign_in_token(workspace)
    revoke_key(workspace, "Boss")
    assert access.session_for_token(token) is None

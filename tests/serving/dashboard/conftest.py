"""The dashboard over a copy of the small company, and a client for each role."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from serving.access import Access, add_key
from serving.app import create_app
from serving.callers import Caller
from serving.dashboard.visit import Visit
from serving.holder import Holder
from serving.roles import ROLES
from serving.snapshot import Snapshot
from workspace.folder import Workspace, open_workspace

Open = Callable[..., str]


@pytest.fixture(scope="session")
def dashboard_workspace(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy: keys are added to it."""
    folder = tmp_path_factory.mktemp("dashboard") / "company"
    shutil.copytree(workspace.folder, folder, ignore=shutil.ignore_patterns("state.db-*"))
    return open_workspace(folder)


@pytest.fixture(scope="session")
def keys(dashboard_workspace: Workspace, owner: str) -> dict[str, str]:
    """A key for each role."""
    return {role: add_key(dashboard_workspace, role, role, owner if role == "sales" else None) for role in ROLES}


@pytest.fixture(scope="session")
def holder(dashboard_workspace: Workspace) -> Holder:
    return Holder(dashboard_workspace.folder)


@dataclass(frozen=True)
class Client:
    """Asks the application itself, without a socket; keeps no cookies and follows no redirect."""

    app: Starlette

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://rapport") as client:
                return await client.get(path, headers=headers)

        return asyncio.run(ask())


@pytest.fixture(scope="session")
def client(dashboard_workspace: Workspace, holder: Holder) -> Iterator[Client]:
    access = Access(dashboard_workspace.folder)
    yield Client(create_app(holder, access))
    access.close()


@pytest.fixture
def page(client: Client, keys: dict[str, str]) -> Open:
    """Open a page as a role; its HTML, once its status is as expected."""

    def get(path: str, role: str = "admin", language: str = "en", status: int = 200) -> str:
        headers = {"Authorization": f"Bearer {keys[role]}", "Accept-Language": language}
        response = client.get(path, headers=headers)
        assert response.status_code == status, response.text[:500]
        return response.text

    return get


@pytest.fixture
def visit(
    snapshot: Snapshot, callers: dict[str, Caller], dashboard_workspace: Workspace
) -> Iterator[Callable[..., Visit]]:
    """What a view is given, without a request."""
    state = dashboard_workspace.state()

    def make(role: str = "admin", language: str = "en", path: dict[str, str] | None = None, **query: str) -> Visit:
        return Visit(snapshot, callers[role], language, state, query, path or {})

    yield make
    state.close()


@pytest.fixture(scope="session")
def someone(snapshot: Snapshot, callers: dict[str, Caller], owner: str) -> str:
    """A customer of the sales caller with a risk."""
    from serving.answers.churn import at_risk

    return str(at_risk(snapshot, callers["sales"], limit=1)["customers"][0]["customer_id"])


@pytest.fixture(scope="session")
def templates() -> dict[str, str]:
    """Every template's source by name."""
    import serving.dashboard

    folder = Path(serving.dashboard.__file__).parent / "templates"
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.html"))}

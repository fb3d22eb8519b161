import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from features.history import HISTORY_TABLES
from features.table import customer_features
from features.windows import Window
from interactions.cleaning.clean import clean
from interactions.demo.company import Company, simulate
from interactions.sources.collect import collect
from training.observed import Observed, observe
from training.train import train
from training.trained import Trained
from workspace.engine import arrow_tables, connect
from workspace.folder import Workspace, open_workspace
from workspace.tables import TABLES

END = date(2026, 6, 30)
# Midnight in Shanghai after the simulation's last day.
CUTOFF = datetime(2026, 6, 30, 16, tzinfo=UTC)


@pytest.fixture(scope="session")
def company() -> Company:
    return simulate(customers=800, days=540, seed=11, end=END, timezone="Asia/Shanghai")


@pytest.fixture(scope="session")
def tables(company: Company) -> dict[str, pa.Table]:
    signals = TABLES["message_signals"].schema.empty_table()
    return {name: company.tables.get(name, signals) for name in HISTORY_TABLES}


@pytest.fixture(scope="session")
def features(tables: dict[str, pa.Table]) -> pa.Table:
    """customer_features of the simulated company at its end."""
    backend = connect()
    try:
        return customer_features(arrow_tables(backend, tables), Window(CUTOFF))
    finally:
        backend.disconnect()


@pytest.fixture(scope="session")
def observing() -> Callable[..., Observed]:
    """Observe Arrow tables at a cutoff; connections live to the end of the session, for features at more cutoffs."""

    def at(tables: dict[str, pa.Table], cutoff: datetime = CUTOFF, **window: object) -> Observed:
        return observe(arrow_tables(connect(), tables), Window(cutoff, **window))  # type: ignore[arg-type]

    return at


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, company: Company) -> tuple[Workspace, list[Trained]]:
    """A workspace whose segments and churn were trained; read it, or `copied` to change it."""
    workspace = open_workspace(tmp_path_factory.mktemp("trained") / "workspace", create=True)
    for name, rows in company.tables.items():
        workspace.lake.append(name, rows)
    return workspace, train(workspace, ("segments", "churn"))


@pytest.fixture
def received(tmp_path: Path) -> Callable[..., Workspace]:
    """A workspace with one file collected and cleaned: received(table, lines, settings)."""

    def receive(table: str, lines: Sequence[str], settings: str = "") -> Workspace:
        folder = open_workspace(tmp_path / "company", create=True).folder
        (folder / "rapport.toml").write_text(f"schema = 1\n{settings}", encoding="utf-8")
        workspace = open_workspace(folder)
        (tmp_path / "file.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        collect(workspace, [tmp_path / "file.csv"], table)
        clean(workspace)
        return workspace

    return receive


@pytest.fixture
def copied(trained: tuple[Workspace, list[Trained]], tmp_path: Path) -> Workspace:
    """A copy of the trained workspace that a test may change."""
    shutil.copytree(trained[0].folder, tmp_path / "copy")
    return open_workspace(tmp_path / "copy")

"""kill -9 at any moment of collecting and cleaning, and a rerun: the same tables as one clean run."""

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from interactions.demo.company import simulate
from interactions.demo.mess import write
from interactions.demo.orders import RATES
from workspace.folder import open_workspace
from workspace.tables import TABLES

SCRIPT = Path(__file__).with_name("collect_and_clean.py")
TABLE_NAMES = (
    *("customers", "interactions", "orders", "surveys", "volume_history", "message_signals", "quarantine", "accounts"),
)
RunOrKill = Callable[..., tuple[bool, float]]
FULL_TRIES = 50
MOST_KILLS = 3


def begun(folder: Path) -> Path:
    folder.mkdir()
    settings = f"schema = 1\n[currency.rates]\nUSD = {RATES['USD']}\n"
    (folder / "rapport.toml").write_text(settings, encoding="utf-8")
    return folder


def tables(folder: Path) -> dict[str, pa.Table]:
    lake = open_workspace(folder).lake
    found = {}
    for name in TABLE_NAMES:
        rows = lake.read(name)
        order = [
            *TABLES[name].key,
            *(column for column in ("collected_at", "source", "source_row") if column in rows.column_names),
        ]
        found[name] = rows.sort_by([(column, "ascending") for column in dict.fromkeys(order)]).combine_chunks()
    return found


def litter(folder: Path) -> list[str]:
    """What a killed run may have left lying about: personal data that nobody would look for."""
    temporary = list(folder.rglob("*.new"))
    return sorted(
        str(path.relative_to(folder)) for path in [*temporary, *(folder / "tmp").rglob("*")] if path.is_file()
    )


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two passes over the simulated company's files; in the second the first mapping of interactions has changed."""
    folder = tmp_path_factory.mktemp("company")
    dirt = write(simulate(customers=150, days=120, seed=11), folder / "received")
    first = [([str(path) for path in paths], table, str(mapping)) for paths, table, mapping in dirt.collections]
    place = next(number for number, (_, table, _) in enumerate(first) if table == "interactions")
    paths, table, mapping = first[place]
    changed = folder / "changed.toml"
    text = Path(mapping).read_text(encoding="utf-8")
    changed.write_text(re.sub(r"(?m)^kind\s*=.*$", 'kind = { value = "told" }', text))
    second = [(paths, table, str(changed))]
    file = folder / "plan.json"
    file.write_text(json.dumps([("2026-01-05T00:00:00+00:00", first), ("2026-01-06T00:00:00+00:00", second)]))
    return file


@pytest.fixture(scope="module")
def undisturbed(
    plan: Path, run_or_kill: RunOrKill, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, pa.Table], float]:
    """The tables of one clean run, and how long it took."""
    folder = begun(tmp_path_factory.mktemp("undisturbed") / "workspace")
    ended, seconds = run_or_kill(SCRIPT, folder, plan)
    assert ended
    return tables(folder), seconds


def delays(number: int, seconds: float) -> Iterator[float]:
    """One to three kills, each anywhere in a run."""
    chance = random.Random(number)
    for _ in range(chance.randint(1, MOST_KILLS)):
        yield chance.uniform(0, seconds)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_a_killed_run_is_finished_by_the_next(
    plan: Path,
    undisturbed: tuple[dict[str, pa.Table], float],
    run_or_kill: RunOrKill,
    tmp_path: Path,
    share: float,
) -> None:
    expected, seconds = undisturbed
    kills = 0
    for number in range(max(1, round(FULL_TRIES * share))):
        folder = begun(tmp_path / f"try-{number}")
        for delay in delays(number, seconds):
            ended, _ = run_or_kill(SCRIPT, folder, plan, kill_after=delay)
            kills += not ended
        ended, _ = run_or_kill(SCRIPT, folder, plan)
        assert ended
        found = tables(folder)
        for name in TABLE_NAMES:
            assert found[name].equals(expected[name]), f"try {number}: {name}"
        assert litter(folder) == [], f"try {number}"
    assert kills > 0

"""Versions swapped under load: every answer is right for the version it names, and none fails."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from serving.current import current_version
from serving.publish import publish
from workspace.folder import Workspace
from workspace.lake import Lake

_READERS = 3
_PICKED_UP_SECONDS = 10


def _one_more_each(lake: Lake) -> None:
    """The newest contacts of some customers once more, under other ids: figures, timelines and profiles differ."""
    rows = lake.read("interactions").slice(0, 2_000)
    ids = pa.array([f"again-{number}" for number in range(rows.num_rows)])
    lake.append("interactions", rows.set_column(rows.schema.get_field_index("interaction_id"), "interaction_id", ids))


def _name(published: Path, version: str) -> None:
    """As `publish` does last."""
    staged = published / "CURRENT.test"
    staged.write_text(version, encoding="utf-8")
    staged.rename(published / "CURRENT")


def _paths(workspace: Workspace) -> list[str]:
    ids = workspace.lake.read("interactions", ["customer_id"])["customer_id"].slice(0, 40).to_pylist()
    customers = sorted({one for one in ids if one is not None})[:6]
    figures = [f"/api/v1/statistics/{metric}?grain=month&by=channel" for metric in ("contacts", "wait_seconds_mean")]
    return [*(f"/api/v1/customers/{one}" for one in customers), *figures, "/api/v1/segments", "/api/v1/churn?limit=20"]


def _answer(client: Any, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_no_answer_fails_and_none_mixes_versions(
    serving: Any, together: Any, own_workspace: Workspace, share: float
) -> None:
    published = own_workspace.published
    versions = [current_version(published)]
    _one_more_each(own_workspace.lake)
    publish(own_workspace)
    versions.append(current_version(published))
    paths = _paths(own_workspace)
    serving.start()
    right: dict[tuple[str, str], dict[str, Any]] = {}
    with serving.client() as client:

        def until_served(version: str) -> None:
            until = time.monotonic() + _PICKED_UP_SECONDS
            while _answer(client, "/api/v1/segments")["version"] != version:
                assert time.monotonic() < until, f"{version} was not picked up"
                time.sleep(0.02)

        for version in versions:
            _name(published, version)
            # Both workers: each looks for itself.
            time.sleep(3)
            until_served(version)
            right |= {(version, path): _answer(client, path) for path in paths}
        told = [
            sum({**right[versions[0], path], "version": other} != right[other, path] for path in paths)
            for other in versions
        ]
        # What is said differs, not only the version's name: of every customer, and of contacts.
        assert told[0] == 0
        assert told[1] >= 7
        asked = []

        def read(ended: threading.Event) -> None:
            draw = random.Random(threading.get_ident())
            with serving.client() as reader:
                while not ended.is_set():
                    path = draw.choice(paths)
                    found = _answer(reader, path)
                    assert found == right[found["version"], path], f"{path} mixes versions"
                    asked.append(path)

        draw = random.Random(5)
        with together(*[read] * _READERS) as ended:
            for turn in range(max(3, round(100 * share))):
                _name(published, versions[turn % 2])
                if turn % 10 == 0:
                    until_served(versions[turn % 2])
                if ended.wait(draw.uniform(0.2, 1.5)):
                    break
    assert serving.stop() == 0
    assert set(asked) == set(paths)

"""The READMEs don't lie: their mappings work as printed, their files exist, their commands and routes are real."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serving.policy import POLICY
from workspace.folder import open_workspace

ROOT = Path(__file__).parents[2]
FILES = {
    "README.md": (
        "CallID,Customer,Date,Time,Dir,Result,TalkSec,QueueSec,Agent\n"
        "a1,77,31/03/2026,09:30:00,I,AGENT,90,12,Ann\n"
        "a2,0,31/03/2026,09:31:00,I,HANG,0,45,\n"
    ),
    "README.zh-CN.md": (
        "通话编号,客户ID,日期,时间,方向,结果,通话秒数,排队秒数,坐席\n"
        "a1,77,2026/03/31,15:30:00,呼入,接通,90,12,安\n"
        "a2,0,2026/03/31,15:31:00,呼入,放弃,0,45,\n"
    ),
}


def blocks(name: str, language: str) -> list[str]:
    fenced = re.findall(r"```(\w*)\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    return [text for named, text in fenced if named == language]


@pytest.mark.parametrize("name", FILES)
def test_the_mapping_works_as_printed(name: str, rapport: Callable[..., Any], tmp_path: Path) -> None:
    (mapping,) = blocks(name, "toml")
    (tmp_path / "calls.toml").write_text(mapping, encoding="utf-8")
    (tmp_path / "calls.csv").write_text(FILES[name], encoding="gb18030")
    arguments = ("--table", "interactions", "--mapping", tmp_path / "calls.toml", "--workspace", tmp_path / "acme")
    assert rapport("collect", tmp_path / "calls.csv", *arguments).code == 0
    assert rapport("clean", "--workspace", tmp_path / "acme").code == 0
    answered, abandoned = (
        open_workspace(tmp_path / "acme").lake.read("interactions").sort_by("interaction_id").to_pylist()
    )
    assert answered["occurred_at"].isoformat() == "2026-03-31T07:30:00+00:00"
    assert (answered["customer_id"], abandoned["customer_id"]) == ("77", None)
    assert (answered["direction"], answered["outcome"], abandoned["outcome"]) == ("inbound", "answered", "abandoned")
    assert (answered["duration_ms"], answered["wait_ms"], abandoned["wait_ms"]) == (90_000, 12_000, 45_000)


@pytest.mark.parametrize("name", [*FILES, "CONTRIBUTING.md"])
def test_what_is_linked_exists(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", FILES)
def test_every_route_is_one_of_the_service(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    listed = re.findall(
        r"`(?:GET |POST )?(?:/api/v1)?(/(?:segments|churn|customers|statistics|forecast|score|models)[^`]*)`", text
    )
    patterns = [rule.pattern for rule in POLICY]
    assert len(listed) >= 7
    for path in listed:
        assert any(
            pattern.match("/api/v1" + path.replace("{id}", "x").replace("{metric}", "x")) for pattern in patterns
        )


@pytest.mark.parametrize("name", FILES)
def test_the_tree_names_the_rooms(name: str) -> None:
    tree = blocks(name, "")[-1]
    rooms = re.findall(r"^(\w+)/", tree, re.MULTILINE)
    assert {"workspace", "interactions", "features", "training", "serving", "charts", "cli", "notebooks"} <= set(rooms)
    assert [room for room in rooms if not (ROOT / room).is_dir()] == []

"""`rapport readiness`: for people, for scripts, and at another date."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Rapport = Callable[..., Any]


@pytest.mark.slow
def test_it_says_what_the_demo_is_enough_for(rapport: Rapport, demo_workspace: Path) -> None:
    shown = rapport("readiness", "--workspace", demo_workspace)
    assert shown.code == 0
    for said in ("active customers", "Churners at the latest cutoff", "What each model needs", "grade"):
        assert said in shown.out


@pytest.mark.slow
def test_json_at_an_earlier_date(rapport: Rapport, demo_workspace: Path) -> None:
    now = json.loads(rapport("readiness", "--json", "--workspace", demo_workspace).out)
    before = json.loads(rapport("readiness", "--json", "--as-of", "2026-08-01", "--workspace", demo_workspace).out)
    assert before["as_of"] < now["as_of"]
    assert before["customers"] < now["customers"]
    assert set(now["models"]) == {"churn", "segments", "volume", "sentiment"}


def test_an_empty_workspace_gets_an_answer(rapport: Rapport, tmp_path: Path) -> None:
    rapport("init", "--workspace", tmp_path)
    shown = rapport("readiness", "--workspace", tmp_path)
    assert shown.code == 0
    assert "No customer's contact or order yet" in shown.out
    assert "not enough" in shown.out

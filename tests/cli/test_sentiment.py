"""`rapport backtest sentiment` from the command line: JSON as promised, one sentence where it can't."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Rapport = Callable[..., Any]


def test_json(rapport: Rapport, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("review,stars\n很好,5\n太差了,1\n还行,3\nnot good,2\n", encoding="gb18030")
    outcome = rapport("backtest", "sentiment", tmp_path / "t.csv", "--text", "review", "--label", "stars", "--json")
    assert outcome.code == 0
    found = json.loads(outcome.out)
    assert found["cold"]["accuracy"] == found["cold"]["macro_f1"] == 1
    assert found["learned"] is None
    assert found["left_out"] == {"rating in the middle": 1}


def test_a_table_for_people(rapport: Rapport, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("review,stars\n很好,5\n太差了,1\n")
    outcome = rapport("backtest", "sentiment", tmp_path / "t.csv", "--text", "review", "--label", "stars")
    assert outcome.code == 0
    assert "balanced_accuracy" in outcome.out.replace("\n", "")


def test_a_column_that_is_not_there(rapport: Rapport, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("review,stars\n很好,5\n太差了,1\n")
    outcome = rapport("backtest", "sentiment", tmp_path / "t.csv", "--text", "words", "--label", "stars")
    assert outcome.code != 0
    assert "no column words (--text)" in outcome.err
    assert "Traceback" not in outcome.err

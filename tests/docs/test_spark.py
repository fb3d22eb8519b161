"""docs/spark.md doesn't lie: its settings load, its commands and options are there."""

import re
from collections.abc import Callable
from pathlib import Path

from workspace.settings import load

PAGE = Path(__file__).parents[2] / "docs" / "spark.md"


def test_its_settings_load(tmp_path: Path) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "rapport.toml").write_text(text, encoding="utf-8")
    engine = load(tmp_path).engine
    assert (engine.name, engine.master) == ("spark", "spark://10.0.0.5:7077")
    assert all(name.startswith("spark.") for name in engine.options)


def test_its_commands_are_there(rapport: Callable) -> None:
    (text,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for line in text.strip().splitlines():
        _, command, *words = line.split("#")[0].split()
        said = rapport(command, "--help").out
        assert all(word in said for word in words if word.startswith("--")), line


def test_its_make_targets_are_there() -> None:
    makefile = (PAGE.parents[1] / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`make ([a-z-]+)`", PAGE.read_text(encoding="utf-8")))
    assert {"spark", "test-cluster"} <= targets
    assert all(f"\n{target}:" in makefile for target in targets)

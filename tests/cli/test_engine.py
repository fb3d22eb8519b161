from collections.abc import Callable
from pathlib import Path

import pytest

from cli.engine import EngineName, with_engine
from workspace.errors import SettingsError
from workspace.folder import open_workspace
from workspace.settings import Engine


def test_the_command_line_before_rapport_toml(tmp_path: Path) -> None:
    (tmp_path / "rapport.toml").write_text(
        '[engine]\nname = "spark"\nmaster = "spark://a:7077"\noptions = { "spark.executor.memory" = "8g" }\n'
    )
    workspace = open_workspace(tmp_path)
    options = {"spark.executor.memory": "8g"}
    expected = Engine(name="spark", master="spark://a:7077", options=options)
    assert with_engine(workspace, None, None).settings.engine == expected
    assert with_engine(workspace, EngineName.DUCKDB, None).settings.engine.name == "duckdb"
    expected = Engine(name="spark", master="local[2]", options=options)
    assert with_engine(workspace, None, "local[2]").settings.engine == expected


def test_a_master_without_spark_or_that_is_none(tmp_path: Path, rapport: Callable) -> None:
    workspace = open_workspace(tmp_path)
    with pytest.raises(SettingsError, match=r"the engine is duckdb\. Add --engine spark"):
        with_engine(workspace, None, "spark://a:7077")
    answer = rapport("features", "--engine", "spark", "--master", "10.0.0.5:7077", "--workspace", tmp_path)
    assert (answer.code, answer.err.strip()) == (
        *(1, "--master 10.0.0.5:7077 is no address of Spark. Write spark://HOST:PORT, local[*] or local[2]."),
    )

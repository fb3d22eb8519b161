import re
import subprocess
import sys
from pathlib import Path

import ibis
import pytest

from features.statistics.catalogue import CATALOGUE, INTERACTION_DIMENSIONS, ORDER_DIMENSIONS
from features.statistics.compiled import _expression, compiled, measures
from features.statistics.measure import Measure
from workspace.settings import Settings


def test_every_statistic_of_the_catalogue_is_defined() -> None:
    texts = compiled(Settings(folder=Path(), schema=1))
    assert set(measures()) == set(CATALOGUE)
    assert {name for name in texts if name.endswith((".value", ".count")) and name.count(".") == 1} == {
        f"{name}.{part}" for name in CATALOGUE for part in ("value", "count")
    }
    metrics = {name.partition(".")[0] for name in texts}
    assert metrics == {*CATALOGUE, "cube", "timezone", "week_start"}


def test_what_is_made_of_sums_comes_from_a_cube() -> None:
    texts = compiled(Settings(folder=Path(), schema=1))
    in_cube = {name.partition(".")[0] for name in texts if ".cube." in name}
    of_contacts = {name for name, statistic in CATALOGUE.items() if statistic.table == "interactions"}
    assert in_cube < of_contacts
    ways = ("_median", "_p90", "customers", "per_customer")
    left = {name for name in of_contacts - in_cube if not name.endswith(ways) and not name.startswith("value_score")}
    assert left == set()
    columns = {name.removeprefix("cube.") for name in texts if name.startswith("cube.")}
    named = {word for name, text in texts.items() if ".cube." in name for word in re.findall(r'"(\w+)"', text)}
    assert named == columns


def test_the_texts_do_not_change_from_one_publish_to_the_next() -> None:
    settings = Settings(folder=Path(), schema=1)
    assert compiled(settings) == compiled(settings)


def test_a_definition_must_be_one_aggregate() -> None:
    rows = ibis.table({"amount": "int64"}, name="rows")
    smoothed = rows.mutate(amount=rows.amount + rows.amount.max())
    with pytest.raises(ValueError, match="one aggregate"):
        _expression(Measure(smoothed.amount.sum(), rows.count()).value)


def test_a_worker_needs_no_ibis() -> None:
    code = (
        "import sys, features.statistics.catalogue, features.statistics.figure, features.statistics.cube_tables\n"
        "print([name for name in ('ibis', 'sqlglot', 'mlflow', 'mlforecast', 'nltk', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_catalogue_is_written_for_people() -> None:
    for statistic in CATALOGUE.values():
        assert statistic.definition.endswith(".")
        assert statistic.exclusions.endswith(".")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in statistic.title_zh)
    titles = [statistic.title_en for statistic in CATALOGUE.values()]
    assert len(set(titles)) == len(titles)
    assert set(ORDER_DIMENSIONS) < set(INTERACTION_DIMENSIONS)

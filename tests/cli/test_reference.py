"""The reference pages are what the program says, and the program says everything about every feature and figure."""

from pathlib import Path

import pytest

from cli.reference import PAGES, main
from features.customer import (
    cadence,
    channel_mix,
    lifecycle,
    responsiveness,
    rfm,
    satisfaction,
    season,
    surveys,
    text,
    value,
)
from features.statistics.catalogue import CATALOGUE
from workspace.feature_columns import CONCEPTS, FEATURES
from workspace.tables import CUSTOMER_FEATURES, TABLES

DOCS = Path(__file__).parents[2] / "docs"
MODULES = (rfm, cadence, lifecycle, season, channel_mix, responsiveness, satisfaction, value, surveys, text)


@pytest.mark.parametrize("name", PAGES)
def test_the_committed_page_is_the_rendered_one(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs` and commit what it writes"


def test_pages_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    main(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == set(PAGES)
    assert (tmp_path / "tables.md").read_text(encoding="utf-8") == PAGES["tables.md"]()


def test_every_feature_has_a_unit_a_meaning_and_a_formula() -> None:
    assert CUSTOMER_FEATURES.columns[2:] == FEATURES
    for column in FEATURES:
        assert column.meaning, column.name
        assert column.formula, column.name
        assert column.unit or column.name == "lifecycle"


def test_a_concept_is_the_file_that_computes_it() -> None:
    assert list(CONCEPTS) == [module.__name__.rpartition(".")[2] for module in MODULES]
    for module, (concept, columns) in zip(MODULES, CONCEPTS.items(), strict=True):
        told = getattr(module, concept).__doc__ + (module.__doc__ or "")
        assert all(column.name in told for column in columns), concept


def test_every_figure_table_and_column_is_told() -> None:
    statistics, tables, features = PAGES["statistics.md"](), PAGES["tables.md"](), PAGES["features.md"]()
    assert all(f"| `{name}` |" in statistics for name in CATALOGUE)
    for name, table in TABLES.items():
        assert f"## {name}\n" in tables
        assert all(f"| `{column}` |" in tables + features for column in table.column_names)


def test_no_cell_breaks_its_row() -> None:
    for page in PAGES.values():
        for line in page().splitlines():
            if line.startswith("|"):
                assert line.replace("\\|", "").count("|") in (3, 6, 7)

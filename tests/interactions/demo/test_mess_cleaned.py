"""The whole road: what was planted is found, and what is left is the truth, row by row."""

import json
from pathlib import Path

import pandas as pd
import pytest

from interactions.cleaning.clean import clean
from interactions.demo.company import Company
from interactions.demo.mess import Dirt, write
from interactions.demo.orders import RATES
from interactions.sources.collect import collect
from workspace.folder import Workspace, open_workspace
from workspace.tables import PROVENANCE, TABLES

FATES = ("received", "known", "duplicate", "excluded", "quarantined", "kept")


@pytest.fixture(scope="module")
def cleaned(small: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Dirt]:
    folder = tmp_path_factory.mktemp("road")
    dirt = write(small, folder / "received")
    (folder / "workspace").mkdir()
    settings = f"schema = 1\n[currency.rates]\nUSD = {RATES['USD']}\n"
    (folder / "workspace" / "rapport.toml").write_text(settings, encoding="utf-8")
    workspace = open_workspace(folder / "workspace", create=True)
    for paths, table, mapping in dirt.collections:
        collect(workspace, paths, table, mapping)
    clean(workspace)
    return workspace, dirt


def _account(workspace: Workspace, name: str) -> "pd.Series[object]":
    file, table = name.split(" ")
    accounts = workspace.lake.read("accounts").to_pandas()
    found = accounts[(accounts["table"] == table) & accounts["source"].str.contains(Path(file).stem)]
    assert len(found) == 1
    return found.iloc[0]


def test_every_kind_of_dirt_is_found_and_counted(cleaned: tuple[Workspace, Dirt]) -> None:
    workspace, dirt = cleaned
    quarantine = workspace.lake.read("quarantine").to_pandas()
    for name, told in dirt.counts["files"].items():
        account = _account(workspace, name)
        assert {fate: account[fate] for fate in FATES} == {fate: told[fate] for fate in FATES}, name
        refused = quarantine[(quarantine["source"] == account["source"]) & (quarantine["table"] == account["table"])]
        assert refused["reasons"].value_counts().to_dict() == told["reasons"], name


def test_repairs_are_as_many_as_were_needed(cleaned: tuple[Workspace, Dirt]) -> None:
    workspace, dirt = cleaned
    for name, told in dirt.counts["files"].items():
        repairs, kinds = json.loads(str(_account(workspace, name)["repairs"])), told["kinds"]
        assert isinstance(kinds, dict)
        ids = kinds.get("full-width ids", 0) + kinds.get("padded ids", 0)
        assert repairs.get("customer_id: id trimmed/width-normalised", 0) == ids, name
        assert repairs.get("content: personal data masked", 0) == kinds.get("texts with personal data", 0), name
        assert repairs.get("duration: minutes to ms", 0) == kinds.get("durations in minutes", 0), name


@pytest.mark.parametrize("name", ["customers", "interactions", "orders", "surveys"])
def test_what_is_left_is_the_truth(cleaned: tuple[Workspace, Dirt], small: Company, name: str) -> None:
    (key,) = TABLES[name].key
    found = cleaned[0].lake.read(name).to_pandas().sort_values(["known_at", "collected_at", "source_row"])
    found = found.drop_duplicates(key, keep="last").sort_values(key).reset_index(drop=True)
    true = small.tables[name].to_pandas().sort_values(key).reset_index(drop=True)
    assert found[key].equals(true[key])
    for column in true.columns[: -len(PROVENANCE)]:
        same = (found[column] == true[column]) | (found[column].isna() & true[column].isna())
        if column == "content":
            same |= found[column].str.contains("⟨", na=False)
        assert same.all(), column

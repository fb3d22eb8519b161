"""docs/sources.md doesn't lie: its sources are ones that rapport.toml can name, its mapping is one that loads."""

import re
import tomllib
from pathlib import Path

from interactions.sources.crm.options import rest_options, vendor_options
from interactions.sources.mapping import load
from workspace.settings import load as load_settings

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_every_source_can_be_named_in_rapport_toml(tmp_path: Path) -> None:
    written = "\n".join(block for block in BLOCKS if "[sources." in block)
    (tmp_path / "rapport.toml").write_text(written, encoding="utf-8")
    sources = load_settings(tmp_path).sources
    assert {name: source.type for name, source in sources.items()} == {
        "shop": "postgresql",
        "sales": "salesforce",
        "chats": "rest",
    }
    vendor_options("sales", "salesforce", sources["sales"].options)
    rest_options("chats", sources["chats"].options, sources["chats"].table)


def test_the_mapping_loads(tmp_path: Path) -> None:
    (written,) = [block for block in BLOCKS if "[interactions]" in block]
    (tmp_path / "mapping.toml").write_text(written, encoding="utf-8")
    mapping = load(tmp_path / "mapping.toml", "interactions")
    assert set(tomllib.loads(written)["interactions"]["columns"]) <= {*mapping.columns, "duration"}
    assert mapping.fills == {"satisfaction": "median"}

"""A form's mapping says all that is needed to read the form's file."""

import tomllib

import pytest

from interactions.demo.forms import FORMS, Form
from interactions.sources.mapping import load
from workspace.tables import TABLES


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.file} {form.table}")
def test_mappings_are_understood(form: Form, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("mapping") / "mapping.toml"
    path.write_text(form.mapping("Asia/Shanghai"), encoding="utf-8")
    mapping = load(path, form.table)
    assert mapping.timezone == "Asia/Shanghai"
    filled = {*(one.column for one in form.fields if one.column), *form.constants}
    filled |= {"amount"} if form.table == "orders" else set()
    assert set(mapping.columns) == filled
    provenance = {"source", "source_row", "collected_at", "known_at", "is_revision"}
    assert set(TABLES[form.table].column_names) - provenance - filled <= {"response_content", "wait_ms", "duration_ms"}


def test_words_and_units_reach_the_mapping() -> None:
    phone, chats = (next(form for form in FORMS if form.file == name) for name in ("phone_calls.csv", "chats.xlsx"))
    columns = tomllib.loads(phone.mapping("UTC"))["interactions"]["columns"]
    assert columns["satisfaction"]["values"]["非常满意"] == "5"
    assert len(columns["occurred_at"]["format"]) == 3
    assert tomllib.loads(chats.mapping("UTC"))["interactions"]["columns"]["duration"]["unit"] == "min"

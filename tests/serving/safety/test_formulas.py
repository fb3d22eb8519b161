"""Formulas in names, places and reps: in no list, export or statistic does a spreadsheet find one, CSV or Excel."""

import asyncio
import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pyarrow as pa
import pytest

from serving.access import Access, add_key
from serving.app import create_app
from serving.csv_lists import as_csv, safe
from serving.holder import Holder
from serving.snapshot import Snapshot
from workspace.folder import Workspace

FORMULAS = json.loads(Path(__file__).with_name("corpora.json").read_text(encoding="utf-8"))["formulas"]
HARMLESS = ("(+86) 138", "a=b", "1-2", "'=1+1", '"=1+1', ";=1+1", ",=1+1", "%=1")
TEXTS = ("name", "email", "phone", "owner", "region", "city", "country")
Ask = Callable[..., httpx.Response]


def begins_formula(cell: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula: by its first letter that shows, in any width."""
    for letter in cell:
        if letter in "\t\r\n":
            return True
        if unicodedata.category(letter)[0] not in "CZ":
            return unicodedata.normalize("NFKC", letter) in ("=", "+", "-", "@", "−")
    return False


@pytest.fixture(scope="module")
def hostile(snapshot: Snapshot) -> Snapshot:
    """The small company whose customers are called after formulas."""
    customers = snapshot.tables["customers"]
    for place, name in enumerate(TEXTS):
        values = [FORMULAS[(row + place) % len(FORMULAS)] for row in range(len(customers))]
        customers = customers.set_column(customers.column_names.index(name), name, pa.array(values))
    agreed = pa.array([True] * len(customers))
    customers = customers.set_column(customers.column_names.index("marketing_consent"), "marketing_consent", agreed)
    return replace(snapshot, tables={**snapshot.tables, "customers": customers})


@pytest.fixture
def ask(own_workspace: Workspace, hostile: Snapshot) -> Iterator[Ask]:
    key = add_key(own_workspace, "admin", "admin")
    holder, access = Holder(own_workspace.folder), Access(own_workspace.folder)
    holder._snapshot = hostile
    app = create_app(holder, access)

    def asked(method: str, path: str, **sent: Any) -> httpx.Response:
        async def answer() -> httpx.Response:
            headers = {"authorization": f"Bearer {key}"}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rapport") as client:
                return await client.request(method, path, headers=headers, **sent)

        return asyncio.run(answer())

    yield asked
    access.close()


def cells_of(content: bytes) -> list[str]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return [cell for row in rows[1:] for cell in row]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_has_an_apostrophe_and_is_readable(text: str) -> None:
    assert not begins_formula(safe(text))
    assert safe(text) in (text, f"'{text}")
    if text in HARMLESS:
        assert safe(text) == text
    ((cell,),) = csv.reader(io.StringIO(as_csv([{"x": text}]).decode("utf-8-sig").split("\n", 1)[1], newline=""))
    assert cell.removeprefix("'") == text.removeprefix("'")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/churn?limit=1000&format=csv",
        "/api/v1/segments/SEGMENT/customers?limit=1000&format=csv",
        "/api/v1/statistics/contacts?by=region,owner&format=csv&from=2025-11-01",
        "/api/v1/segments?format=csv",
        "/api/v1/forecast?format=csv",
    ],
)
def test_no_list_has_a_formula(ask: Ask, hostile: Snapshot, path: str) -> None:
    segment = hostile.tables["segment_profiles"]["segment_id"][0].as_py()
    answer = ask("GET", path.replace("SEGMENT", segment))
    assert answer.status_code == 200
    cells = cells_of(answer.content)
    assert len(cells) > 10
    assert [cell for cell in cells if begins_formula(cell) and not is_number(cell)] == []
    if "customers" in path or "churn" in path:
        assert any("cmd|" in cell for cell in cells)


@pytest.mark.parametrize("written", ["csv", "xlsx", "json"])
def test_no_export_has_a_formula(ask: Ask, hostile: Snapshot, written: str) -> None:
    asked = {"min_risk": 0.0, "holdout": 0.0, "format": written, "campaign": "=1+1"}
    made = ask("POST", "/api/v1/exports", json=asked).json()
    content = ask("GET", f"/api/v1/exports/{made['export_id']}?download=true").content
    assert made["sent"] > 100
    if written == "csv":
        cells = cells_of(content)
        assert [cell for cell in cells if begins_formula(cell) and not is_number(cell)] == []
        # Telephone numbers are to be read, not run.
        assert "'+86 138 0013 8000" in cells
    elif written == "json":
        # For programs: as it is.
        assert "+86 138 0013 8000" in {row["phone"] for row in json.loads(content)["customers"]}
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if "sheet" in name and name.endswith(".xml")]
        assert sheets
        assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)
        book = openpyxl.load_workbook(io.BytesIO(content))
        kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
        assert kinds <= {"s", "n", "b", "inlineStr"}
        texts = [cell for row in book["customers"] for cell in row if isinstance(cell.value, str)]
        assert all(cell.number_format == "@" or cell.row == 1 for cell in texts)
        assert "+86 138 0013 8000" in {cell.value for cell in texts}

"""An exported list as a file: CSV, Excel or JSON, the same bytes for the same list."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from serving.csv_lists import as_csv
from serving.errors import TooLarge
from workspace.workbook import MOST_ROWS, workbook

Format = Literal["csv", "xlsx", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)

MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}

COLUMNS = (
    "customer_id", "name", "email", "phone", "owner", "region", "city", "segment_id", "segment_name_en",
    "segment_name_zh", "churn_30", "churn_60", "churn_90", "risk_band", "value", "expected_value", "value_at_risk",
    "recency_days", "reasons_en", "reasons_zh",
)  # fmt: skip


def content(written: Format, about: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The customers of `rows` (COLUMNS) as a file; Excel and JSON also say what the list is (`about`)."""
    if written == "csv":
        return as_csv(rows, COLUMNS)
    if written == "json":
        listed = {"about": about, "customers": [{name: row[name] for name in COLUMNS} for row in rows]}
        return json.dumps(listed, ensure_ascii=False, allow_nan=False, indent=1).encode()
    if len(rows) >= MOST_ROWS:
        raise TooLarge(f"An Excel sheet holds {MOST_ROWS - 1:,} customers. Take csv, or a narrower list.")
    return workbook(
        {
            "customers": (COLUMNS, [[row[name] for name in COLUMNS] for row in rows]),
            "about": (("what", "value"), [[name, _said(value)] for name, value in about.items()]),
        }
    )


def place(folder: Path, export_id: str, written: str) -> Path:
    """Where an export's file lies in the workspace's exports/."""
    return folder / f"{export_id}.{written}"


def _said(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value

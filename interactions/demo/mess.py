"""The company's data as companies have it: five systems, four formats, two encodings, three ways to write a date.

Beside the files stand the mappings to read them, and under truth/ what no reader may see: the planted truth as Parquet
and dirt.json with the exact count of every kind of dirt.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from interactions.demo.company import Company
from interactions.demo.filled import filled
from interactions.demo.forms import FORMS, Form
from interactions.demo.spoil import Sheet, counts, spoil
from interactions.demo.writers import write_sheet


@dataclass(frozen=True)
class Dirt:
    """Where the files are and what is wrong with them.

    collections: what to pass to collect, in this order: (paths, table, mapping); counts: the content of dirt.json.
    """

    folder: Path
    collections: list[tuple[list[Path], str, Path]]
    counts: dict[str, dict[str, dict[str, object]]]


def write(company: Company, folder: Path, seed: int = 7) -> Dirt:
    """Write the company's files, their mappings and the truth into `folder`; the same arguments give the same bytes.

    dirt.json: {"files": {FILE TABLE: fates}, "tables": {TABLE: fates}}; fates: received, known, duplicate, excluded,
    quarantined, kept (they add up), reasons (rows by reason to refuse them), kinds (kept rows by any other dirt).
    """
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    (folder / "crm.sqlite").unlink(missing_ok=True)
    collections, files = [], {}
    for form, child in zip(FORMS, np.random.SeedSequence(seed).spawn(len(FORMS)), strict=True):
        path, mapping = folder / form.file, folder / "mappings" / f"{Path(form.file).stem}_{form.table}.toml"
        files[f"{form.file} {form.table}"] = _write_form(company, form, path, np.random.default_rng(child))
        mapping.write_text(form.mapping(company.timezone), encoding="utf-8", newline="\n")
        collections.append(([path], form.table, mapping))
    found = {"files": files, "tables": _by_table(files)}
    _write_truth(company, folder / "truth", found)
    return Dirt(folder, collections, found)


def _write_form(company: Company, form: Form, path: Path, rng: np.random.Generator) -> dict[str, object]:
    rows = company.tables[form.table]
    if form.channels:
        rows = rows.filter(pc.is_in(rows["channel"], value_set=pa.array(form.channels)))
    sheet = Sheet(form, filled(rows, form, company.timezone, rng))
    spoil(sheet, rng)
    write_sheet(sheet, path)
    return counts(sheet)


def _by_table(files: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """The counts of all files of a table added up."""
    tables: dict[str, dict[str, object]] = {}
    for name, fates in files.items():
        total = tables.setdefault(name.split(" ")[1], {})
        for fate, count in fates.items():
            before = total.get(fate)
            if isinstance(count, dict):
                both = Counter(before if isinstance(before, dict) else {}) + Counter(count)
                total[fate] = dict(sorted(both.items()))
            elif isinstance(count, int):
                total[fate] = (before if isinstance(before, int) else 0) + count
    return tables


def _write_truth(company: Company, folder: Path, found: dict[str, dict[str, dict[str, object]]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "dirt.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    for name, table in company.truth.items():
        pq.write_table(table, folder / f"{name}.parquet")

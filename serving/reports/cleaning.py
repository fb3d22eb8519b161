"""The cleaning report as one HTML page that needs nothing from anywhere else: accounts, refusals, repairs, gaps."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from interactions.cleaning.advice import advice
from interactions.cleaning.report import COUNTS
from serving.dashboard.formats import Formats
from serving.reports.cleaning_texts import column_name, phrase, reasons, text

if TYPE_CHECKING:
    from interactions.cleaning.overview import Contents, Overview, Refusal
    from interactions.cleaning.report import Account
    from workspace.settings import Company

# As the bars show them, from left to right.
PARTS = ("kept", "known", "duplicate", "excluded", "quarantined")
WIDTH = 1000
# Narrower parts of a bar would not be seen.
_NARROWEST = 5
# Below this share a column counts as full.
_SOME = 0.0005
_HERE = Path(__file__).parent
_STYLES = (_HERE.parent / "dashboard" / "static" / "style.css", _HERE / "cleaning.css")


def cleaning_page(
    found: Overview, name: str, company: Company, language: str = "en", made_at: datetime | None = None
) -> str:
    """The page for a workspace called `name`, in English ("en") or Chinese ("zh"), as of now unless said otherwise."""
    formats = Formats(language, company.zone, company.currency)
    words = partial(text, language=language)
    repairs = _repairs(found.accounts, language)
    return _template().render(
        language=language,
        t=words,
        f=formats,
        name=name,
        zone=company.timezone,
        made_at=made_at or datetime.now(UTC),
        style="\n".join(path.read_text(encoding="utf-8") for path in _STYLES),
        parts=PARTS,
        width=WIDTH,
        found=found,
        total=found.total,
        accounts=[_account(row) for row in sorted(found.accounts, key=lambda row: (row.source, row.table))],
        together=_slices(found.total),
        files=found.files,
        sources=len({row.source for row in found.accounts}),
        refusals=[_refusal(row, language) for row in sorted(found.refusals, key=lambda row: (row.table, -row.rows))],
        repairs=repairs,
        kinds=sum(len(one["kinds"]) for one in repairs),
        repaired=sum(sum(row.repairs.values()) for row in found.accounts),
        tables=[_contents(one, language) for one in found.tables],
        steps=_steps(found, words, formats),
    )


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("cleaning.html")


def _account(row: Account) -> dict[str, Any]:
    counts = {name: getattr(row, name) for name in COUNTS}
    return {**counts, "source": row.source, "table": row.table, "slices": _slices(counts)}


def _slices(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The parts of a bar of WIDTH: name, where it begins, how wide; none is too narrow to be seen."""
    received = counts["received"]
    if not received:
        return []
    wide = {name: max(_NARROWEST, WIDTH * counts[name] / received) for name in PARTS if counts[name]}
    widest = max(wide, key=lambda name: wide[name])
    wide[widest] -= sum(wide.values()) - WIDTH
    begin = 0.0
    slices = []
    for name, width in wide.items():
        slices.append({"name": name, "x": round(begin, 1), "width": round(width, 1), "rows": counts[name]})
        begin += width
    return slices


def _refusal(row: Refusal, language: str) -> dict[str, Any]:
    files: dict[str, list[int]] = {}
    for place in row.examples:
        files.setdefault(place.file, []).append(place.row)
    advices = dict.fromkeys(advice(one, language) for one in row.reasons.split("; "))
    return {
        "table": row.table,
        "source": row.source,
        "reasons": reasons(row.reasons, language),
        "code": row.reasons,
        "rows": row.rows,
        "files": files,
        "rest": row.rows - len(row.examples),
        "advice": " ".join(advices) if language == "en" else "".join(advices),
    }


def _repairs(accounts: Sequence[Account], language: str) -> list[dict[str, Any]]:
    """By table the repairs of all its sources, the most frequent first."""
    counts: dict[str, Counter[str]] = {}
    origins: dict[tuple[str, str], list[str]] = {}
    for row in accounts:
        counts.setdefault(row.table, Counter()).update(row.repairs)
        for name in row.repairs:
            origins.setdefault((row.table, name), []).append(row.source)
    tables = []
    for table in sorted(name for name, count in counts.items() if count):
        listed = sorted(counts[table].items(), key=lambda item: (-item[1], item[0]))
        kinds = [
            {"name": phrase(name, language), "rows": rows, "sources": origins[table, name]} for name, rows in listed
        ]
        tables.append({"table": table, "kinds": kinds, "most": listed[0][1]})
    return tables


def _contents(one: Contents, language: str) -> dict[str, Any]:
    shares = sorted(one.missing.items(), key=lambda item: (-item[1], item[0]))
    days = (one.last - one.first).days + 1 if one.first is not None and one.last is not None else None
    return {
        **{"table": one.table, "rows": one.rows, "first": one.first, "last": one.last, "days": days},
        "gaps": [{"name": column_name(name, language), "share": share} for name, share in shares if _SOME <= share < 1],
        "empty": [column_name(name, language) for name, share in shares if share == 1],
        "full": [column_name(name, language) for name, share in shares if share < _SOME],
    }


def _steps(found: Overview, words: Any, formats: Formats) -> list[dict[str, str]]:
    """What to do next: a sentence and the command for it."""
    if not found.accounts:
        return [{"text": words("next_collect"), "command": "rapport collect FILE --table interactions"}]
    steps = []
    if found.refusals:
        worst = max(found.refusals, key=lambda row: row.rows)
        source = shlex.quote(worst.source)
        look = f"rapport quarantine show {worst.table} --source {source}"
        count = formats.count(found.total["quarantined"])
        retry = f"rapport quarantine retry {source} --table {worst.table} --mapping FILE.toml --preview"
        steps = [
            {"text": words("next_look", count=count), "command": look},
            {"text": words("next_retry"), "command": retry},
            {"text": words("next_excel"), "command": f"rapport quarantine show {worst.table} --output refused.csv"},
        ]
    ready = {"text": words("next_ready"), "command": "rapport readiness"}
    return [*steps, ready, {"text": words("next_run"), "command": "rapport run"}]

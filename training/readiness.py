"""What the data is enough for, before training: what there is, what each model needs, the grade to expect."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from features.fills import declared
from features.history import HISTORY_TABLES
from features.identity import with_links
from features.windows import Window
from training.cutoffs import default_cutoff
from training.expected_grade import Expected, expected_grade
from training.holdings import Found, with_people, without_people
from training.needs import Need, needs
from training.observed import observe
from workspace.engine import connect
from workspace.errors import NotEnoughHistoryError
from workspace.folder import Workspace
from workspace.progress import Progress, silent


@dataclass(frozen=True)
class Readiness:
    """`found`, what each model `needs` beside it, and the grade to expect; `no_grade` says why there is none."""

    found: Found
    needs: tuple[Need, ...]
    expected: Expected | None
    no_grade: str
    seconds: float

    @property
    def summary(self) -> str:
        """One line: "430 active customers, 61 churned, 7 of 12 months; expected grade C"."""
        found = self.found
        if not found.customers:
            return "No customer's contact or order yet."
        last = found.horizons[-1] if found.horizons else None
        gone = f", {last.churned:,} of {last.active:,} churned in {last.horizon_days} days" if last else ""
        span = "a year and more" if found.covers_a_year else f"{found.months:.0f} of 12 months"
        if self.expected is None:
            grade = "no grade yet"
        elif self.expected.grade is None:
            grade = f"too little for a model: the rule {self.expected.rule} would be served"
        else:
            grade = f"expected grade {self.expected.grade}"
        return f"{found.active:,} active customers{gone}, {span}; {grade}."

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        found = self.found
        return {
            "summary": self.summary,
            "as_of": found.as_of and found.as_of.isoformat(),
            "customers": found.customers,
            "active_customers": found.active,
            "interactions": found.interactions,
            "orders": found.orders,
            "first_event": found.first and found.first.isoformat(),
            "days": round(found.days, 1),
            "months": round(found.months, 1),
            "covers_a_year": found.covers_a_year,
            "without_customer": found.without_customer,
            "missing": {table: dict(shares) for table, shares in found.missing.items()},
            "churn": [{**asdict(one), "cutoff": one.cutoff.isoformat()} for one in found.horizons],
            "contacts_per_month": dict(found.contacts_per_month),
            "volume_months": round(found.volume_months, 1),
            "rated_texts": found.rated_texts,
            "models": {need.model: asdict(need) for need in self.needs},
            "expected_grade": self.expected.to_dict() if self.expected is not None else None,
            "no_grade": self.no_grade or None,
            "seconds": round(self.seconds, 1),
        }


def readiness(workspace: Workspace, as_of: datetime | None = None, progress: Progress = silent) -> Readiness:
    """Look at what was cleaned, as of a cutoff (default: that after the last event); nothing is written.

    Never raises for want of data: what is missing is what it reports.
    """
    begun = time.monotonic()
    progress("counting", 0.0)
    cutoff = as_of or _default_cutoff(workspace)
    backend = connect(workspace.settings.limits, str(workspace.temp))
    try:
        tables = with_links(backend, workspace.lake, HISTORY_TABLES)
        found = without_people(workspace, cutoff, tables)
        expected = None
        no_grade = "No customer's contact or order yet: `rapport collect` and `rapport clean` come first."
        if cutoff is not None:
            window = Window.from_settings(workspace.settings, cutoff)
            days, fills = workspace.settings.windows.horizon_days, declared(workspace.raw)
            try:
                observed = observe(tables, window, fills)
                progress("churners", 0.3)
                found = with_people(found, observed, tables, window, days)
                progress("a trial fit", 0.5)
                judged = found.horizons[-1].active if found.horizons else 0
                expected = expected_grade(
                    observed, judged, tables, window, backend, days, _second_half(progress), fills=fills
                )
                no_grade = ""
            except NotEnoughHistoryError as error:
                no_grade = str(error)
    finally:
        backend.disconnect()
    listed = needs(found, workspace.settings.windows, expected, no_grade)
    return Readiness(found, listed, expected, no_grade, time.monotonic() - begun)


def _second_half(progress: Progress) -> Progress:
    return lambda text, done: progress(text, 0.5 + done / 2)


def _default_cutoff(workspace: Workspace) -> datetime | None:
    try:
        return default_cutoff(workspace)
    except NotEnoughHistoryError:
        return None

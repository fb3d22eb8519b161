"""`rapport readiness`: what the data is enough for, before any training."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from cli.as_of import cutoff_of
from cli.options import HERE, AsOfOption, JsonOption, WorkspaceOption
from cli.progress import stage
from cli.terminal import show
from workspace.folder import open_workspace
from workspace.settings import Company

if TYPE_CHECKING:
    from training.holdings import Found
    from training.readiness import Readiness

_MARKS = {"enough": "green", "thin": "yellow", "not enough": "red"}


def readiness(
    as_of: AsOfOption = None,
    columns: Annotated[
        bool, typer.Option("--columns", help="Show the missing share of every column, not the worst.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Customers, span, gaps, churners a horizon, what each model needs, and the grade to expect. Writes nothing."""
    from training.readiness import readiness as look

    opened = open_workspace(workspace)
    company = opened.settings.company
    with opened.within_limits(), stage("readiness") as report:
        found = look(opened, cutoff_of(as_of, company), report)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False))
        return
    typer.echo(f"{found.summary}\n")
    _show(found, company, columns)


def _show(found: "Readiness", company: Company, every_column: bool) -> None:
    there = Table("what there is", "", title="The data", show_header=False)
    for name, value in _facts(found.found, company, every_column):
        there.add_row(name, value)
    show(there)
    if found.found.horizons:
        show(_churners(found.found, company))
    models = Table("model", "verdict", "needs", "has", "what to do", title="What each model needs")
    for need in found.needs:
        mark = _MARKS[need.verdict]
        models.add_row(need.model, f"[{mark}]{need.verdict}[/{mark}]", need.needs, need.has, need.to_do)
    show(models)
    typer.echo(_expected(found))


def _facts(found: "Found", company: Company, every_column: bool) -> list[tuple[str, str]]:
    facts = [
        ("customers", f"{found.customers:,}, {found.active:,} of them active"),
        ("interactions, orders", f"{found.interactions:,}, {found.orders:,}"),
    ]
    if found.as_of is not None and found.first is not None:
        span = f"{found.first.astimezone(company.zone).date()} to {found.as_of.astimezone(company.zone).date()}"
        season = "a year is covered" if found.covers_a_year else "less than a year: no season can be learned"
        facts.append(("span", f"{span}, {found.months:.1f} months; {season}"))
    if found.without_customer is not None:
        facts.append(("contacts without customer", f"{found.without_customer:.1%}"))
    for channel, count in found.contacts_per_month.items():
        facts.append((f"a month, {channel}", f"{count:,.0f} contacts"))
    for table, shares in found.missing.items():
        worst = sorted(shares.items(), key=lambda item: -item[1])
        shown = [f"{name} {share:.0%}" for name, share in worst if every_column or share >= 0.2]
        if shown:
            facts.append((f"missing in {table}", ", ".join(shown)))
    return facts


def _churners(found: "Found", company: Company) -> Table:
    churners = Table("within days", title="Churners at the latest cutoff whose days are over")
    for name in ("cutoff", "active then", "churned", "share"):
        churners.add_column(name, justify="right")
    for one in found.horizons:
        share = f"{one.churned / one.active:.1%}" if one.active else "–"
        day = str(one.cutoff.astimezone(company.zone).date())
        churners.add_row(str(one.horizon_days), day, f"{one.active:,}", f"{one.churned:,}", share)
    return churners


def _expected(found: "Readiness") -> str:
    """The grade to expect, how sure that is, and from what it was estimated."""
    expected = found.expected
    if expected is None:
        return f"No grade to expect: {found.no_grade}"
    low, high = expected.interval
    gain = f"gain over the rule {expected.rule} {expected.gain:+.2f} (95 % interval {low:+.2f} to {high:+.2f})"
    if expected.grade is None:
        return f"No grade to expect: too little data for a model; the rule {expected.rule} would be served."
    others = [f"{letter} {chance:.0%}" for letter, chance in expected.chances.items() if chance >= 0.005]
    fitted = f"{expected.fitted_on:,} of {expected.customers:,}" if expected.fitted_on < expected.customers else "all"
    return (
        f"Expected grade of churn: {expected.grade}, {gain}; estimated by a trial fit judged on {fitted} customers. "
        f"With other customers of the same kind: {', '.join(others)}."
    )

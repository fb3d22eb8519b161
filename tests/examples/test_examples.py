"""The examples on their real files: figures that are published with the data."""

from csv import DictReader
from datetime import datetime
from pathlib import Path
from shutil import copy

import pyarrow.compute as pc
import pytest

from interactions.cleaning.clean import clean
from interactions.sources.collect import collect
from workspace.folder import Workspace, open_workspace

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"


def example(folder: Path, name: str) -> Workspace:
    copy(ROOT / "examples" / name / "rapport.toml", folder / "rapport.toml")
    return open_workspace(folder)


@pytest.mark.skipif(not (DATA / "bank_calls_1999").is_dir(), reason="the bank's calls are not on this machine")
def test_bank_calls_by_mapping_alone(tmp_path: Path) -> None:
    workspace = example(tmp_path, "bank_calls")
    files = sorted((DATA / "bank_calls_1999").glob("*1999.txt"))
    mapping = ROOT / "examples" / "bank_calls" / "bank_calls.toml"
    received = collect(workspace, files, "interactions", mapping)
    assert [(one.rows, one.new) for one in received] == [(33_344, True), (31_599, True)]
    rows = clean(workspace).rows
    totals = {name: sum(getattr(row, name) for row in rows) for name in ("received", "excluded", "quarantined", "kept")}
    assert totals == {"received": 64_943, "excluded": 518, "quarantined": 0, "kept": 64_425}
    calls = workspace.lake.read("interactions")
    assert pc.count_distinct(calls["customer_id"]).as_py() == 5_770
    answered = calls.filter(pc.equal(calls["outcome"], "answered"))["duration_ms"]
    assert round(pc.sum(answered).as_py() / len(answered) / 1000, 1) == 179.9
    assert pc.quantile(answered, 0.5)[0].as_py() == 110_000
    abandoned = pc.equal(calls["outcome"], "abandoned")
    offered = pc.is_in(calls["outcome"], value_set=pc.unique(calls.filter(abandoned)["outcome"]))
    assert round(pc.sum(offered).as_py() / pc.sum(pc.is_valid(calls["outcome"])).as_py(), 3) == 0.158
    queued = calls.filter(pc.greater(calls["wait_ms"], 0))
    assert round(pc.mean(pc.equal(queued["outcome"], "abandoned")).as_py(), 3) == 0.202
    assert [one.new for one in collect(workspace, files, "interactions", mapping)] == [False, False]
    assert clean(workspace).cleaned == ()


@pytest.mark.skipif(not (DATA / "cdnow").is_dir(), reason="CDNOW's orders are not on this machine")
def test_cdnow_keeps_its_true_repeats(tmp_path: Path) -> None:
    workspace = example(tmp_path, "cdnow")
    file = DATA / "cdnow" / "CDNOW_master.txt"
    lines = file.read_text().splitlines()[1:]
    collect(workspace, [file], "orders", ROOT / "examples" / "cdnow" / "cdnow.toml")
    (row,) = clean(workspace).rows
    assert (row.received, row.kept, row.duplicate) == (69_659, 69_659, 0)
    orders = workspace.lake.read("orders")
    assert pc.count_distinct(orders["order_line_id"]).as_py() == 69_659
    assert pc.count_distinct(orders["customer_id"]).as_py() == 23_570
    repeats = pc.sum(pc.match_substring(orders["order_line_id"], "-")).as_py()
    assert repeats == len(lines) - len(set(lines)) == 255
    cents = sum(round(float(line.split()[3]) * 100) for line in lines)
    assert pc.sum(orders["amount"]).as_py() * 100 == cents


@pytest.mark.skipif(not (DATA / "ecommerce_csat").is_dir(), reason="the shop's contacts are not on this machine")
def test_ecommerce_csat_refuses_what_was_answered_before_it_was_asked(tmp_path: Path) -> None:
    workspace = example(tmp_path, "ecommerce_csat")
    file = DATA / "ecommerce_csat" / "customer_support_sample20pct.csv"
    mapping = ROOT / "examples" / "ecommerce_csat" / "ecommerce_csat.toml"
    collect(workspace, [file], "interactions", mapping)
    (row,) = clean(workspace).rows
    assert (row.received, row.kept, row.quarantined, row.duplicate) == (17_182, 16_547, 635, 0)
    with file.open(encoding="utf-8", newline="") as lines:
        reported = [
            [datetime.strptime(line[name], "%d/%m/%Y %H:%M") for name in ("Issue_reported at", "issue_responded")]  # noqa: DTZ007
            for line in DictReader(lines)
        ]
    # Row by row: the refused are those whose answer precedes the question, and no others.
    impossible = [number for number, (asked, answered) in enumerate(reported, 1) if answered < asked]
    refused = workspace.lake.read("quarantine").sort_by("source_row")
    assert refused["source_row"].to_pylist() == impossible
    assert set(refused["reasons"].to_pylist()) == {"answered before asked"}
    contacts = workspace.lake.read("interactions").to_pandas()
    minutes = (contacts["responded_at"] - contacts["occurred_at"]).dt.total_seconds() / 60
    assert round(contacts["satisfaction"][minutes <= 5].mean(), 2) == 4.50
    assert round(contacts["satisfaction"][minutes > 24 * 60].mean(), 2) == 3.31
    assert contacts["content"].notna().mean() < 0.4
    assert [one.new for one in collect(workspace, [file], "interactions", mapping)] == [False]
    assert clean(workspace).cleaned == ()

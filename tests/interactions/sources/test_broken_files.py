"""More than a hundred broken files through the real commands: each is a clear refusal, or every row of it is accounted for.

A refusal is one message that names the file, with nothing written; what is collected and cleaned adds up, with the
reasons of what went to quarantine. Files are made here, by code; the large ones under the mark `slow`.
"""

import bz2
import gzip
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interactions.sources.raw import raw_files
from workspace.folder import open_workspace

Make = Callable[[Path], object]
HEAD = "interaction_id,customer_id,occurred_at,channel,content"
NAMES = HEAD.split(",")
NO_DATE = "occurred_at missing"
BAD_DATE = "occurred_at not a date"
BROKEN = "broken line"


@dataclass(frozen=True)
class Case:
    """A file to make, and what has to come of it: `refused` (words of the message), or rows kept and refused."""

    name: str
    make: Make | bytes | str
    refused: str | None = None
    kept: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    duplicate: int = 0
    texts: tuple[str, ...] = ()


def row(number: int, time: str = "", text: str = "很好") -> str:
    return f"{number},C{number},{time or f'2024-01-05 10:{number % 60:02d}:00'},phone,{text}"


def rows(count: int, start: int = 1) -> str:
    return "".join(row(number) + "\n" for number in range(start, start + count))


def table(*lines: str, head: str = HEAD, end: str = "\n") -> str:
    return end.join((head, *lines)) + end


GOOD = table() + rows(20)
PARQUET = pa.table({name: [f"{name}{number}" for number in range(20)] for name in NAMES})


def parquet(path: Path, data: pa.Table = PARQUET) -> bytes:
    pq.write_table(data, path)
    return path.read_bytes()


def cells(number: int, time: object = None) -> list[object]:
    return [number, f"C{number}", time or f"2024-01-05 10:{number % 60:02d}:00", "phone", "很好"]


def excel(*given: list[object], head: list[str] | None = NAMES, change: Callable[[Any], object] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for line in ([head] if head else []) + list(given):
        book.active.append(line)
    if change is not None:
        change(book)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def patched(data: bytes, old: bytes, new: bytes) -> bytes:
    """A workbook with some bytes of its parts replaced."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, text.replace(old, new))
    return held.getvalue()


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_in_", "/"), data)
    return held.getvalue()


def tarred() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        about = tarfile.TarInfo("a.csv")
        about.size = len(GOOD)
        archive.addfile(about, io.BytesIO(GOOD.encode()))
    return held.getvalue()


def database(path: Path, rows_of: int, cut: int | None = None) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE interactions ({', '.join(NAMES)})")
        given = [row(number).split(",") for number in range(rows_of)]
        connection.executemany("INSERT INTO interactions VALUES (?, ?, ?, ?, ?)", given)
    if cut is not None:
        path.write_bytes(path.read_bytes()[:cut])


def dated(*times: str) -> str:
    return table(*(row(number, time) for number, time in enumerate(times, 1)))


def objects(count: int) -> list[dict[str, str]]:
    return [dict(zip(NAMES, row(number).split(","), strict=True)) for number in range(1, count + 1)]


def lines_of(found: list[dict[str, str]]) -> list[str]:
    return [json.dumps(one, ensure_ascii=False) for one in found]


def bomb(book: Any) -> None:
    for column in range(1, 6):
        book.active.cell(3, column).value = "=1/0"


def from_1904(book: Any) -> None:
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904


TRADITIONAL = [row(1, text="你們的客服態度很好，但是物流太慢了"), row(2, text="請問什麼時候發貨？訂單編號")]
WIDE = [*NAMES, *(f"c{number}" for number in range(9_995))]
TWICE = '{"occurred_at": "2024-01-05", "occurred_at": "2024-01-06"}'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'

# ruff: noqa: E501
CASES = [
    # Nothing in it
    Case("empty.csv", b"", "is empty"),
    Case("blank.csv", b"\n \r\n\t\n", "is empty"),
    Case("only-mark.csv", b"\xef\xbb\xbf", "is empty"),
    Case("only-mark-16.csv", b"\xff\xfe", "is empty"),
    Case("one-byte.csv", b"x", "No column of one-byte.csv is recognised"),
    Case("header-only.csv", HEAD + "\n", "has column names but no rows"),
    Case("zeros.csv", b"\x00" * 5000, "is not text|is empty"),
    Case("folder.csv", lambda path: path.mkdir(), "is a folder without files"),
    Case("pipe.csv", os.mkfifo, "no plain file"),
    # Broken text
    Case("truncated.csv", GOOD[:-30], kept=19, reasons={BROKEN: 1}),
    Case("truncated-utf8.csv", GOOD.encode()[:-3], kept=19, reasons={BROKEN: 1}),
    Case("open-quote.csv", table(row(1), '2,C2,2024-01-05,phone,"never closed', row(3), row(4)), kept=3, reasons={BROKEN: 1}),
    Case("open-quote-last.csv", table(row(1), '2,C2,2024-01-05,phone,"never closed'), kept=1, reasons={BROKEN: 1}),
    Case("open-quotes.csv", table(*(f'{n},"C{n},2024-01-05,phone,x' for n in range(9))), reasons={BROKEN: 9}),
    Case("open-quote-header.csv", '"a,b\n' + "1,2\n" * 3000, "quotation mark in it is never closed"),
    Case("quoted-lines.csv", table(row(1, text='"one\ntwo, ""three"""'), row(2)), kept=2, texts=('one\ntwo, "three"',)),
    Case("inner-quotes.csv", table(row(1, text='"said "no" twice"'), row(2)), kept=1, reasons={BROKEN: 1}),
    Case("nul-bytes.csv", table(row(1, text="a\x00b"), row(2)), kept=2),
    Case("nul-in-key.csv", table(row(1).replace("C1", "C\x001"), row(2)), kept=2),
    Case("control-signs.csv", table(row(1, text="a\x07b\x1bc"), row(2)), kept=2),
    Case("program.csv", bytes(range(256)) * 40, "is not text"),
    Case("random.csv", bytes((7919 * n * n + n) % 251 + 5 for n in range(20_000)), "not text|not recognised|No column"),
    Case("ragged.csv", table(row(1), "2,C2", row(3) + ",more,and more", row(4)), kept=2, reasons={BROKEN: 2}),
    Case("commas.csv", table(row(1), ",,,,", row(2)), kept=2, reasons={NO_DATE: 1, "interaction_id missing": 1}),
    Case("blank-lines.csv", table(row(1), "", "   ", "\t", row(2), "", "\x1a"), kept=2),
    Case("trailing-delimiter.csv", table(*(row(n) + "," for n in range(5))), kept=5),
    Case("repeated-names.csv", table(*(row(n) + ",x,y" for n in range(5)), head=HEAD + ",content,CONTENT"), kept=5),
    Case("names-by-case.csv", table("1,C1,2024-01-05,a,b", head="id,customer_id,occurred_at,Text,text"), kept=1),
    Case("nameless-columns.csv", table(*(row(n) + ",," for n in range(5)), head=HEAD + ",,"), kept=5),
    Case("our-own-names.csv", table(row(1) + ",9,x", head=HEAD + ",rapport:row,rapport:broken"), "rapport:row|kept"),
    Case("wide.csv", table(*(row(n) + ",x" * 9_995 for n in range(3)), head=",".join(WIDE)), kept=3),
    Case("too-wide.csv", table(",".join("1" * 17_000), head=",".join(f"c{n}" for n in range(17_000))), "17,000 columns"),
    Case("mark-inside.csv", GOOD.encode() + b"\xef\xbb\xbf" + (table() + rows(5, 30)).encode(), kept=25, reasons={BAD_DATE: 1}),
    Case("header-again.csv", GOOD + table(row(90)), kept=21, reasons={BAD_DATE: 1}),
    Case("cr-only.csv", GOOD.replace("\n", "\r"), kept=20),
    Case("crlf-and-lf.csv", table(row(1) + "\r", row(2), row(3) + "\r"), kept=3),
    Case("titles.csv", "Contacts of January\nprinted 2024-02-01\n\n" + GOOD, kept=20),
    Case("titles-padded.csv", "Contacts,,,,\nfrom,2024-01-01,,,\n" + GOOD, kept=20),
    Case("excel-sep.csv", "sep=;\r\n" + GOOD.replace(",", ";"), kept=20),
    Case("no-header.csv", rows(5), "is recognised as interactions.occurred_at"),
    Case("wrong-table.csv", "sku,price\n1,2\n", "is recognised as interactions.occurred_at"),
    Case("long-cell.csv", table(row(1, text="x" * 3_000_000), row(2)), kept=2),
    Case("formulas.csv", table(row(1, text="=cmd|' /C calc'!A0"), row(2, text="@SUM(A1)")), kept=2, texts=("@SUM(A1)",)),
    Case("repeated-rows.csv", table(row(1), row(1), row(2)), kept=2, duplicate=1),
    # Encodings
    Case("mixed.csv", b"".join(row(n).encode("utf-8" if n % 3 else "gb18030") + b"\n" for n in range(9)).join([f"{HEAD}\n".encode(), b""]), kept=9),
    Case("damaged.csv", GOOD.encode().replace("很好".encode(), b"\xe5\xbe\xff", 3), kept=17, reasons={BROKEN: 3}),
    Case("gb18030.csv", GOOD.encode("gb18030"), kept=20, texts=("很好",)),
    Case("gb18030-damaged.csv", GOOD.encode("gb18030") + b"99,C1,2024-01-05,phone,\xff\n", kept=20, reasons={BROKEN: 1}),
    Case("big5.csv", table(*TRADITIONAL).encode("big5"), kept=2, texts=("請問什麼時候發貨？訂單編號",)),
    Case("cp1252.csv", table(row(1, text="Müller – “Köln”")).encode("cp1252"), kept=1, texts=("Müller – “Köln”",)),
    Case("utf16.csv", GOOD.encode("utf-16"), kept=20, texts=("很好",)),
    Case("utf16-cut.csv", GOOD.encode("utf-16-le")[:-3], kept=19, reasons={BROKEN: 1}),
    Case("utf32.csv", GOOD.encode("utf-32"), kept=20),
    Case("shift-jis.csv", table(row(1, text="お問い合わせの商品がまだ届いていません")).encode("shift_jis"), "not recognised"),
    # Dates and digits
    Case("no-such-days.csv", dated("31/02/2024", "2024-02-30", "2023-02-29 10:00", "0000-00-00", "2024-13-01"), reasons={BAD_DATE: 5}),
    Case("either-way-dates.csv", dated("03/04/2024", "12-11-10"), reasons={BAD_DATE: 2}),
    Case("serial-dates.csv", dated("45296", "45296.5", "45296.999988"), kept=3),
    Case("wrong-numbers.csv", dated("1", "-45296", "452960", "1e5", "45,296"), reasons={BAD_DATE: 4, BROKEN: 1}),
    Case("future.csv", dated("2999-01-01", "9999-12-31 23:59:59"), reasons={"occurred_at in the future": 2}),
    Case("full-width.csv", dated("２０２４-０１-０５ １０：００", "２０２４/０１/０５"), kept=2),
    Case("hours.csv", dated("2024-01-05 24:00", "2024-01-05 25:61", "2024-01-05T10:00:00Z"), kept=2, reasons={BAD_DATE: 1}),
    Case("words.csv", dated("soon", "infinity", "epoch", "NaT", "now()", "null", "N/A"), reasons={BAD_DATE: 5, NO_DATE: 2}),
    # Another kind of file than its name says, or than we read
    Case("csv.xlsx", GOOD, kept=20),
    Case("xlsx.csv", excel(*(cells(n) for n in range(5))), kept=5),
    Case("parquet.csv", parquet, reasons={BAD_DATE: 20}),
    Case("json.csv", json.dumps(objects(5)), kept=5),
    Case("csv.gz", GOOD, kept=20),
    Case("page.xls", "<html><table><tr><td>1</td></tr></table></html>", "a web page or XML"),
    Case("feed.csv", '<?xml version="1.0"?><rows><row/></rows>', "a web page or XML"),
    Case("report.csv", b"%PDF-1.7\n" + b"x" * 99, "is a PDF document"),
    Case("photo.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "is a picture"),
    Case("rows.rar", b"Rar!\x1a\x07\x00" + b"\x00" * 99, "is a RAR archive"),
    Case("rows.bz2", bz2.compress(GOOD.encode()), "compressed by bzip2"),
    Case("rows.tar", tarred(), "is a tar archive"),
    Case("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 3000, "can't be opened as an Excel workbook"),
    # Compressed
    Case("cut.csv.gz", gzip.compress(GOOD.encode())[:-40], "gzip stream breaks off"),
    Case("wrong-sum.csv.gz", gzip.compress(GOOD.encode())[:-8] + b"\x00" * 8, "gzip stream breaks off"),
    Case("rubbish.csv.gz", b"\x1f\x8b\x08\x00" + b"\x55" * 400, "gzip stream breaks off"),
    Case("two-parts.csv.gz", gzip.compress(GOOD.encode()) + gzip.compress(rows(5, 30).encode()), kept=25),
    Case("book.xlsx.gz", gzip.compress(excel(cells(1))), "holds no text but another kind of file"),
    Case("rows.tar.gz", gzip.compress(tarred()), "is a tar archive"),
    Case("bomb.csv.gz", gzip.compress(HEAD.encode() + b"\n" + b"0" * (70 << 20)), "more than 200 times its size"),
    Case("good.zip", zipped(a=GOOD.encode(), __MACOSX_in_a=b"\x00"), kept=20),
    Case("one-bad.zip", zipped(a=GOOD.encode(), b=b"sku,price\n1,2\n"), "one-bad.zip/b is recognised"),
    Case("nested.zip", zipped(a=zipped(b=GOOD.encode())), "an archive in an archive"),
    Case("bomb.zip", zipped(a=b"0" * (70 << 20)), "more than 200 times its size"),
    Case("cut.zip", zipped(a=GOOD.encode())[:-30], "can't be opened as a zip archive"),
    Case("document.zip", zipped(word_in_document=b"<a/>"), "is a Word document"),
    # Workbooks
    Case("formulas.xlsx", excel(cells(1), cells(2), cells(4), change=bomb), kept=2),
    Case("cut.xlsx", excel(*(cells(n) for n in range(50)))[:2000], "can't be opened as an Excel workbook"),
    Case("no-rows.xlsx", excel(), "has column names but no rows"),
    Case("blank.xlsx", excel(head=None), "is empty"),
    Case("sheets.xlsx", excel(cells(1), change=lambda book: book.create_sheet("二").append(["x"])), "several sheets: Sheet, 二"),
    Case("serials.xlsx", excel(cells(1, 45296), cells(2, 45296.5), cells(3, datetime.fromisoformat("2024-01-05"))), kept=3),
    Case("from-1904.xlsx", excel(cells(1, 43834), change=from_1904), "counts days from 1904 and has bare numbers"),
    Case("bad-dates.xlsx", excel(cells(1, "31/02/2024"), cells(2, True), cells(3, -1)), reasons={BAD_DATE: 3}),
    Case("laughs.xlsx", patched(excel(cells(1)), b"<worksheet", LAUGHS + b"<worksheet"), "laughs.xlsx|kept"),
    Case("bomb.xlsx", patched(excel(cells(1)), b"<worksheet", b" " * (80 << 20) + b"<worksheet"), "200 times its size"),
    Case("huge-cell.xlsx", patched(excel(cells(1)), b"phone", b"p" * 1_000_001), "more than 1,000,000 char"),
    # JSON
    Case("cut.json", json.dumps(objects(9))[:-40], "is not valid JSON"),
    Case("scalar.json", "{}", "holds no objects"),
    Case("scalars.json", "[ 1, 2, 3]", "holds no objects"),
    Case("deep.json", "[{" + '"a":[' * 100_000, "is not valid JSON"),
    Case("deep.jsonl", "\n".join([*lines_of(objects(3)), '{"a":' * 100_000]), kept=3, reasons={BROKEN: 1}),
    Case("bad-lines.jsonl", "\n".join([*lines_of(objects(5)), "{", '{"a": 1', "[1]", "x"]), kept=5, reasons={BROKEN: 4}),
    Case("cut.jsonl", "\n".join(lines_of(objects(5)))[:-9], kept=4, reasons={BROKEN: 1}),
    Case("repeated-names.json", f"[{lines_of(objects(1))[0]}, {TWICE}]", kept=1, reasons={BROKEN: 1}),
    Case("half-signs.jsonl", "\n".join([*lines_of(objects(2)), r'{"occurred_at": "2024-01-05", "content": "\ud800"}']), kept=2, reasons={BROKEN: 1}),
    Case("not-numbers.json", '[{"occurred_at": "2024-01-05", "duration": NaN, "satisfaction": 1e999, "customer_id": 123456789012345678901}]', reasons={"satisfaction not a number": 1}),
    Case("utf16.json", json.dumps(objects(5), ensure_ascii=False).encode("utf-16"), kept=5),
    # Other tables
    Case("cut.parquet", lambda path: path.write_bytes(parquet(path)[:-30]), "can't be read as Parquet"),
    Case("flipped.parquet", lambda path: path.write_bytes(parquet(path).replace(b"interaction_id1", b"\xff" * 15)), "is damaged|refused|reasons"),
    Case("no-rows.parquet", lambda path: parquet(path, PARQUET.slice(0, 0)), "has column names but no rows"),
    Case("cut.sqlite", lambda path: database(path, 2000, cut=9000), "can't be read"),
    Case("not.sqlite", b"SQLite format 3\x00" + b"\x05" * 4000, "can't be read as a SQLite database"),
]  # fmt: skip


# Cleaning a file takes a second: all are cleaned in CI, and by `make test` those that differ most.
QUICK = [
    "truncated.csv",
    "open-quote.csv",
    "nul-bytes.csv",
    "ragged.csv",
    "repeated-names.csv",
    "mark-inside.csv",
    "cr-only.csv",
    "titles.csv",
    "mixed.csv",
    "damaged.csv",
    "big5.csv",
    "utf16-cut.csv",
    "no-such-days.csv",
    "serial-dates.csv",
    "full-width.csv",
    "formulas.xlsx",
    "serials.xlsx",
    "bad-lines.jsonl",
    "half-signs.jsonl",
    "good.zip",
    "names-by-case.csv",
]


def _marked(case: Case) -> Any:
    quick = case.name in QUICK or (case.refused is not None and "|kept" not in case.refused)
    return pytest.param(case, id=case.name, marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize("case", [_marked(case) for case in CASES])
def test_broken_file(case: Case, tmp_path: Path, rapport: Callable[..., Any]) -> None:
    path = tmp_path / "given" / case.name
    path.parent.mkdir()
    if callable(case.make):
        case.make(path)
    else:
        path.write_bytes(case.make.encode() if isinstance(case.make, str) else case.make)
    folder = tmp_path / "company"
    done = rapport("collect", path, "--table", "interactions", "--workspace", folder)
    assert "Traceback" not in done.err + done.out
    workspace = open_workspace(folder)
    assert not list(workspace.temp.iterdir())
    if done.code:
        assert case.refused is not None, done.err
        check_refusal(case, done, workspace)
    else:
        assert case.refused is None or "|" in case.refused, "it had to be refused"
        check_account(case, rapport("clean", "--workspace", folder), workspace)


def check_refusal(case: Case, done: Any, workspace: Any) -> None:
    assert done.code == 1
    assert case.name.split("/")[0] in done.err
    assert re.search(case.refused or "", done.err), done.err
    assert done.err.strip().splitlines()[-1].endswith(".")
    assert not [path for path in workspace.raw.rglob("*") if path.is_file()]


def check_account(case: Case, done: Any, workspace: Any) -> None:
    assert (done.code, "Traceback" in done.err) == (0, False), done.err
    assert not list(workspace.temp.iterdir())
    accounts = workspace.lake.read("accounts").to_pylist()
    counts = Counter()
    for account in accounts:
        counts.update(
            {name: account[name] for name in ("received", "known", "duplicate", "excluded", "quarantined", "kept")}
        )
    assert counts["received"] == sum(counts.values()) - counts["received"]
    assert counts["received"] == sum(one.rows for one in raw_files(workspace.raw))
    reasons = Counter(
        reason for text in workspace.lake.read("quarantine")["reasons"].to_pylist() for reason in text.split("; ")
    )
    assert workspace.lake.count("interactions") == counts["kept"]
    if case.refused is None:
        assert dict(reasons) == case.reasons
        assert (counts["kept"], counts["duplicate"]) == (case.kept, case.duplicate)
        assert counts["quarantined"] == workspace.lake.count("quarantine")
        kept = workspace.lake.read("interactions")["content"].to_pylist()
        assert set(case.texts) <= set(kept)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 100
    assert len({case.name for case in CASES}) == len(CASES)


def long_line(path: Path) -> None:
    with path.open("w") as stream:
        stream.write(f"{HEAD}\n{row(1)}\n2,C2,2024-01-05,phone,")
        for _ in range(200):
            stream.write("x" * (1 << 20))
        stream.write(f"\n{row(3)}\n")


def only_a_line(path: Path) -> None:
    with path.open("w") as stream:
        for _ in range(200):
            stream.write("x" * (1 << 20))


def long_json_line(path: Path) -> None:
    with path.open("w") as stream:
        stream.write(lines_of(objects(1))[0] + '\n{"content": "')
        for _ in range(200):
            stream.write("x" * (1 << 20))
        stream.write('"}\n')


def long_array(path: Path) -> None:
    with path.open("w") as stream:
        stream.write("[" + lines_of(objects(1))[0])
        one = ",\n" + json.dumps({"occurred_at": "2024-01-05", "content": "x" * 20_000, "customer_id": "C%d"})
        for number in range(10_000):
            stream.write(one.replace("C%d", f"C{number}"))
        stream.write("]")


def long_value(path: Path) -> None:
    with path.open("w") as stream:
        stream.write('[{"occurred_at": "')
        for _ in range(200):
            stream.write("x" * (1 << 20))
        stream.write('"}]')


def open_mark(path: Path) -> None:
    with path.open("w") as stream:
        stream.write(f'{HEAD}\n1,C1,2024-01-05,phone,"open\n')
        for number in range(0, 1_000_000):
            stream.write(f"{number},C,2024-01-05,phone,text that is long enough to fill {number} a file\n")


LARGE: dict[str, tuple[Make, str]] = {
    "long-line.csv": (long_line, "3 rows"),
    "only-a-line.csv": (only_a_line, "no table"),
    "long-line.jsonl": (long_json_line, "2 rows"),
    "long-array.json": (long_array, "10,001 rows"),
    "long-value.json": (long_value, "is not valid JSON"),
    "open-mark.csv": (open_mark, "1,000,001 rows"),
    "bomb.csv.gz": (lambda path: path.write_bytes(gzip.compress(b"0" * (1 << 30), 1)), "more than 200 times"),
    "bomb.zip": (lambda path: path.write_bytes(zipped(a=b"0" * (1 << 30))), "more than 200 times"),
}
# Bytes of memory that collecting any of them may take.
MOST_MEMORY = 1_500 << 20


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from Linux's /proc")
@pytest.mark.parametrize("name", LARGE)
def test_large_files_are_read_in_bounded_memory(name: str, tmp_path: Path) -> None:
    make, words = LARGE[name]
    make(tmp_path / name)
    program = (
        # Not ru_maxrss: a process inherits that from the one that started it.
        "import atexit, sys; from cli.main import main;"
        "peak = lambda: next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1];"
        "atexit.register(lambda: print('peak', peak(), file=sys.stderr));"
        f"sys.argv = ['rapport', 'collect', {str(tmp_path / name)!r}, '--table', 'interactions', '--workspace', "
        f"{str(tmp_path / 'company')!r}]; main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert words in said
    peak = int(said.split("peak")[1].split()[0]) * 1024
    assert peak < MOST_MEMORY, f"{peak >> 20} MB"
    if done.returncode:
        assert done.returncode == 1
        assert not list((tmp_path / "company" / "raw").rglob("*.*"))

"""The mess is as dirty as dirt.json says: every count is taken again from the files alone."""

import hashlib
import json
import re
import sqlite3
import tomllib
from collections import Counter
from contextlib import closing
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from interactions.demo.company import Company
from interactions.demo.mess import Dirt, write

FORMATS = {
    "%Y-%m-%d %H:%M:%S": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "%Y/%m/%d %H:%M:%S": r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d",
    "%Y年%m月%d日 %H时%M分%S秒": r"\d{4}年\d\d月\d\d日 \d\d时\d\d分\d\d秒",
}
# File and table, then columns: key, customer, event time; and those whose gaps may be filled with words.
NAMES = {
    "crm.sqlite customers": ("客户ID", None, "注册时间"),
    "phone_calls.csv interactions": ("流水号", "客户ID", "沟通时间"),
    "emails.jsonl interactions": ("ticket", "customer", "received_at"),
    "chats.xlsx interactions": ("会话编号", "客户编号", "开始时间"),
    "social_and_web.csv interactions": ("id", "customer_id", "created"),
    "crm.sqlite orders": ("line_no", "customer_no", "ordered"),
    "surveys.csv surveys": ("response_id", "customer_id", "answered_at"),
}
FREE_TEXT = {"沟通内容", "body", "answer", "访客消息", "客服回复", "text", "reply", "姓名", "item", "comment"}


@pytest.fixture(scope="module")
def dirt(small: Company, tmp_path_factory: pytest.TempPathFactory) -> Dirt:
    return write(small, tmp_path_factory.mktemp("mess"), seed=9)


@pytest.fixture(scope="module")
def files(dirt: Dirt) -> dict[str, pd.DataFrame]:
    """Every file as plain text, read without Rapport."""
    text = {"dtype": str, "keep_default_na": False}
    lines = (dirt.folder / "emails.jsonl").read_text(encoding="utf-8").splitlines()
    mails = [{k: "" if v is None else str(v) for k, v in json.loads(line).items()} for line in lines]
    sheet = openpyxl.load_workbook(dirt.folder / "chats.xlsx")["在线客服"]
    chats = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    with closing(sqlite3.connect(dirt.folder / "crm.sqlite")) as crm:
        customers, orders = (
            pd.read_sql(f"SELECT * FROM {name}", crm).fillna("") for name in ("crm_customers", "crm_order_lines")
        )
    return {
        "crm.sqlite customers": customers,
        "phone_calls.csv interactions": pd.read_csv(dirt.folder / "phone_calls.csv", encoding="gb18030", **text),
        "emails.jsonl interactions": pd.DataFrame(mails),
        "chats.xlsx interactions": pd.DataFrame(chats[1:], columns=chats[0]),
        "social_and_web.csv interactions": pd.read_csv(
            dirt.folder / "social_and_web.csv", sep=";", encoding="utf-8-sig", **text
        ),
        "crm.sqlite orders": orders,
        "surveys.csv surveys": pd.read_csv(dirt.folder / "surveys.csv", sep="\t", **text),
    }


def _excluded(name: str, rows: pd.DataFrame) -> pd.Series:
    if name.startswith("phone"):
        return rows["通话类型"] == "测试"
    if name.startswith("emails"):
        return rows["category"] == "test"
    return pd.Series(data=False, index=rows.index)


def _refused(name: str, rows: pd.DataFrame) -> pd.Series:
    """The reason to refuse each row, "" for none."""
    event = NAMES[name][2]
    table = name.split(" ")[1]
    what = {"interactions": "occurred_at", "orders": "ordered_at", "customers": "joined_at", "surveys": "answered_at"}[
        table
    ]
    reasons = pd.Series("", index=rows.index)
    missing = rows[event].isin(["", "-", "N/A"])
    times = (
        rows[event].str.replace("[年月/]", "-", regex=True).str.replace("日", "").str.replace("[时分]", ":", regex=True)
    )
    times = times.str.replace("秒", "")
    moments = pd.to_datetime(
        times, format="%d.%m.%Y %H:%M:%S" if "social" in name else "ISO8601", errors="coerce", utc=True
    )
    reasons[missing] = f"{what} missing"
    reasons[~missing & moments.isna()] = f"{what} not a date"
    reasons[moments > pd.Timestamp("2027-01-01", tz="UTC")] = f"{what} in the future"
    for column in rows.columns.intersection(["通话秒数", "时长(分钟)"]):
        reasons[rows[column].str.startswith("-") & (rows[column] != "-")] = "duration negative"
    for column in rows.columns.intersection(["评分", "satisfaction"]):
        number = pd.to_numeric(rows[column], errors="coerce")
        reasons[(number < 1) | (number > 5)] = "satisfaction out of range"
    if "answered_at" in rows and table == "interactions":
        before = pd.to_datetime(rows["answered_at"], errors="coerce", utc=True, format="ISO8601") < moments
        reasons[before] = "answered before asked"
    if table == "customers":
        born = pd.to_numeric(rows["出生年份"], errors="coerce")
        reasons[(born < 1880) | (born > 2100)] = "birth_year out of range"
    return reasons


def _kept(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~_excluded(name, rows) & (_refused(name, rows) == "") & ~rows.duplicated()]


@pytest.mark.parametrize("name", list(NAMES))
def test_fates_are_those_counted(name: str, dirt: Dirt, files: dict[str, pd.DataFrame]) -> None:
    rows, told = files[name], dirt.counts["files"][name]
    excluded, repeated, refused = _excluded(name, rows), rows.duplicated(), _refused(name, rows)
    assert len(rows) == told["received"]
    assert excluded.sum() == told["excluded"]
    assert (repeated & ~excluded).sum() == told["duplicate"]
    assert Counter(refused[(refused != "") & ~excluded]) == told["reasons"]
    assert len(_kept(name, rows)) == told["kept"]
    parts = [told[fate] for fate in ("known", "duplicate", "excluded", "quarantined", "kept")]
    assert sum(int(str(part)) for part in parts) == told["received"]


@pytest.mark.parametrize("name", list(NAMES))
def test_other_dirt_is_as_counted(name: str, dirt: Dirt, files: dict[str, pd.DataFrame]) -> None:
    kept = _kept(name, files[name])
    key, customer, event = NAMES[name]
    told = dirt.counts["files"][name]["kinds"]
    assert isinstance(told, dict)
    found = Counter({"later versions": int(kept[key].duplicated().sum())})
    if customer is not None:
        found["full-width ids"] = kept[customer].str.contains("[０-９]").sum()
        found["padded ids"] = (kept[customer] != kept[customer].str.strip()).sum()
        found["unidentified callers"] = (~kept[customer].str.strip().str.match("[CＣ]")).sum()
    words = [column for column in kept if column not in FREE_TEXT and column != customer]
    found["words for missing values"] = kept[words].isin(["-", "N/A"]).sum().sum()
    for column in kept.columns.intersection(["沟通内容", "body", "访客消息", "text"]):
        found["texts with personal data"] = kept[column].str.contains(r"1[3-9]\d{9}|@example\.com").sum()
    if "时长(分钟)" in kept:
        found["durations in minutes"] = kept["时长(分钟)"].str.fullmatch(r"\d+(\.\d+)?").sum()
    if "currency" in kept:
        found["amounts in dollars"] = kept["currency"].isin(["USD", "美元"]).sum()
    if any(" as " in kind for kind in told):
        column = next(kind for kind in told if " as " in kind).split(" as ")[0]
        for form, pattern in FORMATS.items():
            found[f"{column} as {form}"] = kept[event].str.fullmatch(pattern).sum()
    assert {kind: int(count) for kind, count in found.items() if count} == told


def test_tables_are_the_sum_of_their_files(dirt: Dirt) -> None:
    files = [fates for name, fates in dirt.counts["files"].items() if name.endswith("interactions")]
    total = dirt.counts["tables"]["interactions"]
    assert total["received"] == sum(int(str(fates["received"])) for fates in files)
    reasons = Counter[str]()
    for fates in files:
        assert isinstance(fates["reasons"], dict)
        reasons.update(fates["reasons"])
    assert total["reasons"] == dict(reasons)
    assert set(reasons) == {
        "occurred_at missing", "occurred_at not a date", "occurred_at in the future", "duration negative",
        "answered before asked", "satisfaction out of range",
    }  # fmt: skip
    assert json.loads((dirt.folder / "truth" / "dirt.json").read_text(encoding="utf-8")) == dirt.counts


def test_every_true_row_is_in_the_files_once_as_its_last_version(
    small: Company, dirt: Dirt, files: dict[str, pd.DataFrame]
) -> None:
    for name, (key, _, _) in NAMES.items():
        table = name.split(" ")[1]
        true = small.tables[table].to_pandas()
        kept = _kept(name, files[name]).drop_duplicates(key, keep="last")
        if table == "interactions":
            true = true[true.iloc[:, 0].isin(kept[key])]
        assert sorted(kept[key]) == sorted(true.iloc[:, 0])
    mails = _kept("emails.jsonl interactions", files["emails.jsonl interactions"]).drop_duplicates(
        "ticket", keep="last"
    )
    true = small.tables["interactions"].to_pandas().set_index("interaction_id").loc[mails["ticket"]]
    assert (pd.to_datetime(mails["received_at"].to_numpy()) == true["occurred_at"].to_numpy()).all()


def test_encodings_are_what_they_should_be(dirt: Dirt) -> None:
    phone = (dirt.folder / "phone_calls.csv").read_bytes()
    assert phone.decode("gb18030").startswith("流水号,客户ID,沟通时间")
    with pytest.raises(UnicodeDecodeError):
        phone.decode("utf-8")
    assert (dirt.folder / "social_and_web.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_same_arguments_write_the_same_bytes(small: Company, dirt: Dirt, tmp_path: Path) -> None:
    again = write(small, tmp_path, seed=9)
    for path in sorted(dirt.folder.rglob("*")):
        if path.is_file():
            twin = tmp_path / path.relative_to(dirt.folder)
            assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(twin.read_bytes()).digest(), path.name
    assert again.counts == dirt.counts
    assert write(small, tmp_path, seed=10).counts != dirt.counts


def test_mappings_name_only_what_the_files_have(dirt: Dirt, files: dict[str, pd.DataFrame]) -> None:
    for (paths, table, mapping), name in zip(
        dirt.collections, sorted(NAMES, key=list(dirt.counts["files"]).index), strict=True
    ):
        part = tomllib.loads(mapping.read_text(encoding="utf-8"))[table]
        assert paths[0].exists()
        named = set()
        for rule in part["columns"].values():
            named |= {rule["column"]} if "column" in rule else set(rule.get("multiply", ()))
        assert named <= set(files[name].columns)
        assert re.match(r"\w+ != '\w+'", part.get("where", "a != 'b'"))


def test_the_truth_lies_beside(small: Company, dirt: Dirt) -> None:
    for name, table in small.truth.items():
        assert pq.read_table(dirt.folder / "truth" / f"{name}.parquet").equals(table)

"""`rapport identity`: shown, undone, linked; and the same numbers after an undo as before the link."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

CUSTOMERS = """客户ID,姓名,邮箱,手机,注册时间
C1,王小伟,ann@163.com,13911110001,2024-01-05 10:00:00
C2,王小伟,ANN＠163.com,,2024-02-05 10:00:00
C3,李大明,bob@163.com,13911110002,2024-03-05 10:00:00
"""
CONTACTS = """沟通ID,客户ID,沟通时间,沟通类型
1,C1,2024-05-01 10:00:00,电话
2,C2,2024-05-02 10:00:00,电话
3,C3,2024-05-03 10:00:00,电话
"""


@pytest.fixture
def company(rapport: Callable, tmp_path: Path) -> list[str]:
    """The options for a workspace with three customers, two of them one person."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    at = ["--workspace", str(tmp_path / "w")]
    assert rapport("init", *at).code == 0
    assert rapport("collect", tmp_path / "customers.csv", "--table", "customers", *at).code == 0
    assert rapport("collect", tmp_path / "contacts.csv", "--table", "interactions", *at).code == 0
    assert rapport("clean", *at).code == 0
    return at


def test_show_tells_who_why_and_since_when(rapport: Callable, company: list[str]) -> None:
    told = rapport("identity", "show", *company)
    assert told.code == 0
    assert "Person C1" in told.out
    assert "[email with C1, known since 2024-02-05]" in told.out
    assert "1 of 1 persons shown" in told.out
    shown = json.loads(rapport("identity", "show", "C2", "--json", *company).out)
    assert shown["total"] == 1
    assert [member["customer_id"] for member in shown["persons"][0]["customers"]] == ["C1", "C2"]
    assert shown["linked"]["persons"] == 1


def test_undo_stays_after_the_next_clean_and_link_takes_it_back(rapport: Callable, company: list[str]) -> None:
    assert json.loads(rapport("identity", "undo", "C2", "--from", "C1", "--json", *company).out)["apart_from"] == ["C1"]
    assert rapport("clean", *company).code == 0
    told = rapport("identity", "show", *company).out
    assert "0 of 0 persons shown" in told
    assert "C2 is not C1: decided" in told
    assert rapport("identity", "link", "C1", "C2", *company).code == 0
    assert "Person C1" in rapport("identity", "show", "C1", *company).out


@pytest.mark.slow
def test_the_features_are_of_persons_and_after_an_undo_of_customers(rapport: Callable, company: list[str]) -> None:
    def customers() -> int:
        told = rapport("features", "--as-of", "2024-06-01", "--json", *company)
        found: int = json.loads(told.out)["customers"]
        return found

    assert customers() == 2
    assert rapport("identity", "undo", "C1", *company).code == 0
    assert customers() == 3


@pytest.mark.parametrize("arguments", [("undo", "C3"), ("undo", "C9"), ("show", "C3"), ("link", "C1", "C9")])
def test_what_cannot_be_done_says_so_without_a_name(
    rapport: Callable, company: list[str], arguments: tuple[str, ...]
) -> None:
    failed = rapport("identity", *arguments, *company)
    assert failed.code == 1
    assert "Traceback" not in failed.err
    assert "C9" not in failed.err

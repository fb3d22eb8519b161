"""`rapport collect NAME` for a service named in rapport.toml."""

import json

import pytest


@pytest.fixture
def folder(service, collect, tmp_path):
    """A workspace whose rapport.toml names the local server; `collect` has set the secrets."""
    service.records = {
        "Contact": [
            {"Id": f"003{n}", "Name": "Mary", "Email": "mary@example.com", "CreatedDate": "2023-01-01T00:00:00Z",
             "SystemModstamp": f"2024-01-0{n}T08:00:00.000+0000"}
            for n in range(1, 4)
        ]
    }  # fmt: skip
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "rapport.toml").write_text(
        f"""
schema = 1
[sources.sales]
type = "salesforce"
[sources.sales.options]
base_url = "{service.url}"
allow_private_hosts = ["127.0.0.1"]
resources = ["contacts", "cases"]
attempts = 1
"""
    )
    return tmp_path / "shop"


def test_collected_twice(rapport, folder) -> None:
    done = rapport("collect", "sales", "--workspace", folder, "--json")
    assert done.code == 0, done.err
    assert [(one["source"], one["rows"], one["new"]) for one in json.loads(done.out)] == [
        ("sales/contacts", 3, True),
        ("sales/cases", 0, False),
    ]
    again = rapport("collect", "sales", "--workspace", folder)
    assert "sales/contacts: nothing new" in again.out
    assert rapport("clean", "--workspace", folder).code == 0


def test_preview_shows_the_first_page_and_writes_nothing(rapport, folder) -> None:
    done = rapport("collect", "sales", "--preview", "--workspace", folder, "--json")
    assert done.code == 0, done.err
    shown = json.loads(done.out)
    assert shown["table"] == "customers"
    assert shown["matched"]["customer_id"] == ["Id"]
    assert [row["customer_id"] for row in shown["after"]] == ["0031", "0032"]
    assert not list(folder.rglob("*.parquet"))


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_a_failure_is_one_message_without_secrets_or_people(debug, rapport, folder, make_fault) -> None:
    make_fault("403", at=2, times=9)
    done = rapport(*debug, "collect", "sales", "--workspace", folder)
    assert done.code == 1
    assert "sales/contacts (Salesforce) answered 403 (REQUEST_LIMIT_EXCEEDED)" in done.err
    assert "2 rows had been read of this resource; none of them was received" in done.err
    assert ("Traceback" in done.err) == bool(debug)
    for told in ("s3cr3t", "acc3ss", "mary@example.com"):
        assert told not in done.out + done.err

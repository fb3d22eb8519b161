"""What services do to those who read them: slowness, refusals, pages that repeat, fields that vanish."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from interactions.cleaning.clean import clean
from interactions.sources.raw import raw_files
from workspace.errors import SettingsError, SourceError


def contacts(count: int = 6) -> list[dict]:
    return [
        {"Id": f"003{n}", "Name": f"P{n}", "Email": "mary@example.com", "Phone": "1",
         "CreatedDate": "2023-01-01T00:00:00Z", "SystemModstamp": f"2024-01-0{n}T08:00:00.000+0000",
         "id": f"{n}", "Full_Name": "P", "Mobile": "1", "Created_Time": "2023-01-01T00:00:00Z",
         "Modified_Time": f"2024-01-0{n}T08:00:00+08:00", "contactid": f"c{n}", "fullname": "P",
         "createdon": "2023-01-01T00:00:00Z", "modifiedon": f"2024-01-0{n}T08:00:00Z"}
        for n in range(1, count + 1)
    ]  # fmt: skip


VENDORS = ("salesforce", "zoho", "dynamics")


@pytest.fixture(autouse=True)
def records(service) -> None:
    service.records = {"Contact": contacts(), "Contacts": contacts(), "contacts": contacts()}


def received(workspace) -> int:
    return sum(file.rows for file in raw_files(workspace.raw))


def refused(collect, vendor: str = "salesforce", **options) -> str:
    with pytest.raises(SourceError) as caught:
        collect(vendor, "contacts", **options)
    assert "mary@example.com" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_service_that_asks_to_wait_is_waited_for(vendor, service, collect, workspace, make_fault) -> None:
    make_fault("500", at=1)
    make_fault("429", at=3, value="7")
    make_fault("503", at=5, value=format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    done = collect(vendor, "contacts")
    assert done.new == {"crm/contacts": 6}
    assert done.waited[:2] == [1, 7]
    assert 25 < done.waited[2] <= 30


def test_one_that_asks_for_more_than_is_allowed_is_left(collect, workspace, make_fault) -> None:
    make_fault("429", at=2, value="3600")
    text = refused(collect)
    assert "asked to wait 3,600 s; 0 of the 600 s allowed" in text
    assert raw_files(workspace.raw) == []


def test_one_that_never_gets_better_is_left(collect, make_fault) -> None:
    make_fault("500", times=99)
    assert "answered 500, 3 times" in refused(collect, attempts=3)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_token_that_expires_between_pages_is_renewed_and_the_page_asked_for_again(
    vendor, service, collect, workspace, make_fault
) -> None:
    make_fault("expired", at=2)
    assert collect(vendor, "contacts").new == {"crm/contacts": 6}
    assert service.issued == 2
    assert len(service.data_requests) == 4
    assert received(workspace) == 6


def test_a_token_that_is_never_good_is_renewed_once(service, collect, make_fault) -> None:
    make_fault("expired", times=99)
    assert "answered 401 (INVALID_SESSION_ID): the token is not accepted" in refused(collect)
    assert service.issued == 2


def test_a_sign_in_that_fails_tells_no_secret(collect, monkeypatch) -> None:
    monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "another-wrong-secret")
    text = refused(collect)
    assert "The sign-in of crm answered 400 (invalid_client)" in text
    assert "another-wrong" not in text
    monkeypatch.setenv("ZOHO_CLIENT_SECRET", "another-wrong-secret")
    assert "without an access token (invalid_client)" in refused(collect, "zoho")


def test_a_secret_that_is_not_set_is_named_by_its_variable(collect, monkeypatch) -> None:
    monkeypatch.delenv("DYNAMICS_CLIENT_SECRET")
    with pytest.raises(SettingsError, match="DYNAMICS_CLIENT_SECRET is not set"):
        collect("dynamics")


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_page_that_repeats_is_taken_once_and_what_it_hid_comes_next_time(vendor, service, collect, workspace) -> None:
    service.repeated_page = 2
    done = collect(vendor, "contacts")
    assert done.new == {"crm/contacts": 4}
    assert done.received[0].found["repeated"].startswith("1 pages came twice and were taken once")
    assert received(workspace) == 4
    assert collect(vendor, "contacts").new == {}
    service.repeated_page = 0
    assert collect(vendor, "contacts").new == {"crm/contacts": 2}
    assert received(workspace) == 6
    service.forget()
    assert collect(vendor, "contacts").new == {}
    assert len(service.data_requests) == 1


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_circle_of_pages_is_stopped(vendor, service, collect, workspace) -> None:
    service.circle = True
    assert "leads round in a circle" in refused(collect, vendor)
    assert len(service.data_requests) < 6
    assert raw_files(workspace.raw) == []
    service.circle = False
    assert collect(vendor, "contacts").new == {"crm/contacts": 6}


@pytest.mark.parametrize(
    ("vendor", "optional", "required"),
    [("salesforce", "Email", "Id"), ("zoho", "Email", "id"), ("dynamics", "emailaddress1", "contactid")],
)
def test_a_vanished_field_is_null_with_a_note_or_a_clear_error(
    vendor, optional, required, service, collect, workspace
) -> None:
    service.unknown = {optional}
    done = collect(vendor, "contacts")
    assert optional in done.received[0].found["missing"]
    clean(workspace)
    assert workspace.lake.read("customers")["email"].to_pylist() == [None] * 6
    service.unknown = {optional, required}
    for one in ("Contact", "Contacts", "contacts"):
        service.records[one][0] |= dict.fromkeys(
            ("SystemModstamp", "Modified_Time", "modifiedon"), "2024-02-01T00:00:00Z"
        )
    text = refused(collect, vendor)
    assert f"`{required}`" in text
    assert "field" in text


def test_a_field_that_vanishes_between_pages_leaves_nothing_half_read(service, collect, workspace) -> None:
    service.unknown, service.unknown_from = {"Id"}, 3
    text = refused(collect)
    assert "no longer gives the field `Id`" in text
    assert "4 rows had been read of this resource; none of them was received" in text
    assert raw_files(workspace.raw) == []
    service.unknown = set()
    assert collect("salesforce", "contacts").new == {"crm/contacts": 6}


def test_resources_before_the_one_that_fails_are_received_whole(service, collect, workspace, make_fault) -> None:
    make_fault("500", at=4, times=99)
    with pytest.raises(SourceError) as caught:
        collect("salesforce", "contacts", "cases", "calls", attempts=1)
    assert "crm/cases (Salesforce) answered 500" in str(caught.value)
    assert "Received before it: crm/contacts (6 new rows). Not reached: calls." in str(caught.value)
    assert [file.source for file in raw_files(workspace.raw)] == ["crm/contacts"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("html", "answered with what is not JSON (text/html), 2 times"),
        ("truncated", "answered with what is not JSON (application/json), 2 times"),
        ("cut", "broke off in the middle of an answer, 2 times"),
        ("hang up", "can't be reached, or closed the connection, 2 times"),
        ("large", "more than 1 MB"),
        ("no data", "answered without `records`"),
        ("numbers", "something else than records"),
        ("403", "answered 403 (REQUEST_LIMIT_EXCEEDED): this user may not read it"),
    ],
)
def test_answers_that_are_none(kind, said, collect, workspace, make_fault) -> None:
    make_fault(kind, at=2, times=99)
    assert said in refused(collect, attempts=2, max_page_mb=1)
    assert raw_files(workspace.raw) == []


def test_an_answer_cut_short_once_is_asked_for_again(collect, workspace, make_fault) -> None:
    make_fault("cut", at=2)
    make_fault("truncated", at=3)
    assert collect("salesforce", "contacts").waited == [1, 2]
    assert received(workspace) == 6


def test_a_slow_service_is_not_waited_for_longer_than_said(collect, make_fault) -> None:
    make_fault("slow", value="0.3", times=99)
    assert "did not answer within 0.1 s, 1 times" in refused(collect, timeout_seconds=0.1, attempts=1)


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("https://10.0.0.8/x", "not a public address"),
        ("https://169.254.169.254/latest/meta-data", "not a public address"),
        ("http://example.com/x", "not https"),
        ("https://example.com/x", "leads to another host"),
        ("http://127.0.0.1:1/x", "leads to another host"),
        ("file:///etc/passwd", "begins with `file:`"),
        ("/services/data/v63.0/query?again", "redirects more than 5 times"),
    ],
)
def test_redirects_are_judged_like_the_first_address(to, said, service, collect, make_fault) -> None:
    make_fault("redirect", at=2, times=99, value=to)
    assert said in refused(collect)


def test_a_private_host_that_is_not_named_is_not_asked(service, collect) -> None:
    with pytest.raises(SourceError, match="not https"):
        collect("salesforce", allow_private_hosts=[])
    with pytest.raises(SourceError, match="not a public address"):
        collect("salesforce", allow_private_hosts=[], base_url=service.url.replace("http:", "https:"))
    assert service.asked == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"pagesize": 5}, "unknown option `pagesize`"),
        ({"page_size": 0}, "`page_size`"),
        ({"base_url": ""}, "needs `base_url`"),
        ({"columns": {"people": {}}}, "names the resource `people`"),
    ],
)
def test_options_that_are_wrong_are_named(options, said, collect) -> None:
    with pytest.raises(SettingsError) as caught:
        collect("salesforce", **options)
    assert said in str(caught.value)

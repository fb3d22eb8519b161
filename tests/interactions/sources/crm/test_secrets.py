"""No secret anywhere but in the environment and on the wire: not in the workspace, not in logs, not in a traceback."""

import logging
import traceback

import pytest

from interactions.cleaning.clean import clean
from workspace.errors import SourceError

TOLD = ("s3cr3t", "r3fresh", "acc3ss-token", "f1xed-token")
VENDORS = ("salesforce", "zoho", "dynamics")


@pytest.fixture(autouse=True)
def records(service) -> None:
    modified = {"SystemModstamp": "2024-01-01T00:00:00Z", "Modified_Time": "2024-01-01T00:00:00Z"}
    one = {"Id": "1", "id": "1", "contactid": "1", "modifiedon": "2024-01-01T00:00:00Z", **modified}
    service.records = {name: [one] * 3 for name in ("Contact", "Contacts", "contacts")}


def check(workspace, capfd, caplog, *more: str) -> None:
    out, err = capfd.readouterr()
    told = [out, err, caplog.text, *more]
    for path in workspace.folder.rglob("*"):
        told.append(str(path))
        if path.is_file():
            told.append(path.read_bytes().decode("latin-1"))
    for secret in TOLD:
        assert not [text for text in told if secret in text], secret


@pytest.mark.parametrize("vendor", VENDORS)
def test_after_success(vendor, service, collect, workspace, capfd, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    assert collect(vendor, "contacts").new == {"crm/contacts": 3}
    collect(vendor, "contacts")
    assert service.issued == 2
    clean(workspace)
    check(workspace, capfd, caplog)


@pytest.mark.parametrize(
    ("vendor", "kind"),
    [
        *(("salesforce", kind) for kind in ("500", "html", "403", "cut", "redirect", "no data")),
        *((vendor, kind) for vendor in VENDORS for kind in ("expired", "wrong secret")),
    ],
)
def test_after_failure(vendor, kind, service, collect, workspace, capfd, caplog, make_fault, monkeypatch) -> None:
    caplog.set_level(logging.DEBUG)
    if kind == "wrong secret":
        monkeypatch.setenv(f"{vendor.upper()}_CLIENT_SECRET", "wrong-s3cr3t")
    else:
        make_fault(kind, at=1, times=99, value="https://example.com/elsewhere")
    with pytest.raises(SourceError) as caught:
        collect(vendor, "contacts", attempts=1)
    trace = "".join(traceback.format_exception(caught.value))
    check(workspace, capfd, caplog, trace, str(caught.value), repr(caught.value))


def test_a_fixed_token(service, collect, workspace, capfd, caplog, make_fault) -> None:
    caplog.set_level(logging.DEBUG)
    service.records["rows"] = [{"customer_id": "c1", "occurred_at": "2024-03-01T09:00:00Z"}]
    collect("rest", table="interactions", path="all")
    service.valid.clear()
    with pytest.raises(SourceError, match="answered 401") as caught:
        collect("rest", table="interactions", path="all")
    check(workspace, capfd, caplog, "".join(traceback.format_exception(caught.value)))

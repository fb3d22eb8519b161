"""A person's erasure as it is asked for: recorded, and hidden from then on. The work comes after (serving/erasure.py)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serving import exports
from workspace import audit_log, erasure_records
from workspace.audit_log import Entry
from workspace.erasure_records import COMPLETE, Erasure
from workspace.errors import WorkspaceError
from workspace.state import State, now

if TYPE_CHECKING:
    from serving.snapshot import Snapshot

_log = logging.getLogger("rapport.serving")

STAYS_EN = "What stays: sums and models that name nobody, and a keyed hash that keeps the person from coming back."
STAYS_ZH = "保留的内容：不指明任何人的汇总与模型，以及防止该客户再次导入的带密钥哈希。"


def ids_in(snapshot: Snapshot, customer_id: str) -> list[str]:
    """Every id of the person that a customer of a published version is; none where there is no such customer."""
    person = snapshot.person(customer_id)
    return snapshot.customers_of(person) if snapshot.row("customers", person) is not None else []


def request(state: State, secret: bytes, folder: Path, customer_ids: Sequence[str], by: str) -> Erasure:
    """Record the erasure of a person under all these ids; files of exports that name them go at once.

    folder: the workspace's. Asked again, it is the erasure that there is.
    """
    known = next((one for one in customer_ids if erasure_records.of_customer(state, secret, one) is not None), None)
    erasure = erasure_records.ask(state, secret, customer_ids, by, now())
    exports.forget(state, exports.folder_of(folder), customer_ids)
    if known is None:
        told(state, secret, "requested", by, erasure.erasure_id, customer_ids[0])
    return erasure


def told(state: State, secret: bytes, what: str, by: str, erasure_id: str, customer_id: str | None = None) -> None:
    """Enter in the audit log how far an erasure is. A log that is broken keeps nobody from being erased."""
    entry = Entry(now(), by, "ERASURE", what, erasure_id, 0, customer_id)
    try:
        audit_log.append(state, secret, [entry])
    except WorkspaceError as error:
        _log.error("erasure not in the audit log", extra={"reason": str(error)})


def receipt(erasure: Erasure) -> dict[str, Any]:
    """What is told of an erasure: how far it is, what was removed, which models knew the person. It names nobody."""
    told: Mapping[str, Any] = erasure.receipt
    return {
        "erasure_id": erasure.erasure_id,
        "status": "complete" if erasure.stage == COMPLETE else "erasing",
        "requested_at": _moment(told["requested_at"]),
        "requested_by": told["requested_by"],
        "rewritten_at": _moment(erasure.cleaned_at),
        "completed_at": _moment(told["completed_at"]),
        "removed": {name: told["removed"][name] for name in sorted(told["removed"])},
        "models": list(told["models"]),
        "message_en": STAYS_EN,
        "message_zh": STAYS_ZH,
    }


def _moment(at: str | None) -> str | None:
    return None if at is None else at.replace("+00:00", "Z")

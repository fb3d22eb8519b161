"""Lists for campaigns: who of a segment or risk list may be written to, less a control group; a file and a record."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from serving.answers import segments
from serving.answers.forms import moment, plain
from serving.answers.reasons import reasons
from serving.answers.risk_meaning import risk_meaning
from serving.callers import Caller
from serving.control_group import HOLDOUT, MOST_HELD_OUT, parted
from serving.errors import NotFound
from serving.export_files import FORMATS, Format, content, place
from serving.listing import Rows
from serving.private_files import write_private
from serving.snapshot import Snapshot
from workspace.export_records import exports_with, known_ids, record, recorded
from workspace.export_records import forget as forget_rows
from workspace.state import State

_OURS = re.compile(rf"\.?(e_[0-9a-f]{{16}})\.({'|'.join(FORMATS)})(\.[0-9a-f]{{8}}\.new)?")
# A file that no record names is a killed export's once it is this old.
_LEFT_SECONDS = 3600.0
_SCORES = ("churn_30", "churn_60", "churn_90", "risk_band", "value", "expected_value", "value_at_risk", "recency_days")
_PLACES = ("owner", "region", "city")

Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Asked(BaseModel):
    """What an export is asked to hold: a segment's customers, or those of at least a risk, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    segment: Word | None = Field(None, description="only this segment's customers; by rule or RFM cell too")
    min_risk: float | None = Field(
        None, ge=0, le=1, description="only active customers of at least this risk over the last horizon"
    )
    owner: Word | None = Field(None, description="only this rep's customers")
    purpose: Literal["marketing", "service"] = Field(
        "marketing", description="for marketing only customers who consented to it are sent; unknown is not consent"
    )
    format: Format = "csv"
    holdout: float = Field(
        HOLDOUT, ge=0, le=MOST_HELD_OUT, description="share of the control group, drawn by a keyed hash per customer"
    )
    campaign: Word | None = Field(
        None, description="the same campaign holds out the same people again; by default named after segment and risk"
    )

    @model_validator(mode="after")
    def _narrowed(self) -> Asked:
        if self.segment is None and self.min_risk is None:
            raise PydanticCustomError("nothing_asked", "needs `segment`, `min_risk` or both")
        return self

    @property
    def drawn_for(self) -> str:
        """What the control group is drawn for."""
        if self.campaign is not None:
            return self.campaign
        return json.dumps({"segment": self.segment, "min_risk": self.min_risk})

    @property
    def filters(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("segment", "min_risk", "owner")}


@dataclass(frozen=True)
class Chosen:
    """Rows of the listing that match and may be reached; how many matched, and how many of them did not consent."""

    rows: Rows
    matching: int
    left_out: int


def folder_of(workspace: Path) -> Path:
    """The workspace's exports/, for its owner's eyes alone."""
    folder = workspace / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def make(
    snapshot: Snapshot, caller: Caller, asked: Asked, state: State, secret: bytes, folder: Path, at: str
) -> dict[str, Any]:
    """Write an export's file into `folder` and its record into state.db; what `shown` says of it.

    at: the moment it counts as sent, ISO 8601 in UTC. Raises NotFound for a segment that is not there.
    """
    chosen = _chosen(snapshot, caller, asked)
    people = snapshot.listing.people(chosen.rows)
    sent, held_out = parted(secret, asked.drawn_for, (row["customer_id"] for row in people), asked.holdout)
    left_out = set(held_out)
    rows = _rows(snapshot, caller, [row for row in people if row["customer_id"] not in left_out])
    about = _about(snapshot, asked, chosen, len(sent), len(held_out))
    written = content(asked.format, about, rows)
    export = {
        **about,
        "export_id": f"e_{secrets.token_hex(8)}",
        "created_at": at,
        "created_by": caller.name,
        "role": caller.role,
        "only_owner": caller.only_owner,
        "format": asked.format,
        "file_sha256": hashlib.sha256(written).hexdigest(),
        "file_bytes": len(written),
    }
    _sweep(folder, state)
    _keep(state, folder, export, written, sent, held_out)
    return shown(export)


def found(state: State, caller: Caller, export_id: str) -> dict[str, Any]:
    """An export's record. Raises NotFound where there is none, or where it is not this caller's to see."""
    export = recorded(state, export_id)
    if export is None or (caller.only_owner is not None and export["only_owner"] != caller.only_owner):
        raise NotFound("There is no such export, or it is not yours to see.")
    return export


def shown(export: Mapping[str, Any]) -> dict[str, Any]:
    """A record as an answer, with what it left out in words."""
    said = {name: value for name, value in export.items() if name != "only_owner"}
    return {**said, "created_at": export["created_at"].replace("+00:00", "Z"), **_in_words(export)}


def forget(state: State, folder: Path, customer_ids: Sequence[str]) -> list[str]:
    """Take customers out of all exports: files that name one of them are removed, and so are their rows; which exports.

    What was sent stays counted. Killed on the way, it can be done again.
    """
    named = exports_with(state, customer_ids)
    for export_id, written in named:
        place(folder, export_id, written).unlink(missing_ok=True)
    forget_rows(state, customer_ids)
    return [export_id for export_id, _ in named]


def _chosen(snapshot: Snapshot, caller: Caller, asked: Asked) -> Chosen:
    if asked.segment is not None:
        segments.segment(snapshot, caller, asked.segment)
    listing = snapshot.listing
    sort: Literal["value", "risk"] = "value" if asked.min_risk is None else "risk"
    rows = listing.select(sort, owner=asked.owner, segment=asked.segment, min_risk=asked.min_risk)
    if caller.only_owner is not None:
        rows = listing.of_owner(rows, caller.only_owner)
    if asked.purpose != "marketing":
        return Chosen(rows, len(rows), 0)
    agreed = rows[listing.consent.marketing[rows]]
    return Chosen(agreed, len(rows), len(rows) - len(agreed))


def _about(snapshot: Snapshot, asked: Asked, chosen: Chosen, sent: int, held_out: int) -> dict[str, Any]:
    return {
        "version": snapshot.version,
        "cutoff": moment(snapshot.cutoff),
        "filters": asked.filters,
        "purpose": asked.purpose,
        "campaign": asked.drawn_for,
        "holdout": asked.holdout,
        "matching": chosen.matching,
        "left_out_without_consent": chosen.left_out,
        "sent": sent,
        "held_out": held_out,
    }


def _rows(snapshot: Snapshot, caller: Caller, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    called = segments.names(snapshot)
    event = risk_meaning(snapshot)["event"]
    reached = snapshot.listing.addresses([row["customer_id"] for row in people])
    return [
        _row(caller, row, address, called.get(row["segment_id"], (None, None)), event)
        for row, address in zip(people, reached, strict=True)
    ]


def _row(
    caller: Caller,
    row: Mapping[str, Any],
    address: Mapping[str, Any],
    called: tuple[str | None, str | None],
    event: str | None,
) -> dict[str, Any]:
    why = reasons(caller, row["reasons"], event)
    return {
        "customer_id": row["customer_id"],
        "name": row["name"],
        "email": address["email"],
        "phone": address["phone"],
        **{name: row[name] for name in _PLACES},
        "segment_id": row["segment_id"],
        "segment_name_en": called[0],
        "segment_name_zh": called[1],
        **{name: plain(row.get(name)) for name in _SCORES},
        "reasons_en": "; ".join(reason["text_en"] for reason in why) or None,
        "reasons_zh": "；".join(reason["text_zh"] for reason in why) or None,
    }


def _keep(
    state: State, folder: Path, export: dict[str, Any], written: bytes, sent: list[str], held_out: list[str]
) -> None:
    """The file, then the record: a record without its file would say that something was sent."""
    file = place(folder, export["export_id"], export["format"])
    write_private(file, written)
    try:
        with state.begin() as connection:
            record(connection, export, sent, held_out)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _sweep(folder: Path, state: State) -> None:
    """Remove the files of exports that were killed before they were recorded, and nothing else."""
    old = [file for file in folder.iterdir() if _OURS.fullmatch(file.name) and _age(file) > _LEFT_SECONDS]
    if not old:
        return
    known = known_ids(state)
    for file in old:
        match = _OURS.fullmatch(file.name)
        if match is not None and (match[3] is not None or match[1] not in known):
            file.unlink(missing_ok=True)


def _age(file: Path) -> float:
    try:
        return time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _in_words(export: Mapping[str, Any]) -> dict[str, str]:
    matching, left_out = export["matching"], export["left_out_without_consent"]
    sent, held_out = export["sent"], export["held_out"]
    english = f"{matching:,} customers match: {sent:,} are in the file, {held_out:,} are held out as control group"
    chinese = f"符合条件 {matching:,} 人：文件中 {sent:,} 人，留作对照组 {held_out:,} 人"
    if export["purpose"] == "marketing":
        english += f", {left_out:,} are left out because they have not agreed to marketing"
        chinese += f"，{left_out:,} 人未同意接收营销信息，未列入"
    return {"message_en": f"{english}.", "message_zh": f"{chinese}。"}

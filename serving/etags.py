"""Entity tags: what an answer depends on, hashed, so that who has it already is told so without computing it again."""

import hmac
import json
from functools import cache
from importlib.metadata import version

from serving.callers import Caller
from serving.snapshot import Snapshot

_DIGITS = 32


def etag_for(secret: bytes, snapshot: Snapshot, caller: Caller, path: str, query: str, form: str) -> str:
    """The weak tag of an answer: of a published version, the events laid over it and whom it hides, to a caller.

    Only for answers that depend on nothing else. Under the secret: a tag can't be guessed to ask what exists.
    """
    who = [caller.name, caller.role, caller.only_owner]
    told = [_program(), snapshot.version, snapshot.position, sorted(snapshot.hidden), *who, path, query, form]
    found = hmac.digest(secret, b"etag:" + json.dumps(told).encode(), "sha256").hex()[:_DIGITS]
    return f'W/"{found}"'


def matches(if_none_match: str | None, tag: str) -> bool:
    """Whether a header If-None-Match names the tag; `*` does not, since it can't say which answer is there already."""
    if if_none_match is None:
        return False
    # Compared weakly: a proxy may have taken the W/ away (RFC 9110, 8.8.3.2).
    return tag.removeprefix("W/") in (given.strip().removeprefix("W/") for given in if_none_match.split(","))


@cache
def _program() -> str:
    return version("rapport")

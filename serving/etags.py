"""Entity tags: what an answer depends on, hashed, so that who has it already is told so without computing it again."""

import json
from functools import cache, lru_cache
from hashlib import blake2b
from importlib import metadata
from typing import Any

from serving.callers import Caller
from serving.snapshot import Snapshot

_DIGITS = 32


def etag_for(secret: bytes, snapshot: Snapshot, caller: Caller, path: str, query: str, form: str) -> str:
    """The weak tag of an answer: of a published version, the events laid over it and whom it hides, to a caller.

    Only for answers that depend on nothing else. Under the secret: a tag can't be guessed to ask what exists.
    """
    who = caller.name, caller.role, caller.only_owner
    found = _begun(secret, snapshot.version, snapshot.position, snapshot.hidden, *who).copy()
    # No path has a control character in it (serving/policy.py), and no query unless written as %XX.
    found.update(f"{form}\0{path}\0{query}".encode("utf-8", "surrogatepass"))
    return f'W/"{found.hexdigest()}"'


@lru_cache(maxsize=256)
def _begun(
    secret: bytes, version: str, position: int, hidden: frozenset[str], name: str, role: str, owner: str | None
) -> Any:
    """The hash of what a caller's requests have in common; every request asks, so it is made once."""
    told = [_program(), version, position, sorted(hidden), name, role, owner]
    # Keyed, like HMAC, and a tenth of its time.
    return blake2b(json.dumps(told).encode(), key=secret[:64], person=b"etag", digest_size=_DIGITS // 2)


def matches(if_none_match: str | None, tag: str) -> bool:
    """Whether a header If-None-Match names the tag; `*` does not, since it can't say which answer is there already."""
    if if_none_match is None:
        return False
    # Compared weakly: a proxy may have taken the W/ away (RFC 9110, 8.8.3.2).
    return tag.removeprefix("W/") in (given.strip().removeprefix("W/") for given in if_none_match.split(","))


@cache
def _program() -> str:
    return metadata.version("rapport")

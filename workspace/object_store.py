"""Objects by their names in S3, Google's or Azure's storage, or in a folder: the only place that imports obstore.

Credentials come from the environment, by the names that these stores' own tools use.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from workspace.errors import StoreError

if TYPE_CHECKING:
    from obstore.store import ObjectStore as Client

# A store that is away is told of soon: the live writer waits for it.
_CONNECT = timedelta(seconds=5)
_REQUEST = timedelta(seconds=120)
_RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
_PIECE_BYTES = 8 * 1024 * 1024
_AT_ONCE = 500
# How long the client tried, in its messages.
_RETRIED = re.compile(r" in [\d.]+\S*s(, after \d+ retries, max_retries: \d+, retry_timeout: \S+)?")


class Found(NamedTuple):
    """An object of a listing: its bytes, and when it was last written."""

    size: int
    modified: datetime


class ObjectStore:
    """The objects below one address; every error of the store is a StoreError that names it and what to do."""

    def __init__(self, url: str, single_writer: bool = False) -> None:
        self.url = url
        self.single_writer = single_writer
        self._made: Client | None = None

    @property
    def _client(self) -> Client:
        if self._made is None:
            self._made = _opened(self.url)
        return self._made

    def listed(self, folder: str, after: str | None = None) -> dict[str, Found]:
        """The objects below a folder, by their names within it; only those whose names sort after `after`."""
        import obstore

        offset = None if after is None else f"{folder}/{after}"
        with self._told("listing"):
            return {
                one["path"].removeprefix(f"{folder}/"): Found(one["size"], one["last_modified"])
                for page in obstore.list(self._client, folder, offset=offset)
                for one in page
            }

    def folders(self) -> list[str]:
        """The names before the first slash."""
        import obstore

        with self._told("listing"):
            return sorted(obstore.list_with_delimiter(self._client)["common_prefixes"])

    def read(self, name: str) -> bytes | None:
        """An object's bytes; None where there is none."""
        import obstore

        with self._told("reading"):
            try:
                return bytes(obstore.get(self._client, name).bytes())
            except FileNotFoundError:
                return None

    def fetch(self, name: str, target: Path) -> bool:
        """Write an object into a file; False where there is no such object. Broken off, a part of it is left there."""
        import obstore

        with self._told("reading"):
            try:
                found = obstore.get(self._client, name)
            except FileNotFoundError:
                return False
            with target.open("wb") as file:
                for piece in found.stream(min_chunk_size=_PIECE_BYTES):
                    file.write(piece)
        return True

    def put(self, name: str, content: Path | bytes) -> None:
        """Write an object, whole or not at all, in the place of one that may be there."""
        import obstore

        with self._told("writing"):
            obstore.put(self._client, name, content)

    def create(self, name: str, content: bytes) -> bool:
        """Write an object unless there is one; False where there is.

        For a `single_writer` that is looked up before, since its store can't tell.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        if self.single_writer:
            if self.read(name) is not None:
                return False
            self.put(name, content)
            return True
        with self._told("writing"):
            try:
                obstore.put(self._client, name, content, mode="create")
            except (AlreadyExistsError, PreconditionError):
                return False
        return True

    def remove(self, names: Collection[str]) -> None:
        """Remove objects; those that are not there don't matter."""
        import obstore

        ordered = sorted(names)
        for start in range(0, len(ordered), _AT_ONCE):
            with self._told("deleting"):
                try:
                    obstore.delete(self._client, ordered[start : start + _AT_ONCE])
                except FileNotFoundError:
                    self._remove_each(ordered[start : start + _AT_ONCE])

    def _remove_each(self, names: Collection[str]) -> None:
        """A folder stops at the first name that it does not have."""
        import obstore

        for name in names:
            try:
                obstore.delete(self._client, name)
            except FileNotFoundError:
                continue

    def check(self) -> None:
        """Raise StoreError where the store lets a second writer overwrite what a first one wrote."""
        if self.single_writer:
            return
        name = f"_rapport/{secrets.token_hex(8)}"
        self.create(name, b"first")
        refuses = not self.create(name, b"second")
        self.remove([name])
        if not refuses:
            raise StoreError(
                f"The store {self.url} overwrites an object where it was asked not to (If-None-Match), so that two "
                "machines could undo each other's commits. Use a store that refuses, or, where this machine alone ever "
                "writes to it, set `single_writer = true` under [lake]."
            )

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                # The disk's, not the store's.
                raise
            raise StoreError(
                f"The lake's store {self.url} failed at {doing}: {_reason(error)}. Nothing of this step counts there. "
                "See that it can be reached and that the credentials in the environment may read, write and delete; "
                "then run the command again."
            ) from None


@cache
def object_store(url: str, single_writer: bool) -> ObjectStore:
    """The store at an address, one in a process."""
    return ObjectStore(url, single_writer)


def _opened(url: str) -> Client:
    from obstore.store import from_url

    try:
        if url.startswith("file:"):
            return from_url(url, mkdir=True)
        client: Any = {"connect_timeout": _CONNECT, "timeout": _REQUEST, "allow_http": _is_http()}
        return from_url(url, client_options=client, retry_config=_RETRIES)
    except Exception as error:
        raise StoreError(
            f"The lake's store {url} can't be used: {_reason(error)}. See [lake] in rapport.toml and the credentials "
            "in the environment (docs/operation.md)."
        ) from None


def _is_http() -> bool:
    """Whether the environment names a store without TLS: one on this machine, say."""
    names = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT", "GOOGLE_BASE_URL")
    return any(os.environ.get(name, "").startswith("http://") for name in names) or any(
        os.environ.get(name, "").lower() in ("1", "true") for name in ("AWS_ALLOW_HTTP", "AZURE_ALLOW_HTTP")
    )


def _reason(error: Exception) -> str:
    """The first line of what the store's client says, without what it prints of its own insides."""
    lines = _RETRIED.sub("", str(error)).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".: ")[:300]

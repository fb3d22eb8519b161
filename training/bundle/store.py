"""Bundles on disk: a folder named by the hash of what is in it, so a name can never mean two models."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workspace.errors import BundleError

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Bundle:
    """A model as files and facts: `kind` is segments, churn or volume; `manifest` is whatever JSON the kind needs."""

    hash: str
    kind: str
    manifest: dict[str, Any]
    files: dict[str, bytes]


def write(folder: Path, kind: str, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> str:
    """Write a bundle below `folder` and return its hash: the first 16 hex digits of the SHA-256 of its manifest.

    The manifest holds the digest of every file, so the hash covers them too. Identical content gives the same hash
    and is written once. Nothing may be put in that differs between two runs on the same data (no times of training).
    Raises ValueError for a file name that is not plain and for NaN or infinity in the manifest.
    """
    for name in files:
        if Path(name).name != name or name == MANIFEST:
            raise ValueError(f"{name!r} can't be the name of a file in a bundle")
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    document = _canonical({"kind": kind, "files": digests, "manifest": dict(manifest)})
    hash_ = _hash(document)
    if (folder / hash_).is_dir():
        try:
            read(folder, hash_)
            return hash_
        except BundleError:
            # Damaged on disk: the same content is at hand, so it is written again.
            shutil.rmtree(folder / hash_)
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        for name, content in {**files, MANIFEST: document}.items():
            _write_durably(staging / name, content)
        staging.rename(folder / hash_)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return hash_


def read(folder: Path, hash: str) -> Bundle:
    """Read the bundle `hash` below `folder`, recomputing every digest.

    Raises BundleError when it is missing, incomplete, or not the one its name promises.
    """
    place = folder / hash
    if not hash.isalnum() or not place.is_dir():
        raise BundleError(f"There is no model bundle {hash} in {folder}. Run `rapport train`, or restore the folder.")
    document = _content(place, MANIFEST)
    if _hash(document) != hash:
        raise BundleError(_changed(place, MANIFEST))
    parsed = json.loads(document)
    files = {}
    for name, digest in parsed["files"].items():
        files[name] = _content(place, name)
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise BundleError(_changed(place, name))
    return Bundle(hash, parsed["kind"], parsed["manifest"], files)


def _content(place: Path, name: str) -> bytes:
    try:
        return (place / name).read_bytes()
    except FileNotFoundError:
        raise BundleError(f"Model bundle {place} lacks {name}. Restore the folder, or train again.") from None


def _changed(place: Path, name: str) -> str:
    return f"{name} in model bundle {place} isn't what the bundle's name promises. Restore the folder, or train again."


def _hash(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()[:16]


def _canonical(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def _write_durably(file: Path, content: bytes) -> None:
    with file.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())

"""The files a page loads: ours from static/, Vega from the wheel, the charts' themes; nothing from another host."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serving.errors import NotFound

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_making: dict[str, threading.Lock] = {}
_begun = threading.Event()
# Deno builds the script and holds Python's lock all the while: in this process every other request would wait for it.
_BUILD = "import sys; from charts.render import script; sys.stdout.buffer.write(script().encode())"


@dataclass(frozen=True)
class Asset:
    """A file's bytes, plain and zipped, media type and a tag that changes with them."""

    content: bytes
    zipped: bytes
    media_type: str
    tag: str


def asset(name: str) -> Asset:
    """An asset by name, made once a process. Raises NotFound."""
    if name not in names():
        raise NotFound("There is no such file.")
    # A lock a file: the style must not wait for the script.
    with _making.setdefault(name, threading.Lock()):
        return _asset(name)


def begin() -> None:
    """Have Vega's script made in the background, once a process, before a browser asks for it."""
    if not _begun.is_set():
        _begun.set()
        threading.Thread(target=asset, args=("vega.js",), name="vega", daemon=True).start()


def names() -> frozenset[str]:
    """Every asset there is."""
    return frozenset({file.name for file in _FOLDER.iterdir() if file.suffix in _TYPES} | {"vega.js", "themes.js"})


def address(name: str) -> str:
    """Where a page finds an asset. Ours carry their tag, so that a browser keeps them until they change."""
    if name == "vega.js":
        # Its tag would cost the first page the 1.3 s that the script takes to build: its version says as much.
        return f"/static/{name}?v={_vega_version()}"
    return f"/static/{name}?v={asset(name).tag}"


async def serve(request: Request) -> Response:
    """An asset, or 304 when the browser has it."""
    found = await run_in_threadpool(asset, request.path_params["path"])
    headers = {
        "ETag": f'"{found.tag}"',
        "Cache-Control": "private, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
    }
    if not request.query_params.get("v"):
        headers["Cache-Control"] = "private, no-cache"
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.zipped, headers={**headers, "Content-Encoding": "gzip"}, media_type=found.media_type)
    return Response(found.content, headers=headers, media_type=found.media_type)


@lru_cache(maxsize=32)
def _asset(name: str) -> Asset:
    content = _content(name)
    zipped = gzip.compress(content, 6, mtime=0)
    return Asset(content, zipped, _TYPES[Path(name).suffix], hashlib.sha256(content).hexdigest()[:16])


def _content(name: str) -> bytes:
    if name == "vega.js":
        return subprocess.run([sys.executable, "-c", _BUILD], check=True, capture_output=True, timeout=60).stdout
    if name == "themes.js":
        from charts.theme import config

        themes = {language: {mode: config(mode, language) for mode in ("light", "dark")} for language in ("en", "zh")}
        return f"window.rapportThemes = {json.dumps(themes, ensure_ascii=False)};\n".encode()
    return (_FOLDER / name).read_bytes()


@lru_cache(maxsize=1)
def _vega_version() -> str:
    from importlib.metadata import version

    return version("vl-convert-python")

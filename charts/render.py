"""A chart as a picture, as a specification for a page, and the one script that draws it there."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import vl_convert

from charts.fonts import NOTE, chinese_font, has_chinese


def png(chart: Any, scale: float = 2.0, folders: list[Path] | None = None) -> bytes:
    """The chart as PNG bytes, `scale` pixels a point. Text this machine has no font for is numbered, with a note.

    `folders`: where to look for fonts instead of the system's own folders (the font itself is drawn by the system).
    """
    specification = drawable(chart.to_dict(), chinese_font(folders))
    picture: bytes = vl_convert.vegalite_to_png(json.dumps(specification), scale=scale, ppi=72)
    return picture


def drawable(specification: dict[str, Any], family: str | None) -> dict[str, Any]:
    """The specification as this machine can draw it, `family` being its Chinese font, or None."""
    if family is None:
        return _without_chinese(specification)
    if not has_chinese(json.dumps(specification, ensure_ascii=False)):
        return specification
    # The renderer takes any font that has the character, a serif one too, unless the first one named has it.
    config = specification["config"]
    return {**specification, "config": {**config, "font": f"{family}, {config['font']}"}}


def spec(chart: Any, width: int | str | None = "container") -> dict[str, Any]:
    """The chart as Vega-Lite JSON for a page: as wide as its container (None: as it is), without configuration or
    schema address.

    The page hands Vega the configuration of its own mode, see `theme.config`; nothing in it names another host.
    """
    specification: dict[str, Any] = chart.to_dict(validate=False)
    for name in ("config", "$schema"):
        specification.pop(name, None)
    if width is not None:
        specification["width"] = width
    return specification


@lru_cache(maxsize=1)
def script() -> str:
    """Vega, Vega-Lite and Vega-Embed in one script of 0.9 MB that sets `window.vegaEmbed`; built in 1.3 s."""
    # Without a snippet of ours to bundle; the type stub knows the call with one only.
    bundle: str = cast(Any, vl_convert).javascript_bundle()
    return bundle


def _without_chinese(specification: dict[str, Any]) -> dict[str, Any]:
    """Each different text with Chinese in it becomes `#1`, `#2`...: told apart, where boxes would not be."""
    numbers: dict[str, str] = {}

    def replaced(value: Any) -> Any:
        if isinstance(value, str) and has_chinese(value):
            return numbers.setdefault(value, f"#{len(numbers) + 1}")
        if isinstance(value, list):
            return [replaced(item) for item in value]
        if isinstance(value, dict):
            return {name: replaced(item) for name, item in value.items()}
        return value

    plain: dict[str, Any] = replaced({name: part for name, part in specification.items() if name != "config"})
    plain["config"] = {name: part for name, part in specification.get("config", {}).items() if name != "locale"}
    if numbers:
        title = plain.get("title") or {}
        title = {"text": title} if isinstance(title, str) else title
        plain["title"] = {"text": "", **title, "subtitle": NOTE}
    return plain

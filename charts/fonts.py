"""Which fonts a picture is drawn with, and whether this machine has one for Chinese.

In a browser the reader's own fonts serve. A PNG is drawn here: without a Chinese font it would show boxes, so labels
fall back to English and the picture says so.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

# File names that begin like this hold simplified Chinese; beside them the family's name.
_CHINESE = (
    ("notosanscjk", "Noto Sans CJK SC"),
    ("notosanssc", "Noto Sans SC"),
    ("sourcehansans", "Source Han Sans SC"),
    ("wqy-microhei", "WenQuanYi Micro Hei"),
    ("wqy-zenhei", "WenQuanYi Zen Hei"),
    ("pingfang", "PingFang SC"),
    ("hiragino sans gb", "Hiragino Sans GB"),
    ("stheiti", "Heiti SC"),
    ("msyh", "Microsoft YaHei"),
    ("simhei", "SimHei"),
    ("droidsansfallback", "Droid Sans Fallback"),
)
_LATIN = ("Inter", "Segoe UI", "Helvetica Neue", "Liberation Sans", "DejaVu Sans", "Arial")

NOTE = "No Chinese font on this machine: labels are in English. Install fonts-noto-cjk to have them in Chinese."


def fonts(language: str = "en") -> str:
    """Font families for labels, in the order to try: Chinese ones first for "zh"."""
    chinese = [family for _, family in _CHINESE]
    families = [*chinese, *_LATIN] if language == "zh" else [*_LATIN, *chinese]
    return ", ".join([*families, "sans-serif"])


def font_folders() -> list[Path]:
    """Where this system keeps its fonts."""
    home = Path.home()
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"]


def chinese_font(folders: Iterable[Path] | None = None) -> str | None:
    """Family name of a font with simplified Chinese, or None. The system's own folders are looked through once."""
    return _system_font() if folders is None else _find(folders)


def has_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character or punctuation mark."""
    return any("\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef" for character in text)


@lru_cache(maxsize=1)
def _system_font() -> str | None:
    return _find(font_folders())


def _find(folders: Iterable[Path]) -> str | None:
    names = [
        file.name.lower()
        for folder in folders
        if folder.is_dir()
        for file in sorted(folder.rglob("*.[tToO][tT][fFcC]"))
    ]
    for start, family in _CHINESE:
        if any(name.startswith(start) for name in names):
            return family
    return None

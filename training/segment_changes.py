"""What a retrain did to the segments: which are new, split off, merged into another, or gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from training.bundle.segments import EVERYONE, NOT_CLEAR

# So much of a segment has one origin, or one destination, before it is called split from it or merged into it.
MOSTLY = 0.5

Change = dict[str, Any]


def changes(
    now: Sequence[str | None], before: Sequence[str | None], called: Mapping[str, Mapping[str, str]]
) -> list[Change]:
    """Each segment that is not what it was: {segment_id, change, of, customers, name_en, name_zh}, by id.

    now, before: segment of the same customers today, by the new and by the earlier model, [customers]; called: names of
    the earlier segments. `change` is new, split, merged or vanished; `of` the segment it split from or merged into,
    where half of its customers or more are. customers: in the new segment, or whom the vanished one would have.
    name_en, name_zh: of a vanished or merged segment, which nobody else names any more.
    """
    if not before:
        return []
    today, earlier = {s for s in now if s is not None}, {s for s in before if s is not None}
    found = [_change(segment, now, before, "split", "new") for segment in today - earlier - set(called) - {EVERYONE}]
    for segment in earlier - today:
        gone = _change(segment, before, now, "merged", "vanished")
        name = called.get(segment, {})
        found.append({**gone, "name_en": name.get("en"), "name_zh": name.get("zh")})
    return sorted(found, key=lambda change: str(change["segment_id"]))


def _change(segment: str, inside: Sequence[str | None], other: Sequence[str | None], to: str, alone: str) -> Change:
    """`to` where most of the segment's customers are in one segment of `other`, else `alone`."""
    others = Counter(there for here, there in zip(inside, other, strict=True) if here == segment)
    most, count = max(others.items(), key=lambda item: (item[1], str(item[0])))
    customers = sum(others.values())
    mostly = most is not None and count >= MOSTLY * customers
    return {
        "segment_id": segment,
        "change": to if mostly else alone,
        "of": most if mostly else None,
        "customers": customers,
        "name_en": None,
        "name_zh": None,
    }


def told(manifest: Mapping[str, Any]) -> list[str]:
    """What a retrain did, and whether there are clear segments at all, in English and Chinese, a sentence each."""
    found = [_told(change, manifest["names"]) for change in manifest.get("changes", [])]
    if not manifest["metrics"]["clear"]:
        found.insert(0, f"{NOT_CLEAR['en']} {NOT_CLEAR['zh']}")
    return found


def _told(change: Change, called: Mapping[str, Mapping[str, str]]) -> str:
    segment = f"{change['segment_id']} ({change['name_en'] or called.get(change['segment_id'], {}).get('en', '')})"
    said = {"new": "is new", "split": f"split from {change['of']}"}
    gone = {"merged": f"merged into {change['of']}", "vanished": "vanished"}
    return f"{segment} {(said | gone)[change['change']]}"

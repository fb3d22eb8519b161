"""Coastlines and borders out of a TopoJSON file, cut to the part of the world a map shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = list[Point]
Box: TypeAlias = tuple[float, float, float, float]


def polygons(file: Path, layer: str, box: Box) -> list[dict[str, Any]]:
    """GeoJSON features of a TopoJSON object (`land` or `countries`) inside a box (west, south, east, north in degrees).

    Lakes and other holes are left out: the outline is a plain ground for bubbles. Raises KeyError for a layer that the
    file doesn't have.
    """
    cut = [_inside(ring, box) for ring in _rings(file, layer)]
    return [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [_closed(ring)]}}
        for ring in cut
        if len(ring) > 2
    ]


def _closed(ring: Ring) -> list[list[float]]:
    points = [[round(east, 2), round(north, 2)] for east, north in ring]
    return [*points, points[0]]


@lru_cache(maxsize=4)
def _rings(file: Path, layer: str) -> tuple[Ring, ...]:
    """The outer rings of a layer, decoded as the TopoJSON specification says: arcs of quantised steps, ~i reversed."""
    topology = json.loads(file.read_text(encoding="utf-8"))
    arcs = [_arc(arc, topology.get("transform")) for arc in topology["arcs"]]
    return tuple(_joined(ring, arcs) for ring in _outer(topology["objects"][layer]))


def _outer(geometry: dict[str, Any]) -> Iterator[list[int]]:
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _outer(part)
    elif geometry["type"] == "Polygon":
        yield geometry["arcs"][0]
    elif geometry["type"] == "MultiPolygon":
        for polygon in geometry["arcs"]:
            yield polygon[0]


def _arc(arc: list[list[int]], transform: dict[str, list[float]] | None) -> Ring:
    if transform is None:
        return [(float(point[0]), float(point[1])) for point in arc]
    east = north = 0
    points = []
    for step in arc:
        east, north = east + step[0], north + step[1]
        points.append(
            (
                east * transform["scale"][0] + transform["translate"][0],
                north * transform["scale"][1] + transform["translate"][1],
            )
        )
    return points


def _joined(ring: list[int], arcs: list[Ring]) -> Ring:
    points: Ring = []
    for number in ring:
        part = arcs[number] if number >= 0 else arcs[~number][::-1]
        points.extend(part[1:] if points else part)
    return points[:-1]


def _inside(ring: Ring, box: Box) -> Ring:
    """The ring cut at the four sides of the box, one after the other (Sutherland and Hodgman, 1974)."""
    west, south, east, north = box
    sides: list[tuple[int, float, Callable[[float, float], bool]]] = [
        (0, west, lambda value, side: value >= side),
        (0, east, lambda value, side: value <= side),
        (1, south, lambda value, side: value >= side),
        (1, north, lambda value, side: value <= side),
    ]
    for axis, side, within in sides:
        ring = _cut(ring, axis, side, within)
    return ring


def _cut(ring: Ring, axis: int, side: float, within: Callable[[float, float], bool]) -> Ring:
    cut: Ring = []
    for place, point in enumerate(ring):
        before = ring[place - 1]
        if within(point[axis], side) != within(before[axis], side):
            cut.append(_crossing(before, point, axis, side))
        if within(point[axis], side):
            cut.append(point)
    return cut


def _crossing(start: Point, end: Point, axis: int, side: float) -> Point:
    part = (side - start[axis]) / (end[axis] - start[axis])
    other = start[1 - axis] + part * (end[1 - axis] - start[1 - axis])
    return (side, other) if axis == 0 else (other, side)

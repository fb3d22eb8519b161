"""Where every chart begins: an empty Altair chart over the rows it carries."""

from __future__ import annotations

from typing import Any

import altair as alt

# Altair leaves these generated classes untyped.
_data: Any = alt.Data


def over(rows: list[dict[str, Any]]) -> Any:
    """A chart that carries these records, for marks and encodings to be added."""
    return alt.Chart(_data(values=rows))


def over_polygons(polygons: list[dict[str, Any]]) -> Any:
    """A chart that carries GeoJSON features."""
    return alt.Chart(_data(values=polygons))

"""What every chart must do: draw something, carry its data, and name no other host."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from charts.render import png, spec
from charts.theme import PICTURE_WIDTH


@pytest.fixture
def drawn() -> Callable[..., dict[str, Any]]:
    """Draw a chart, check the picture, and return its specification."""

    def draw(chart: Any, least_colours: int = 20, width: int = PICTURE_WIDTH) -> dict[str, Any]:
        picture = Image.open(io.BytesIO(png(chart, scale=1.0)))
        assert picture.format == "PNG"
        assert picture.width >= width
        assert picture.height >= 80
        colours = picture.convert("RGB").getcolors(maxcolors=1_000_000)
        assert colours is not None
        assert len(colours) > least_colours
        specification = spec(chart)
        assert not re.search("https?://", json.dumps(specification))
        return specification

    return draw


@pytest.fixture
def values() -> Callable[[dict[str, Any], str], list[Any]]:
    """All values of a column anywhere in a specification's data."""

    def found(specification: Any, column: str) -> list[Any]:
        if isinstance(specification, dict):
            inline = specification.get("values")
            rows = [row[column] for row in inline if column in row] if isinstance(inline, list) else []
            return rows + [value for part in specification.values() for value in found(part, column)]
        if isinstance(specification, list):
            return [value for part in specification for value in found(part, column)]
        return []

    return found

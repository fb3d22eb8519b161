"""The OpenAPI document describes each shape under a name of its own."""

from typing import Any

import pytest

from serving.errors import PolicyError
from serving.openapi import _add, document


def test_an_answer_and_a_body_are_not_taken_for_one_another() -> None:
    schemas = document()["components"]["schemas"]
    assert "timeline" in schemas["Customer"]["properties"]
    assert "income" in schemas["Described"]["properties"]


def test_two_shapes_of_one_name_are_a_mistake() -> None:
    schemas: dict[str, Any] = {"Customer": {"type": "object"}}
    _add({"Customer": {"type": "object"}}, schemas)
    with pytest.raises(PolicyError, match="called Customer"):
        _add({"Customer": {"type": "string"}}, schemas)

"""How much of the torture is done: all of it by `make torture`, a tenth in CI."""

import os

import pytest


@pytest.fixture(scope="session")
def share() -> float:
    return float(os.environ.get("TORTURE_SHARE", "1"))

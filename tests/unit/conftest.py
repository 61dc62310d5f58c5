"""Tests that need no stack: they run in a minute, and none may start one by the way."""

import pytest


@pytest.fixture(scope="session")
def stack() -> None:
    pytest.fail("tests/unit runs without the local stack: a test that needs it belongs in tests/stack.", pytrace=False)

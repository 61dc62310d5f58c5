"""The library, once."""

import asyncio

import pytest

from dev.stack import Stack
from tests.support.nutrition import LibraryFood, library_of


@pytest.fixture(scope="session")
def library(stack: Stack) -> list[LibraryFood]:
    """The foods of the library."""
    return asyncio.run(library_of(stack))

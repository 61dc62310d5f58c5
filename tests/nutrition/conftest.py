"""A model behind the worker."""

import asyncio
from collections.abc import AsyncIterator

import pytest

import src.ai.gemini_client  # noqa: F401  # takes a second, which would count for the first answer
from dev.stack import Stack
from tests.support.gemini import FakeGemini, fake_gemini
from tests.support.nutrition import LibraryFood, library_of


@pytest.fixture(scope="session")
def library(stack: Stack) -> list[LibraryFood]:
    """The foods of the library."""
    return asyncio.run(library_of(stack))


@pytest.fixture
async def gemini() -> AsyncIterator[FakeGemini]:
    """Gemini, as far as the worker can tell."""
    async with fake_gemini() as server:
        yield server

"""The library, once."""

import asyncio

import pytest

from dev.stack import Stack
from src.training.candidates import Candidate
from tests.support.planning import library_of


@pytest.fixture(scope="session")
def library(stack: Stack) -> list[Candidate]:
    """The exercises of the library."""
    return asyncio.run(library_of(stack))

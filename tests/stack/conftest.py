"""What tests on the local stack share."""

import logging
from collections.abc import AsyncIterator

import asyncpg
import pytest
import structlog

from dev.stack import Stack


@pytest.fixture(autouse=True)
def quiet_logs(logs_of_its_own: None) -> None:
    """The application that tests share says as little as its settings want, whatever another one configured since."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


@pytest.fixture
async def migrator(stack: Stack, anyio_backend: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection as the role that applies migrations and seeds; what a test does is undone."""
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()

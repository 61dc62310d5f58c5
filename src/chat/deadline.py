"""What a model does for one message ends at the message's deadline, a time of time.monotonic()."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from src.core.errors import UpstreamTimeout

_PieceT = TypeVar("_PieceT")


@asynccontextmanager
async def raise_at(deadline: float) -> AsyncIterator[None]:
    """Raises UpstreamTimeout when the block takes longer."""
    try:
        # The loop's clock and time.monotonic() may differ.
        async with asyncio.timeout(deadline - time.monotonic()):
            yield
    except TimeoutError as error:
        raise UpstreamTimeout from error


async def iterate_until(pieces: AsyncGenerator[_PieceT, None], deadline: float) -> AsyncGenerator[_PieceT, None]:
    """Yields the pieces. Raises UpstreamTimeout when one comes later."""
    # Around each piece, not around all: who reads them must not be cancelled for it.
    while True:
        try:
            async with raise_at(deadline):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        yield piece

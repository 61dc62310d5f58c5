"""What talks to a model: Pydantic AI. Heavy to import: `provider.py` does so at the first call.

A call has one budget of seconds for everything: attempts, pauses between them, tools, and answers that break a rule and
are asked for again. The libraries' own retries are off, and their own limit (20 minutes) is never reached.
"""

import asyncio
from collections.abc import AsyncGenerator

from src.ai.models.answers import FieldReader
from src.ai.models.connections import open_connections
from src.ai.models.families import load_chat_model
from src.ai.models.retries import RetryingCaller
from src.ai.models.turn import Turn
from src.ai.provider import Generated, OutputT, Prompt
from src.core.config import Settings
from src.core.model_endpoints import ModelEndpoint


class ModelClient:
    """Generates and streams."""

    def __init__(self, settings: Settings, endpoint: ModelEndpoint) -> None:
        self._caller = RetryingCaller(endpoint.model.family, settings.ai_budget_seconds)
        self._http = open_connections(settings)
        self._chat = load_chat_model(endpoint, settings, self._http)

    @property
    def key_refused(self) -> bool:
        """Whether our key was refused at the last call."""
        return self._caller.key_refused

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def generate(self, prompt: Prompt[OutputT]) -> Generated[OutputT]:
        """Asks the model; retries within the time limit. Raises as in Provider."""
        return await self._caller.call("generate", Turn(prompt, self._chat).take)

    async def stream(self, prompt: Prompt[OutputT], field: str) -> AsyncGenerator[str | Generated[OutputT], None]:
        """The text of `field` piece by piece as it is written, then the whole answer, once.

        An answer that broke a rule after it was streamed is asked for again, without pieces: then the whole answer
        differs from the pieces, and replaces them.
        """
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        reader = FieldReader(field, pieces.put_nowait)
        turn = Turn(prompt, self._chat, reader)

        async def run() -> Generated[OutputT]:
            try:
                return await self._caller.call("stream", turn.take, may_repeat=lambda: not reader.has_read)
            finally:
                pieces.put_nowait(None)

        # A task of its own: neither a limit nor a cancellation may strike whoever reads us, between two pieces.
        running = asyncio.create_task(run())
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
            yield await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

"""What talks to Gemini: Pydantic AI on Google's own client. Heavy to import: `provider.py` does so at the first call.

A call has one budget of seconds for everything: attempts, pauses between them, and answers that break a rule and are
asked for again. The libraries' own retries are off, and their own limit (20 minutes) is never reached.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Final

from pydantic_ai import Agent, AgentRun
from pydantic_ai.embeddings.google import GoogleEmbeddingModel
from pydantic_ai.exceptions import OutputTokenLimitExceeded
from pydantic_ai.messages import ModelResponse
from pydantic_ai.models import create_async_httpx2_client
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

from src.ai.gemini.answers import FieldReader, normalise, parse_partial
from src.ai.gemini.model import USAGE_LIMITS, agent_for, model_settings
from src.ai.gemini.retries import RetryingCaller, note_response
from src.ai.provider import DIMENSIONS, ContentBlocked, Generated, OutputT, Prompt, Purpose, TokenUsage
from src.core.config import Settings
from src.core.errors import BadUpstream

MAX_TEXTS_PER_CALL: Final = 100
"""Google embeds no more in one request."""


class GeminiClient:
    """Embeds, generates and streams."""

    def __init__(self, settings: Settings) -> None:
        if settings.gemini_api_key is None:
            raise ValueError("Without a key there is nothing to talk to.")
        self._caller = RetryingCaller(settings.ai_budget_seconds)
        self._http = create_async_httpx2_client(timeout=settings.ai_budget_seconds)
        self._http.event_hooks = {"response": [note_response]}
        google = GoogleProvider(
            api_key=settings.gemini_api_key.get_secret_value(),
            base_url=str(settings.gemini_base_url).rstrip("/") if settings.gemini_base_url else None,
            http_client=self._http,
        )
        self._chat_model = settings.chat_model
        self._model = GoogleModel(settings.chat_model, provider=google)
        self._model_settings = model_settings(self._model, settings)
        self._embedder = GoogleEmbeddingModel(settings.embedding_model, provider=google)

    @property
    def key_refused(self) -> bool:
        """Whether Google refused our key at the last call."""
        return self._caller.key_refused

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """Returns one unit vector of DIMENSIONS numbers per text, in order."""
        embeddings: list[list[float]] = []

        async def embed_the_rest() -> list[list[float]]:
            while chunk := list(texts[len(embeddings) : len(embeddings) + MAX_TEXTS_PER_CALL]):
                result = await self._embedder.embed(
                    chunk, input_type=purpose.value, settings={"dimensions": DIMENSIONS}
                )
                if len(result.embeddings) != len(chunk):
                    raise BadUpstream
                embeddings.extend(normalise(embedding) for embedding in result.embeddings)
            return embeddings

        return await self._caller.call("embed", embed_the_rest)

    async def generate(self, prompt: Prompt[OutputT]) -> Generated[OutputT]:
        """Asks the model; retries within the time limit. Raises as in Provider."""
        return await self._caller.call("generate", lambda: self._run(prompt))

    async def stream(self, prompt: Prompt[OutputT], field: str) -> AsyncGenerator[str | Generated[OutputT], None]:
        """The text of `field` piece by piece as it is written, then the whole answer, once.

        An answer that broke a rule after it was streamed is asked for again, without pieces: then the whole answer
        differs from the pieces, and replaces them.
        """
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        begun = False

        def pass_on(piece: str) -> None:
            nonlocal begun
            begun = True
            pieces.put_nowait(piece)

        async def run() -> Generated[OutputT]:
            try:
                return await self._caller.call(
                    "stream", lambda: self._run(prompt, FieldReader(field, pass_on)), may_repeat=lambda: not begun
                )
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

    async def _run(self, prompt: Prompt[OutputT], reader: FieldReader | None = None) -> Generated[OutputT]:
        agent = agent_for(prompt, self._model)
        async with agent.iter(
            prompt.user, instructions=prompt.system, model_settings=self._model_settings, usage_limits=USAGE_LIMITS
        ) as run:
            responses: list[ModelResponse] = []
            try:
                await _follow(run, reader, responses)
            except OutputTokenLimitExceeded:
                answer = parse_partial(prompt, responses[-1] if responses else None)
            else:
                if run.result is None:
                    raise BadUpstream
                answer = run.result.output
            cut_off = bool(responses) and responses[-1].finish_reason == "length"
            usage = TokenUsage(run.usage.input_tokens, run.usage.output_tokens)
        return Generated(answer, self._chat_model, usage, "length" if cut_off else "stop")


async def _follow(run: AgentRun[None, OutputT], reader: FieldReader | None, responses: list[ModelResponse]) -> None:
    """Runs the agent to its end: the first answer goes through the reader, all of them into `responses`."""
    async for node in run:
        if Agent.is_model_request_node(node) and reader and not reader.has_read:
            reader.begin()
            async with node.stream(run.ctx) as events:
                async for event in events:
                    reader.read(event)
        elif Agent.is_call_tools_node(node):
            responses.append(node.model_response)
            if node.model_response.finish_reason == "content_filter":
                raise ContentBlocked

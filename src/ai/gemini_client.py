"""What talks to Gemini: Pydantic AI on Google's own client. Heavy to import; only `gemini.py` does.

A call has one budget of seconds for everything: tries, pauses between them, and answers that break a rule and are asked
for again. The libraries' own retries are off, and their own limit (20 minutes) is never reached.
"""

import asyncio
import math
import random
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final, Protocol, TypeVar

import structlog
from google.genai.types import ThinkingLevel
from pydantic_ai import Agent, ModelRetry, NativeOutput, RunContext, UsageLimits
from pydantic_ai.embeddings.google import GoogleEmbeddingModel
from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
    OutputTokenLimitExceeded,
)
from pydantic_ai.messages import ModelResponse, PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta
from pydantic_ai.models import create_async_httpx2_client
from pydantic_ai.models.google import GoogleModel, GoogleModelSettings
from pydantic_ai.providers.google import GoogleProvider
from pydantic_core import from_json

from src.ai.provider import DIMENSIONS, ContentBlocked, Generated, OutputT, Prompt, Purpose, Rejected, Usage
from src.core.config import Settings
from src.core.errors import AppError, BadUpstream, Unavailable, UpstreamTimeout

log = structlog.get_logger()

T = TypeVar("T")

TEXTS_A_CALL: Final = 100
"""Google embeds no more in one request."""
_RETRIES: Final = 2
_MOST_OUTPUT_TOKENS: Final = 16_384
"""Thinking included. A week of meals takes about half."""
_LIMITS: Final = UsageLimits(request_limit=1 + _RETRIES)
# Enough thought to keep to rules, little enough to answer a person in seconds. Every 2.5 model takes this budget.
_THINKING_BUDGET: Final = 512
_PAUSE_SECONDS: Final = 0.4
_MEND_SECONDS: Final = 600
_QUOTA_SECONDS: Final = 3600
_LONGEST_WAIT_SECONDS: Final = 3600


class GeminiClient:
    """Embeds, generates and streams. `key_refused`: whether the last call had its key refused."""

    key_refused = False

    def __init__(self, settings: Settings) -> None:
        if settings.gemini_api_key is None:
            raise ValueError("Without a key there is nothing to talk to.")
        self._budget = settings.ai_budget_seconds
        self._http = create_async_httpx2_client(timeout=self._budget)
        self._http.event_hooks = {"response": [_note_response]}
        google = GoogleProvider(
            api_key=settings.gemini_api_key.get_secret_value(),
            base_url=str(settings.gemini_base_url).rstrip("/") if settings.gemini_base_url else None,
            http_client=self._http,
        )
        self._chat_model = settings.chat_model
        self._model = GoogleModel(settings.chat_model, provider=google)
        self._settings = _model_settings(self._model, settings)
        self._embedder = GoogleEmbeddingModel(settings.embedding_model, provider=google)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """An embedding of each text."""
        embeddings: list[list[float]] = []

        async def embed_the_rest() -> list[list[float]]:
            while chunk := list(texts[len(embeddings) : len(embeddings) + TEXTS_A_CALL]):
                result = await self._embedder.embed(
                    chunk, input_type=purpose.value, settings={"dimensions": DIMENSIONS}
                )
                if len(result.embeddings) != len(chunk):
                    raise BadUpstream
                embeddings.extend(_normalised(each) for each in result.embeddings)
            return embeddings

        return await self._call("embed", embed_the_rest)

    async def generate(self, prompt: Prompt[OutputT]) -> Generated[OutputT]:
        """The answer."""
        return await self._call("generate", lambda: self._run(prompt))

    async def stream(self, prompt: Prompt[OutputT], field: str) -> AsyncGenerator[str | Generated[OutputT], None]:
        """The text of `field` piece by piece as it is written, then the whole answer, once.

        An answer that broke a rule after it was streamed is asked for again, without pieces: then the whole answer
        differs from the pieces, and replaces them.
        """
        pieces: asyncio.Queue[str | None] = asyncio.Queue()
        begun = False

        def write(piece: str) -> None:
            nonlocal begun
            begun = True
            pieces.put_nowait(piece)

        async def run() -> Generated[OutputT]:
            try:
                return await self._call(
                    "stream", lambda: self._run(prompt, _FieldReader(field, write)), may_repeat=lambda: not begun
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

    async def _run(self, prompt: Prompt[OutputT], reader: "_FieldReader | None" = None) -> Generated[OutputT]:
        agent = Agent(self._model, output_type=NativeOutput(prompt.output), retries={"output": _RETRIES})

        @agent.output_validator
        def validate(_: RunContext[object], value: OutputT) -> OutputT:
            try:
                if prompt.check:
                    prompt.check(value)
            except Rejected as why:
                raise ModelRetry(str(why)) from why
            return value

        response: ModelResponse | None = None
        async with agent.iter(
            prompt.user, instructions=prompt.system, model_settings=self._settings, usage_limits=_LIMITS
        ) as run:
            try:
                async for node in run:
                    if Agent.is_model_request_node(node) and reader and not reader.has_given:
                        reader.begin()
                        async with node.stream(run.ctx) as events:
                            async for event in events:
                                reader.read(event)
                    elif Agent.is_call_tools_node(node):
                        response = node.model_response
                        if response.finish_reason == "content_filter":
                            raise ContentBlocked
            except OutputTokenLimitExceeded:
                value = _partial(prompt, response)
            else:
                if run.result is None:
                    raise BadUpstream
                value = run.result.output
            cut_off = response is not None and response.finish_reason == "length"
            usage = Usage(run.usage.input_tokens, run.usage.output_tokens)
        return Generated(value, self._chat_model, usage, "length" if cut_off else "stop")

    async def _call(
        self, kind: str, call: Callable[[], Awaitable[T]], *, may_repeat: Callable[[], bool] = lambda: True
    ) -> T:
        """What `call` answers within the budget; it may be made three times. Raises only our own errors."""
        clock = asyncio.get_running_loop().time
        began, tries = clock(), 0
        try:
            async with _no_response_left_open(), asyncio.timeout(self._budget):
                while True:
                    tries += 1
                    try:
                        answer = await call()
                    except AgentRunError as error:
                        pause = _pause_after(error, tries) if tries <= _RETRIES and may_repeat() else None
                        if pause is None or clock() + pause >= began + self._budget:
                            raise self._named(kind, error, tries) from error
                        await asyncio.sleep(pause)
                    except AppError as error:
                        log.warning("ai_failed", call=kind, error=type(error).__name__, tries=tries)
                        raise
                    except Exception as error:
                        raise _crashed(kind, error, tries) from error
                    else:
                        self.key_refused = False
                        return answer
        except TimeoutError as error:
            log.warning("ai_failed", call=kind, error="budget", tries=tries)
            raise UpstreamTimeout("The companion did not answer in time; try again.") from error

    def _named(self, kind: str, error: AgentRunError, tries: int) -> AppError:
        # Never the message: it may quote what was asked or answered.
        facts: dict[str, object] = {"error": type(error).__name__}
        if isinstance(error, ModelAPIError):
            facts |= {"status": getattr(error, "status_code", None), "code": error.provider_error_code}
        if isinstance(error, ModelAuthenticationError):
            if not self.key_refused:
                log.error("ai_key_refused", help="Google refuses GEMINI_API_KEY: nobody gets an answer", **facts)
            self.key_refused = True
        else:
            log.warning("ai_failed", call=kind, tries=tries, **facts)
        return _app_error(error)


class _Response(Protocol):
    async def aclose(self) -> None: ...


_responses: ContextVar[list[_Response]] = ContextVar("responses")


async def _note_response(response: _Response) -> None:
    _responses.get().append(response)


@asynccontextmanager
async def _no_response_left_open() -> AsyncIterator[None]:
    """Closes what a cancelled call leaves open. Google's client closes a stream in a generator that only the garbage
    collector closes when nobody reads on: until then Google would go on writing, and we would pay."""
    responses: list[_Response] = []
    token = _responses.set(responses)
    try:
        yield
    finally:
        _responses.reset(token)
        for response in responses:
            await response.aclose()


class _FieldReader:
    """Reads the text of one field out of JSON that is still being written, and gives each new piece of it."""

    def __init__(self, field: str, give: Callable[[str], None]) -> None:
        self._field = field
        self._give = give
        self._given = 0
        self._json = ""

    @property
    def has_given(self) -> bool:
        return self._given > 0

    def begin(self) -> None:
        """An answer begins."""
        self._json = ""

    def read(self, event: object) -> None:
        """An event of the answer's stream."""
        match event:
            case PartStartEvent(part=TextPart(content=content)):
                self._json += content
            case PartDeltaEvent(delta=TextPartDelta(content_delta=content)):
                self._json += content
            case _:
                return
        try:
            document = from_json(self._json, allow_partial="trailing-strings")
        except ValueError:
            return
        text = document.get(self._field) if isinstance(document, dict) else None
        if isinstance(text, str) and len(text) > self._given:
            self._give(text[self._given :])
            self._given = len(text)


def _model_settings(model: GoogleModel, settings: Settings) -> GoogleModelSettings:
    """What goes into generationConfig. Gemini 3 and later: a thinking level, and no sampling parameters."""
    common = GoogleModelSettings(
        max_tokens=_MOST_OUTPUT_TOKENS,
        max_retries=0,
        first_event_timeout=settings.ai_first_event_seconds,
        # Google stops working for us when we stop waiting.
        extra_headers={"X-Server-Timeout": str(math.ceil(settings.ai_budget_seconds))},
    )
    if not model.profile.get("supports_thinking", False):
        return GoogleModelSettings(**common, temperature=0.7)
    if model.profile.get("google_supports_thinking_level", True):
        return GoogleModelSettings(**common, google_thinking_config={"thinking_level": ThinkingLevel.LOW})
    return GoogleModelSettings(**common, temperature=0.7, google_thinking_config={"thinking_budget": _THINKING_BUDGET})


def _partial(prompt: Prompt[OutputT], response: ModelResponse | None) -> OutputT:
    """What a cut-off answer says as far as it goes. Raises BadUpstream when that is no answer."""
    text = (response.text if response else None) or ""
    try:
        value = prompt.output.model_validate(from_json(text, allow_partial="trailing-strings"))
        if prompt.check:
            prompt.check(value)
    except (ValueError, Rejected) as error:
        raise BadUpstream("The companion's answer was cut off.") from error
    return value


def _normalised(embedding: Sequence[float]) -> list[float]:
    """With length 1: Google does that only to its largest."""
    length = math.sqrt(math.fsum(value * value for value in embedding))
    if len(embedding) != DIMENSIONS or not math.isfinite(length) or length == 0:
        raise BadUpstream
    return [value / length for value in embedding]


def _pause_after(error: AgentRunError, tries: int) -> float | None:
    """How long to wait before the same is asked again; None when that is no use."""
    if isinstance(error, ModelTimeoutError | ModelQuotaExceededError):
        return None
    if isinstance(error, ModelRateLimitError | ModelUnavailableError | ModelServerError | ModelConnectionError):
        spread = random.uniform(0.5, 1.0)  # noqa: S311  # spreads the load, guards nothing
        return error.retry_after if error.retry_after is not None else _PAUSE_SECONDS * 2 ** (tries - 1) * spread
    return None


def _app_error(error: AgentRunError) -> AppError:
    match error:
        case ContentFilterError():
            return ContentBlocked()
        case ModelRequestTimeout() | ModelTimeoutError():
            return UpstreamTimeout("The companion did not answer in time; try again.")
        case ModelAuthenticationError():
            return Unavailable("The companion cannot answer right now.", retry_after=_MEND_SECONDS)
        case ModelQuotaExceededError():
            return Unavailable("The companion has answered all it may today.", retry_after=_QUOTA_SECONDS)
        case ModelRateLimitError() | ModelUnavailableError() | ModelServerError() | ModelConnectionError():
            return Unavailable("The companion is busy; try again shortly.", retry_after=_retry_after(error))
        case _:
            return BadUpstream("The companion gave an answer we could not use.")


def _crashed(kind: str, error: Exception, tries: int) -> AppError:
    """For what the libraries let through where an answer is rubbish: errors of types, of JSON, of compression."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.filename}:{last.lineno}"
    log.error("ai_crashed", call=kind, error=type(error).__name__, where=where, tries=tries)
    return BadUpstream("The companion gave an answer we could not use.")


def _retry_after(error: ModelAPIError) -> int:
    return max(2, min(math.ceil(error.retry_after or 0), _LONGEST_WAIT_SECONDS))

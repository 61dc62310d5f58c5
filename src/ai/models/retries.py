"""Calls of a model within one budget of seconds, made again where that can help, with our own errors."""

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final, Protocol, TypeVar

import structlog
from pydantic_ai.exceptions import AgentRunError, ModelAuthenticationError

from src.ai.models.errors import NOT_IN_TIME, UNUSABLE_ANSWER, loggable_facts, pause_before_retry, translate_model_error
from src.core.errors import AppError, BadUpstream, UpstreamTimeout

log = structlog.get_logger()

MAX_RETRIES: Final = 2
_ResultT = TypeVar("_ResultT")


class RetryingCaller:
    """Makes calls to a server, which the log names. `key_refused`: whether the last call had our key refused."""

    key_refused = False

    def __init__(self, server: str, budget_seconds: float) -> None:
        self._server = server
        self._budget = budget_seconds

    async def call(
        self,
        kind: str,
        make_call: Callable[[], Awaitable[_ResultT]],
        *,
        may_repeat: Callable[[], bool] = lambda: True,
    ) -> _ResultT:
        """The result of `make_call`, which is awaited three times at most. Raises only an AppError.

        `kind` names the call in the log; `may_repeat` is asked before each repetition.
        """
        attempts = _Attempts(kind, time.monotonic() + self._budget)
        try:
            async with _closing_responses(), asyncio.timeout(self._budget):
                return await self._repeat(attempts, make_call, may_repeat)
        except TimeoutError as error:
            attempts.warn(error="budget")
            raise UpstreamTimeout(NOT_IN_TIME) from error

    async def _repeat(
        self, attempts: "_Attempts", make_call: Callable[[], Awaitable[_ResultT]], may_repeat: Callable[[], bool]
    ) -> _ResultT:
        while True:
            attempts.number += 1
            try:
                result = await make_call()
            except AgentRunError as error:
                pause = attempts.pause_after(error) if may_repeat() else None
                if pause is None:
                    raise self._failed(attempts, error) from error
                await asyncio.sleep(pause)
            except AppError as error:
                attempts.warn(error=type(error).__name__)
                raise
            except Exception as error:
                # The libraries let errors of types, of JSON and of compression through where an answer is rubbish.
                attempts.log_crash(error)
                raise BadUpstream(UNUSABLE_ANSWER) from error
            else:
                self.key_refused = False
                return result

    def _failed(self, attempts: "_Attempts", error: AgentRunError) -> AppError:
        facts = loggable_facts(error)
        if isinstance(error, ModelAuthenticationError):
            if not self.key_refused:
                log.error("ai_key_refused", help=f"{self._server} refuses our key: nobody gets an answer", **facts)
            self.key_refused = True
        else:
            attempts.warn(**facts)
        return translate_model_error(error)


class _Attempts:
    """How often a call has been made, and until when it may be made again."""

    def __init__(self, kind: str, deadline: float) -> None:
        self.kind = kind
        self.number = 0
        self._deadline = deadline

    def pause_after(self, error: AgentRunError) -> float | None:
        """Seconds to wait before the next attempt; None when there is none."""
        if self.number > MAX_RETRIES:
            return None
        pause = pause_before_retry(error, self.number)
        return None if pause is None or time.monotonic() + pause >= self._deadline else pause

    def warn(self, **facts: object) -> None:
        log.warning("ai_failed", call=self.kind, tries=self.number, **facts)

    def log_crash(self, error: Exception) -> None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.filename}:{last.lineno}"
        log.error("ai_crashed", call=self.kind, error=type(error).__name__, where=where, tries=self.number)


class _Response(Protocol):
    async def aclose(self) -> None: ...


_open_responses: ContextVar[list[_Response]] = ContextVar("open_responses")


async def note_response(response: _Response) -> None:
    """Remembers a response of the running call, which closes it at its end. A hook of the HTTP client."""
    _open_responses.get().append(response)


@asynccontextmanager
async def _closing_responses() -> AsyncIterator[None]:
    """Closes what a cancelled call leaves open. Google's client closes a stream in a generator that only the garbage
    collector closes when nobody reads on: until then Google would go on writing, and we would pay."""
    responses: list[_Response] = []
    token = _open_responses.set(responses)
    try:
        yield
    finally:
        _open_responses.reset(token)
        for response in responses:
            await response.aclose()

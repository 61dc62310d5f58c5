"""One turn of a conversation: keep what was said, recall, ask a model, keep what it answered.

begin ─▶ (a red flag: a fixed answer) ─▶ recall ─▶ model ─▶ finish
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import anyio

from src.ai.provider import AiDep, Generated, Prompt, Purpose, Usage
from src.chat.actions import action_of
from src.chat.context import Context
from src.chat.offline import compose
from src.chat.prompt import prompt_text, system_text
from src.chat.reply import NewMemory, Reply
from src.chat.repository import ChatRepo
from src.chat.safety import MODEL as SAFETY
from src.chat.safety import careful_answer
from src.chat.schemas import ChatAnswer, ChatSend, Evidence
from src.core.di import ShutdownDep, TraceDep, injected
from src.core.errors import AppError, Conflict, UpstreamTimeout
from src.core.gateway import Row
from src.core.schema import clean
from src.memories.repository import Embedded

RECALLED = 8
ANSWER_WITHIN_SECONDS = 45.0
# All that models do for one message. After a minute another request may answer it, and ask them again.
TURN_WITHIN_SECONDS = 50.0
_LOOK_EVERY_SECONDS = 0.5
_RELEASE_WITHIN_SECONDS = 3.0
_PieceT = TypeVar("_PieceT")


@dataclass(frozen=True)
class Turn:
    """A message that this request is to answer."""

    message_id: str
    context: Context
    prompt: Prompt[Reply]
    started: float
    deadline: float
    careful: Reply | None

    def evidence(self) -> list[Evidence]:
        """What is put before the model."""
        if self.careful is not None:
            return []
        return [Evidence(kind=one.kind, id=one.id, text=one.text) for one in self.context.sources().values()]


class ChatService:
    """Answers messages, each once."""

    def __init__(self, chat: ChatRepo, provider: AiDep, shutdown: ShutdownDep, trace: TraceDep) -> None:
        self._chat = chat
        self._provider = provider
        self._shutdown = shutdown
        self._trace = trace

    async def begin(self, said: ChatSend) -> Turn | ChatAnswer:
        """The turn to answer, or the answer that it has already. While another request answers, waits for that one."""
        careful = careful_answer(said.message)
        waited_until = time.monotonic() + ANSWER_WITHIN_SECONDS
        while True:
            deadline = time.monotonic() + TURN_WITHIN_SECONDS
            state = await self._chat.begin(said.client_id, said.message, is_urgent=careful is not None)
            if state["state"] == "answered":
                return ChatAnswer.of(state["answer"])
            if state["state"] == "yours":
                return await self._turn(state, careful, deadline)
            if time.monotonic() > waited_until or await self._shutdown.within(_LOOK_EVERY_SECONDS):
                raise Conflict("This message is being answered; ask again in a moment.")

    async def answer(self, turn: Turn) -> ChatAnswer:
        """The whole answer. Raises what the provider raises; the message is kept then, and may be sent again."""
        try:
            async with _until(turn.deadline):
                with self._trace.span("ai"):
                    generated = _fixed(turn.careful) if turn.careful else await self._provider.generate(turn.prompt)
            return await self._finish(turn, generated)
        except BaseException:
            await self._release(turn)
            raise

    async def stream(self, turn: Turn) -> AsyncGenerator[str | ChatAnswer, None]:
        """The reply's text in pieces, then the whole answer. Raises like answer(), also when the client has gone."""
        try:
            generated = None
            with self._trace.span("ai"):
                if turn.careful is not None:
                    yield turn.careful.reply
                    generated = _fixed(turn.careful)
                else:
                    async with aclosing(self._provider.stream(turn.prompt, "reply")) as pieces:
                        async for piece in _in_time(pieces, turn.deadline):
                            if isinstance(piece, str):
                                yield piece
                            else:
                                generated = piece
            assert generated is not None  # noqa: S101  # what a provider promises
            yield await self._finish(turn, generated)
        except BaseException:
            await self._release(turn)
            raise

    async def _turn(self, state: Row, careful: Reply | None, deadline: float) -> Turn:
        started = time.monotonic()
        try:
            async with _until(deadline):
                memories = await self._recall(state) if careful is None else []
        except BaseException:
            await self._release_id(state["message_id"])
            raise
        context = Context(state["message"], state["context"], memories)
        prompt = Prompt(
            system=system_text(context.state["affinity"]["score"]),
            user=prompt_text(context),
            output=Reply,
            rule_based=lambda: compose(context),
        )
        return Turn(state["message_id"], context, prompt, started, deadline, careful)

    async def _recall(self, state: Row) -> list[Row]:
        if not state["context"]["memory_enabled"]:
            return []
        with self._trace.span("ai"):
            (embedding,) = await self._provider.embed([state["message"]], Purpose.QUERY)
        wanted = Embedded(state["message"], embedding, self._provider.embedding_model)
        return await self._chat.recall(wanted, RECALLED)

    async def _finish(self, turn: Turn, generated: Generated[Reply]) -> ChatAnswer:
        reply, sources = generated.value, turn.context.sources()
        used = [sources[ref] for ref in dict.fromkeys(reply.used) if ref in sources]
        async with _until(turn.deadline):
            memories = await self._learned(turn.context, reply)
        payload = {
            "message_id": turn.message_id,
            "reply": clean(reply.reply) or "…",
            "mood": reply.mood,
            "actions": [action for offered in reply.actions if (action := action_of(offered, turn.context))],
            "model": generated.model,
            "finish": generated.finish,
            "input_tokens": generated.usage.input_tokens,
            "output_tokens": generated.usage.output_tokens,
            "latency_ms": int((time.monotonic() - turn.started) * 1000),
            "evidence": [{"kind": source.kind, "id": str(source.id)} for source in used],
            "memories": memories,
        }
        return ChatAnswer.of(await self._chat.finish(payload))

    async def _learned(self, context: Context, reply: Reply) -> list[dict[str, Any]]:
        """What to remember, each with its embedding. Only what the person's own words say: the quote must be there."""
        if not context.state["memory_enabled"]:
            return []
        cleaned = [memory for given in reply.memories if (memory := _clean(given)).content]
        found = [(memory, quote) for memory in cleaned if (quote := _quoted(memory.quote, context.message))]
        if not found:
            return []
        with self._trace.span("ai"):
            embeddings = await self._provider.embed([memory.content for memory, _ in found], Purpose.DOCUMENT)
        return [
            self._kept(context, memory, quote, embedding)
            for (memory, quote), embedding in zip(found, embeddings, strict=True)
        ]

    def _kept(self, context: Context, memory: NewMemory, quote: str, embedding: list[float]) -> dict[str, Any]:
        said = Embedded(memory.content, embedding, self._provider.embedding_model)
        replaced = context.sources().get(memory.replaces or "")
        return {
            "kind": memory.kind,
            "content": memory.content,
            "quote": quote,
            "salience": memory.salience,
            "embedding": said.literal,
            "embedding_model": said.model,
            "replaces": str(replaced.id) if replaced is not None and replaced.ref.startswith("m") else None,
        }

    async def _release(self, turn: Turn) -> None:
        await self._release_id(turn.message_id)

    async def _release_id(self, message_id: str) -> None:
        # Shielded: the client may have gone, and the next one should not have to wait a minute for it.
        with anyio.move_on_after(_RELEASE_WITHIN_SECONDS, shield=True):
            try:
                await self._chat.release(message_id)
            except AppError:
                return  # it ends by itself


ChatServiceDep = Annotated[ChatService, injected(ChatService)]


@asynccontextmanager
async def _until(deadline: float) -> AsyncIterator[None]:
    """Raises UpstreamTimeout when what is within takes longer."""
    try:
        # The loop's clock and time.monotonic() may differ.
        async with asyncio.timeout(deadline - time.monotonic()):
            yield
    except TimeoutError as error:
        raise UpstreamTimeout from error


async def _in_time(pieces: AsyncGenerator[_PieceT, None], deadline: float) -> AsyncGenerator[_PieceT, None]:
    # Around each piece, not around all: who reads them must not be cancelled for it.
    while True:
        try:
            async with _until(deadline):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        yield piece


def _fixed(reply: Reply) -> Generated[Reply]:
    return Generated(reply, SAFETY, Usage(0, 0))


def _quoted(quote: str, message: str) -> str | None:
    """The part of the message that the quote is of, as it stands there; None when it is of no part."""
    found = re.search(re.escape(quote.strip()), message, re.IGNORECASE)
    return (found and found[0].strip()) or None


def _clean(memory: NewMemory) -> NewMemory:
    """Without what the database takes for nothing."""
    return memory.model_copy(update={"content": clean(memory.content)})

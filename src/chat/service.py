"""One turn of a conversation: keep what was said, recall, ask a model, keep what it answered.

begin ─▶ (a red flag: a fixed answer) ─▶ recall ─▶ model ─▶ finish
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import anyio

from src.ai.provider import AiDep, Generated, Prompt, Purpose, TokenUsage
from src.chat.actions import resolve_action
from src.chat.context import Context
from src.chat.deadline import iterate_until, raise_at
from src.chat.new_memories import memories_to_keep
from src.chat.prompt import prompt_text, system_text
from src.chat.reply import Reply
from src.chat.repository import ChatRepo
from src.chat.rule_based.replies import compose_reply
from src.chat.safety import MODEL as SAFETY
from src.chat.safety import safety_response
from src.chat.schemas import ChatAnswer, ChatSend, Evidence
from src.chat.state import Answered, ToAnswer
from src.core.di import ShutdownDep, TraceDep, injected
from src.core.errors import AppError, Conflict
from src.core.schema import clean
from src.memories.repository import EmbeddedText, MemoryRepo
from src.memories.schemas import MatchedMemory
from src.memories.stated_period import stated_period

MAX_RECALLED = 8
WAIT_FOR_ANSWER_SECONDS = 45.0
# All that models do for one message. After a minute another request may answer it, and ask them again.
TURN_SECONDS = 50.0
_POLL_SECONDS = 0.5
_RELEASE_SECONDS = 3.0


@dataclass(frozen=True)
class Turn:
    """A message that this request is to answer. `safety` is the fixed answer to one with a red flag."""

    message_id: UUID
    context: Context
    prompt: Prompt[Reply]
    started: float
    deadline: float
    safety: Reply | None

    def evidence(self) -> list[Evidence]:
        """What is put before the model."""
        if self.safety is not None:
            return []
        sources = self.context.sources().values()
        return [Evidence(kind=source.kind, id=source.id, text=source.text) for source in sources]


class ChatService:
    """Answers messages, each once."""

    def __init__(
        self, chat: ChatRepo, memories: MemoryRepo, provider: AiDep, shutdown: ShutdownDep, trace: TraceDep
    ) -> None:
        self._chat = chat
        self._memories = memories
        self._provider = provider
        self._shutdown = shutdown
        self._trace = trace

    async def begin(self, said: ChatSend) -> Turn | ChatAnswer:
        """The turn to answer, or the answer that it has already. While another request answers, waits for that one."""
        safety = safety_response(said.message)
        wait_until = time.monotonic() + WAIT_FOR_ANSWER_SECONDS
        while True:
            deadline = time.monotonic() + TURN_SECONDS
            state = await self._chat.begin(said.client_id, said.message)
            match state:
                case Answered():
                    return ChatAnswer.from_document(state.answer)
                case ToAnswer():
                    return await self._turn(state, safety, deadline)
            if time.monotonic() > wait_until or await self._shutdown.wait(_POLL_SECONDS):
                raise Conflict("This message is being answered; ask again in a moment.")

    async def answer(self, turn: Turn) -> ChatAnswer:
        """The whole answer. Raises what the provider raises; the message is kept then, and may be sent again."""
        try:
            async with raise_at(turn.deadline):
                with self._trace.span("ai"):
                    generated = _fixed(turn.safety) if turn.safety else await self._provider.generate(turn.prompt)
            return await self._finish(turn, generated)
        except BaseException:
            await self._release(turn.message_id)
            raise

    async def stream(self, turn: Turn) -> AsyncGenerator[str | ChatAnswer, None]:
        """The reply's text in pieces, then the whole answer. Raises like answer(), also when the client has gone."""
        try:
            generated = None
            with self._trace.span("ai"):
                if turn.safety is not None:
                    yield turn.safety.reply
                    generated = _fixed(turn.safety)
                else:
                    async with aclosing(self._provider.stream(turn.prompt, "reply")) as pieces:
                        async for piece in iterate_until(pieces, turn.deadline):
                            if isinstance(piece, str):
                                yield piece
                            else:
                                generated = piece
            assert generated is not None  # noqa: S101  # what a provider promises
            yield await self._finish(turn, generated)
        except BaseException:
            await self._release(turn.message_id)
            raise

    async def _turn(self, state: ToAnswer, safety: Reply | None, deadline: float) -> Turn:
        started = time.monotonic()
        try:
            async with raise_at(deadline):
                memories = await self._recall(state) if safety is None else []
        except BaseException:
            await self._release(state.message_id)
            raise
        context = Context(state.message, state.context, memories)
        prompt = Prompt(
            system=system_text(state.context.affinity.score),
            user=prompt_text(context),
            output=Reply,
            rule_based=lambda: compose_reply(context),
        )
        return Turn(state.message_id, context, prompt, started, deadline, safety)

    async def _recall(self, state: ToAnswer) -> list[MatchedMemory]:
        if not state.context.memory_enabled:
            return []
        with self._trace.span("ai"):
            [embedding] = await self._provider.embed([state.message], Purpose.QUERY)
        query_text = EmbeddedText(state.message, embedding, self._provider.embedding_model)
        stated = stated_period(state.message, state.context.profile.timezone, state.context.now.date())
        return await self._memories.match(query_text, MAX_RECALLED, stated)

    async def _finish(self, turn: Turn, generated: Generated[Reply]) -> ChatAnswer:
        reply, sources = generated.value, turn.context.sources()
        used = [sources[ref] for ref in dict.fromkeys(reply.used) if ref in sources]
        async with raise_at(turn.deadline):
            memories = await memories_to_keep(reply.memories, turn.context, self._provider, self._trace)
        payload = {
            "message_id": str(turn.message_id),
            "reply": clean(reply.reply) or "…",
            "mood": reply.mood,
            "actions": [action for offered in reply.actions if (action := resolve_action(offered, turn.context))],
            "model": generated.model,
            "finish": generated.finish,
            "input_tokens": generated.usage.input_tokens,
            "output_tokens": generated.usage.output_tokens,
            "latency_ms": int((time.monotonic() - turn.started) * 1000),
            "evidence": [{"kind": source.kind, "id": str(source.id)} for source in used],
            "memories": memories,
        }
        return await self._chat.finish(payload)

    async def _release(self, message_id: UUID) -> None:
        # Shielded: the client may have gone, and the next one should not have to wait a minute for it.
        with anyio.move_on_after(_RELEASE_SECONDS, shield=True):
            try:
                await self._chat.release(message_id)
            except AppError:
                return  # it ends by itself


ChatServiceDep = Annotated[ChatService, injected(ChatService)]


def _fixed(reply: Reply) -> Generated[Reply]:
    return Generated(reply, SAFETY, TokenUsage(0, 0))

"""One turn of a conversation: keep what was said, recall, ask a model, keep what it answered.

begin ─▶ (a red flag: a fixed answer) ─▶ recall ─▶ a model with tools, or rules with the same tools ─▶ finish
"""

import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

import anyio

from src.ai.provider import AiDep, Purpose
from src.ai.sentence_encoder import SentenceEncoder
from src.chat.by_model import ModelTurn
from src.chat.composed import Composed
from src.chat.context import Context
from src.chat.deadline import iterate_until, raise_at
from src.chat.new_memories import memories_to_keep
from src.chat.repository import ChatRepo
from src.chat.rule_based.companion import respond
from src.chat.safety.alarm import Alarm
from src.chat.safety.assess import assess
from src.chat.safety.care import Care, care_for
from src.chat.schemas import ChatAnswer, ChatSend, Evidence
from src.chat.state import Answered, CompanionState, ToAnswer
from src.chat.tools.toolbox import Toolbox, ToolSourcesDep
from src.core.di import ShutdownDep, TraceDep, injected
from src.core.errors import AppError, Conflict
from src.core.schema import clean
from src.language.language import Language, detect_language
from src.memories.learning.hearing import hear
from src.memories.learning.statements import Statement
from src.memories.repository import EmbeddedText, MemoryRepo
from src.memories.schemas import MatchedMemory
from src.memories.stated_period import stated_period
from src.vocabulary import ChatRole

MAX_RECALLED = 8
MAX_VALUE = 200
WAIT_FOR_ANSWER_SECONDS = 45.0
# All that models do for one message. After a minute another request may answer it, and ask them again.
TURN_SECONDS = 50.0
# Who wrote a fixed answer.
SAFETY = "safety"
# Safety compares with sentences of this encoder, whatever embeds memories.
_ENCODER = SentenceEncoder()
_POLL_SECONDS = 0.5
_RELEASE_SECONDS = 3.0


@dataclass(frozen=True)
class Turn:
    """A message that this request is to answer. `safety` is the fixed answer to one that needs care."""

    message_id: UUID
    context: Context
    toolbox: Toolbox
    started: float
    deadline: float
    safety: Care | None

    def evidence(self) -> list[Evidence]:
        """What is put before the model."""
        if self.safety is not None:
            return []
        sources = self.context.sources().values()
        return [Evidence(kind=source.kind, id=source.id, text=source.text) for source in sources]


class ChatService:
    """Answers messages, each once."""

    def __init__(
        self,
        *,
        chat: ChatRepo,
        memories: MemoryRepo,
        provider: AiDep,
        tools: ToolSourcesDep,
        shutdown: ShutdownDep,
        trace: TraceDep,
    ) -> None:
        self._chat = chat
        self._memories = memories
        self._provider = provider
        self._tools = tools
        self._shutdown = shutdown
        self._trace = trace

    async def begin(self, said: ChatSend) -> Turn | ChatAnswer:
        """The turn to answer, or the answer that it has already. While another request answers, waits for that one."""
        language = detect_language(said.message)
        alarm = await assess(said.message, language, _ENCODER.embed)
        wait_until = time.monotonic() + WAIT_FOR_ANSWER_SECONDS
        while True:
            deadline = time.monotonic() + TURN_SECONDS
            state = await self._chat.begin(said.client_id, said.message, language, is_urgent=alarm is not None)
            match state:
                case Answered():
                    return ChatAnswer.from_document(state.answer)
                case ToAnswer():
                    return await self._turn(state, alarm, deadline)
            if time.monotonic() > wait_until or await self._shutdown.wait(_POLL_SECONDS):
                raise Conflict("This message is being answered; ask again in a moment.")

    async def answer(self, turn: Turn) -> ChatAnswer:
        """The whole answer. Raises what the provider raises; the message is kept then, and may be sent again."""
        try:
            async with raise_at(turn.deadline):
                with self._trace.span("ai"):
                    composed = await self._compose(turn)
            return await self._finish(turn, composed)
        except BaseException:
            await self._release(turn.message_id)
            raise

    async def stream(self, turn: Turn) -> AsyncGenerator[str | ChatAnswer, None]:
        """The reply's text in pieces, then the whole answer. Raises like answer(), also when the client has gone."""
        try:
            composed = None
            with self._trace.span("ai"):
                async with aclosing(self._pieces(turn)) as pieces:
                    async for piece in iterate_until(pieces, turn.deadline):
                        if isinstance(piece, str):
                            yield piece
                        else:
                            composed = piece
            assert composed is not None  # noqa: S101  # what _pieces promises
            yield await self._finish(turn, composed)
        except BaseException:
            await self._release(turn.message_id)
            raise

    async def _compose(self, turn: Turn) -> Composed:
        if turn.safety is not None:
            return replace(_fixed(turn.safety), statements=_heard(turn))
        if not self._provider.uses_model:
            return await respond(turn.context, turn.toolbox)
        model = ModelTurn(turn.context, turn.toolbox)
        return model.compose(await self._provider.generate(model.prompt()))

    async def _pieces(self, turn: Turn) -> AsyncGenerator[str | Composed, None]:
        """The text in pieces, then what was composed. Where a model had to be corrected it replaces the pieces."""
        if turn.safety is None and self._provider.uses_model:
            model = ModelTurn(turn.context, turn.toolbox)
            async with aclosing(self._provider.stream(model.prompt(), "reply")) as pieces:
                async for piece in pieces:
                    yield piece if isinstance(piece, str) else model.compose(piece)
            return
        composed = await self._compose(turn)
        for word in re.findall(r"\s*\S+\s*", composed.text):
            yield word
        yield composed

    async def _turn(self, state: ToAnswer, alarm: Alarm | None, deadline: float) -> Turn:
        started = time.monotonic()
        language, zone = _language(state.message, state.context), state.context.profile.timezone
        safety = care_for(state.message, alarm, state.context.concern, language, zone)
        try:
            async with raise_at(deadline):
                memories = await self._recall(state) if safety is None else []
        except BaseException:
            await self._release(state.message_id)
            raise
        context = Context(state.message, state.context, memories)
        toolbox = self._tools.open(state.context, language)
        return Turn(state.message_id, context, toolbox, started, deadline, safety)

    async def _recall(self, state: ToAnswer) -> list[MatchedMemory]:
        if not state.context.memory_enabled:
            return []
        with self._trace.span("ai"):
            [embedding] = await self._provider.embed([state.message], Purpose.QUERY)
        query_text = EmbeddedText(state.message, embedding, self._provider.embedding_model)
        stated = stated_period(state.message, state.context.profile.timezone, state.context.now.date())
        return await self._memories.match(query_text, MAX_RECALLED, stated)

    async def _finish(self, turn: Turn, composed: Composed) -> ChatAnswer:
        async with raise_at(turn.deadline):
            memories = await memories_to_keep(composed.statements, turn.context, self._provider, self._trace)
        payload = {
            "message_id": str(turn.message_id),
            "reply": clean(composed.text) or "…",
            "mood": composed.mood,
            "actions": [action.model_dump(mode="json", exclude_none=True) for action in composed.actions],
            "model": composed.model,
            "finish": composed.finish,
            "input_tokens": composed.usage.input_tokens,
            "output_tokens": composed.usage.output_tokens,
            "latency_ms": int((time.monotonic() - turn.started) * 1000),
            "evidence": [
                {"kind": receipt.kind, "id": str(receipt.id), "value": clean(receipt.value)[:MAX_VALUE] or None}
                for receipt in composed.evidence
            ],
            "memories": memories,
            "concern": turn.safety and turn.safety.concern,
            "concern_step": turn.safety and turn.safety.step,
            # A fixed answer without a concern is the thanks for saying so.
            "is_fine": turn.safety is not None and turn.safety.concern is None,
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


def _fixed(care: Care) -> Composed:
    return Composed(care.text, care.mood, model=SAFETY)


def _heard(turn: Turn) -> tuple[Statement, ...]:
    """What a message with a red flag says of the person: an allergy is kept, whatever else has to be said first."""
    heard = hear(turn.context.message, turn.context.memories, turn.toolbox.language, today=turn.toolbox.today)
    return heard.statements


def _language(message: str, state: CompanionState) -> Language:
    """The language of a message; that of the person's last one where it is too short to tell."""
    earlier = [said.message for said in state.conversation if said.role is ChatRole.USER]
    return detect_language(message, detect_language(earlier[-1]) if earlier else Language.EN)

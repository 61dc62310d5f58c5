"""Talking with the companion."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from src.ai.provider import AiDep, ContentBlocked
from src.chat.repository import ChatRepo
from src.chat.schemas import (
    Chat,
    ChatAnswer,
    ChatMessagePage,
    ChatMessageQuery,
    ChatSend,
    Delta,
    EvidenceFound,
    MessageEvidence,
)
from src.chat.service import ChatServiceDep, Turn
from src.core.cursor import next_cursor
from src.core.errors import (
    AppError,
    BadUpstream,
    Conflict,
    Forbidden,
    NotFound,
    TooManyRequests,
)
from src.core.events import event_stream
from src.core.limits import STREAMS, limited_as
from src.core.problems import problem_document, problems
from src.core.route import api_router

router = api_router("/api/v1/chat", tags=["chat"])

EVENTS = event_stream(
    "Server-sent events: `evidence` with what the reply may rest on, `delta` with each piece of its text, and "
    "`message` with the whole answer, or `error` with a problem document.",
    "evidence",
    "delta",
    "message",
    "error",
)
_REFUSALS = problems(Forbidden, Conflict, TooManyRequests)


async def _turn(said: ChatSend, chat: ChatServiceDep) -> Turn | ChatAnswer:
    return await chat.begin(said)


# Begun before the answer begins: a stream that has begun cannot become a problem document.
TurnOfRequest = Annotated[Turn | ChatAnswer, Depends(_turn)]


@router.get("", operation_id="getChat")
async def get_chat(chat: ChatRepo, provider: AiDep) -> Chat:
    """Who answers, and how much is left of the day."""
    return Chat(ai=provider.name, limits=await chat.limits())


@router.post("", operation_id="sendMessage", responses=_REFUSALS | problems(ContentBlocked))
async def send_message(turn: TurnOfRequest, chat: ChatServiceDep) -> ChatAnswer:
    """Says something, and gets the reply: once for each client_id, however often it is sent. 200 a UTC day."""
    return turn if isinstance(turn, ChatAnswer) else await chat.answer(turn)


@router.post(
    "/stream",
    operation_id="streamMessage",
    openapi_extra=limited_as(STREAMS),
    response_class=EventSourceResponse,
    responses=EVENTS | _REFUSALS,
)
async def stream_message(turn: TurnOfRequest, chat: ChatServiceDep, request: Request) -> AsyncIterator[ServerSentEvent]:
    """Like POST /chat, with the reply as it is written. Whoever goes away may send it again."""
    if isinstance(turn, ChatAnswer):
        yield ServerSentEvent(event="evidence", data=EvidenceFound(evidence=turn.evidence))
        yield ServerSentEvent(event="message", data=turn)
        return
    yield ServerSentEvent(event="evidence", data=EvidenceFound(evidence=turn.evidence()))
    try:
        async with aclosing(chat.stream(turn)) as pieces:
            async for piece in pieces:
                yield _event(piece)
    except AppError as error:
        yield _problem(error, request)
    except Exception:
        yield _problem(BadUpstream(), request)
        raise


def _event(piece: str | ChatAnswer) -> ServerSentEvent:
    if isinstance(piece, str):
        return ServerSentEvent(event="delta", data=Delta(text=piece))
    return ServerSentEvent(event="message", data=piece)


def _problem(error: AppError, request: Request) -> ServerSentEvent:
    document = problem_document(error, path=request.url.path, trace=request.scope["trace"])
    return ServerSentEvent(event="error", data=document)


@router.get("/messages", operation_id="listMessages")
async def list_messages(query: Annotated[ChatMessageQuery, Query()], chat: ChatRepo) -> ChatMessagePage:
    """The conversation, newest first."""
    rows = await chat.page(query)
    return ChatMessagePage.model_validate({**rows.page(query), "next": next_cursor(rows, query, "created_at")})


@router.delete("/messages", operation_id="deleteMessages", status_code=204)
async def delete_messages(chat: ChatRepo) -> None:
    """Deletes the conversation. What the companion remembers stays: see DELETE /memories."""
    await chat.delete_all()


@router.get("/messages/{message_id}/evidence", operation_id="listEvidence", responses=problems(NotFound))
async def list_evidence(message_id: UUID, chat: ChatRepo) -> MessageEvidence:
    """Which memories, sets and plan a reply used, as they were then."""
    return MessageEvidence(items=await chat.evidence(message_id))

"""The conversation in the database. A turn is two functions with the model between them."""

from typing import Annotated, Any, TypedDict
from uuid import UUID

from postgrest import CountMethod
from pydantic import TypeAdapter

from src.chat.schemas import ChatAnswer, ChatLimits, ChatMessageQuery, Evidence
from src.chat.state import TURN_STATE, TurnState
from src.core.cursor import Cursor
from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.errors import Conflict, NotFound
from src.core.gateway import Row, Rows
from src.core.sorting import ordered
from src.language.language import Language


class ChatMessageRow(TypedDict):
    """A row of public.chat_messages."""

    id: str
    role: str
    kind: str
    client_id: str | None
    reply_to: str | None
    message: str
    mood: str | None
    actions: list[Any] | None
    model: str | None
    finish: str | None
    concern: str | None
    created_at: str


_EVIDENCE = TypeAdapter(list[Evidence])
MESSAGE_COLUMNS = ",".join(ChatMessageRow.__annotations__)


class ChatRepository:
    """The caller's own conversation."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def begin(self, client_id: UUID, message: str, language: Language, *, is_urgent: bool = False) -> TurnState:
        """Keeps what was said (public.begin_chat). Raises Conflict, Forbidden and TooManyRequests.

        `is_urgent`: whether a fixed, careful text will answer it. Such messages have more calls a day.
        """
        parameters = {
            "client_id": str(client_id),
            "message": message,
            "language": language,
            "is_urgent": is_urgent,
        }
        self._db.renew_deadline()
        return parse_document(TURN_STATE.validate_python, await self._db.call("begin_chat", parameters))

    async def finish(self, payload: Row) -> ChatAnswer:
        """Keeps the answer and all that belongs to it (public.finish_chat). Raises Conflict."""
        # A model took its time before, here as in the function below.
        self._db.renew_deadline()
        try:
            return parse_document(ChatAnswer.from_document, await self._db.call("finish_chat", {"payload": payload}))
        except NotFound as error:
            raise Conflict("The conversation was deleted meanwhile; say it again.") from error

    async def release(self, message_id: UUID) -> None:
        """Lets the next request answer at once (public.release_chat)."""
        self._db.renew_deadline()
        await self._db.call("release_chat", {"message_id": str(message_id)})

    async def limits(self) -> ChatLimits:
        """What of the day is left (public.chat_limits)."""
        return parse_document(ChatLimits.model_validate, await self._db.read("chat_limits"))

    async def page(self, query: ChatMessageQuery) -> Rows:
        """A page of the conversation, newest first."""
        messages = self._db.table("chat_messages").select(MESSAGE_COLUMNS, count=CountMethod.exact)
        messages = messages.eq("user_id", self._db.user_id)
        if query.before is not None:
            messages = messages.or_(Cursor.parse(query.before).older("created_at"))
        first = 0 if query.before is not None else query.first
        return await self._db.page(ordered(messages, "-created_at").range(first, first + query.per_page - 1))

    async def evidence(self, message_id: UUID) -> list[Evidence]:
        """What a reply used. Raises NotFound."""
        evidence = await self._db.read("chat_evidence", {"message_id": message_id})
        if evidence is None:
            raise NotFound
        return parse_document(_EVIDENCE.validate_python, evidence)

    async def delete_all(self) -> None:
        """Deletes the conversation; memories stay."""
        await self._db.rows(self._db.table("chat_messages").delete().eq("user_id", self._db.user_id).select("id"))


ChatRepo = Annotated[ChatRepository, injected(ChatRepository)]

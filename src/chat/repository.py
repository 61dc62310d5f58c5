"""The conversation in the database. A turn is two functions with the model between them."""

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict
from uuid import UUID

from postgrest import CountMethod

from src.chat.schemas import ChatMessageQuery
from src.core.cursor import Cursor
from src.core.di import UserGatewayDep, injected
from src.core.errors import Conflict, NotFound
from src.core.gateway import Row, Rows, row_of
from src.core.sorting import ordered
from src.memories.repository import Embedded


class ChatMessageRow(TypedDict):
    """A row of public.chat_messages."""

    id: str
    role: str
    client_id: str | None
    reply_to: str | None
    message: str
    mood: str | None
    actions: list[Any] | None
    model: str | None
    finish: str | None
    created_at: str


MESSAGE_COLUMNS = ",".join(ChatMessageRow.__annotations__)


class ChatRepository:
    """The caller's own conversation."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def begin(self, client_id: UUID, message: str, *, is_urgent: bool) -> Row:
        """Keeps what was said (public.begin_chat). Raises Conflict, Forbidden and TooManyRequests."""
        given = {"client_id": str(client_id), "message": message, "is_urgent": is_urgent}
        self._db.renew_deadline()
        return row_of(await self._db.call("begin_chat", given))

    async def recall(self, wanted: Embedded, most: int) -> list[Row]:
        """The caller's memories that are nearest to a text, best first (public.match_memories)."""
        given = {"embedding": wanted.literal, "query": wanted.text, "model": wanted.model, "most": most}
        # A model took its time before, here as in the functions below.
        self._db.renew_deadline()
        found: list[Row] = await self._db.call("match_memories", given)
        return found

    async def finish(self, payload: Row) -> Row:
        """Keeps the answer and all that belongs to it (public.finish_chat). Raises Conflict."""
        self._db.renew_deadline()
        try:
            return row_of(await self._db.call("finish_chat", {"payload": payload}))
        except NotFound as error:
            raise Conflict("The conversation was deleted meanwhile; say it again.") from error

    async def release(self, message_id: str) -> None:
        """Lets the next request answer at once (public.release_chat)."""
        self._db.renew_deadline()
        await self._db.call("release_chat", {"message_id": message_id})

    async def limits(self) -> Row:
        """What of the day is left (public.chat_limits)."""
        return row_of(await self._db.read("chat_limits"))

    async def page(self, query: ChatMessageQuery) -> Rows:
        """A page of the conversation, newest first."""
        found = self._db.table("chat_messages").select(MESSAGE_COLUMNS, count=CountMethod.exact)
        found = found.eq("user_id", self._db.user_id)
        if query.before is not None:
            found = found.or_(Cursor.parse(query.before).older("created_at"))
        first = 0 if query.before is not None else query.first
        return await self._db.page(ordered(found, "-created_at").range(first, first + query.per_page - 1))

    async def evidence(self, message_id: UUID) -> Sequence[Row]:
        """What a reply used. Raises NotFound."""
        found: list[Row] | None = await self._db.read("chat_evidence", {"message_id": message_id})
        if found is None:
            raise NotFound
        return found

    async def delete_all(self) -> None:
        """Deletes the conversation; memories stay."""
        await self._db.rows(self._db.table("chat_messages").delete().eq("user_id", self._db.user_id).select("id"))


ChatRepo = Annotated[ChatRepository, injected(ChatRepository)]

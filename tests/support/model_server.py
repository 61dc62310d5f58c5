"""What the fake servers of models have in common: they answer as a test says, over real HTTP, and keep what they were
sent. The real clients talk to them by their address alone.

server.will(speaks.answers({"reply": "Hello"}), speaks.fails(503))   # the next two calls that generate or stream
server.will_embed(speaks.fails(429, retry_delay="2s"))               # the next call that embeds; the others just embed
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Protocol, TypeVar

from src.core.config import Settings
from tests.support.upstreams import Exchange, ScriptedServer, Seen, scripted

KEY: Final = "a-key-that-the-fake-server-takes"  # pragma: allowlist secret
PER_DAY: Final = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
PER_MINUTE: Final = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
OUTPUT_TOOL: Final = "give_answer"
# Of vectors that are not of length 1: Google's are not below 3072 dimensions.
EMBEDDING_LENGTH: Final = 0.7

NOWHERE: Final[Mapping[str, object]] = {
    "supabase_url": "http://127.0.0.1:9",
    "supabase_publishable_key": "sb_publishable_nowhere",
    "supabase_secret_key": "sb_secret_nowhere",
    "gemini_api_key": None,
    "log_level": "error",
}


Kind = Literal["generate", "stream", "embed", "other"]


@dataclass(frozen=True)
class Asked(ABC):
    """A request as it arrived."""

    model: str
    kind: Kind
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    target: str

    @property
    @abstractmethod
    def system(self) -> str:
        """The rules that left us."""

    @property
    @abstractmethod
    def texts(self) -> list[str]:
        """What was said, in order, whoever said it: the prompt, then answers and why they were refused."""

    @property
    @abstractmethod
    def functions(self) -> list[str]:
        """The names of the functions that may be called."""

    @property
    @abstractmethod
    def results(self) -> list[str]:
        """What functions returned, in order, as it left us."""

    @property
    @abstractmethod
    def embedded(self) -> list[str]:
        """The texts to embed."""

    @property
    def prompt(self) -> str:
        """The data that left us."""
        return self.texts[0]

    @property
    def tools(self) -> list[str]:
        """The functions that are not the answer itself."""
        return [name for name in self.functions if name != OUTPUT_TOOL]

    @property
    def answers_by_function(self) -> bool:
        """Whether the answer is to be the arguments of a function."""
        return OUTPUT_TOOL in self.functions


Reply = Callable[[Exchange, Any], Awaitable[None]]
Call = tuple[str, object]
"""A function's name, and its arguments: a document, or text that may be none."""


class Speaks(Protocol):
    """What a server can say, in its protocol: a module has these functions."""

    def answers(self, document: object, *, finish: str = ..., pieces: int = ...) -> Reply: ...
    def calls(self, *calls: Call, text: str = ...) -> Reply: ...
    def cut_off(self, text: str) -> Reply: ...
    def blocked_answer(self, text: str = ...) -> Reply: ...
    def blocked_prompt(self) -> Reply: ...
    def fails(
        self, status: int, message: str = ..., *, retry_delay: str | None = ..., quota: str | None = ..., **headers: str
    ) -> Reply: ...
    @property
    def bad_key(self) -> Reply: ...
    def stalls(self, after: str | None = ...) -> Reply: ...
    def resets(self, after: str | None = ...) -> Reply: ...
    def ends(self, after: str) -> Reply: ...
    def fails_after(self, text: str, status: int, message: str = ...) -> Reply: ...
    def goes_on(self, text: str, data: bytes) -> Reply: ...
    def embeds_as(self, vectors: Sequence[Sequence[float]]) -> Reply: ...


class ModelServer(ABC):
    """Answers with what it was told, in turn; `asked` is what it was sent.

    `otherwise` answers when nothing is left to say, from the request, for tests that make many calls.
    """

    speaks: ClassVar[Speaks]

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.otherwise: Callable[[Any], Reply] = lambda _: self.speaks.fails(500, "The test said nothing of this call.")
        self.key = KEY
        self.hung_up = asyncio.Event()
        """Set once a client has gone away while it was being answered."""
        self._replies: list[Reply] = []
        self._embedding_replies: list[Reply] = []
        self._server: ScriptedServer | None = None

    @abstractmethod
    def settings(self, settings: Settings | None = None, **changes: object) -> Settings:
        """Settings (those given, or some that lead nowhere) whose AI provider is this server."""

    @abstractmethod
    def _read(self, request: Seen) -> Asked: ...

    @abstractmethod
    def _key_of(self, request: Seen) -> str | None: ...

    @abstractmethod
    def _embeds(self, asked: Any) -> Reply: ...

    @property
    def url(self) -> str:
        assert self._server is not None
        return self._server.url

    def will(self, *replies: Reply) -> None:
        """How the next calls that generate or stream are answered."""
        self._replies += replies

    def will_embed(self, *replies: Reply) -> None:
        """How the next calls that embed are answered; without a word, with embeddings."""
        self._embedding_replies += replies

    def clear(self) -> None:
        """Takes back what was left to say."""
        self._replies.clear()
        self._embedding_replies.clear()

    def generations(self) -> list[Any]:
        """The calls that generated or streamed."""
        return [asked for asked in self.asked if asked.kind in {"generate", "stream"}]

    def embeddings(self) -> list[Any]:
        """The calls that embedded."""
        return [asked for asked in self.asked if asked.kind == "embed"]

    async def serve(self, exchange: Exchange) -> None:
        asked = self._read(exchange.request)
        self.asked.append(asked)
        reply = self._reply_to(asked) if self._key_of(exchange.request) == self.key else self.speaks.bad_key
        try:
            await reply(exchange, asked)
        except ConnectionError:
            self.hung_up.set()
            raise
        if exchange.hung_up.is_set():
            self.hung_up.set()

    def _reply_to(self, asked: Asked) -> Reply:
        match asked.kind:
            case "embed":
                return self._embedding_replies.pop(0) if self._embedding_replies else self._embeds(asked)
            case "generate" | "stream":
                return self._replies.pop(0) if self._replies else self.otherwise(asked)
            case _:
                return self.speaks.fails(404, f"There is no {asked.target}.")


ServerT = TypeVar("ServerT", bound=ModelServer)


@asynccontextmanager
async def served(server: ServerT) -> AsyncIterator[ServerT]:
    """The server for the length of a block, on a free port."""
    async with scripted(server.serve) as listening:
        server._server = listening
        yield server


def says_raw(body: bytes, status: int = 200, content_type: str = "text/html", **headers: str) -> Reply:
    """Something that is no answer of any model's server."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await exchange.answer(status, body, content_type=content_type, **headers)

    return reply


def cut(text: str, pieces: int) -> list[str]:
    """The text in so many pieces."""
    size = max(1, -(-len(text) // pieces))
    return [text[at : at + size] for at in range(0, len(text), size)]


async def begin_stream(exchange: Exchange) -> None:
    """The head of a stream of events."""
    head = "HTTP/1.1 200 Scripted\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    await exchange.raw(head.encode())


async def end_stream(exchange: Exchange) -> None:
    """The end of a stream of events."""
    await exchange.raw(b"0\r\n\r\n")


async def send_piece(exchange: Exchange, data: bytes) -> None:
    """A piece of a stream."""
    await exchange.raw(f"{len(data):x}\r\n".encode() + data + b"\r\n")

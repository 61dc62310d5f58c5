"""A Gemini API over real HTTP, which answers as a test says: the real client talks to it by its address alone.

gemini.will(answers({"reply": "Hello"}), fails(503))      # the next two calls that generate or stream
gemini.will_embed(fails(429, retry_delay="2s"))           # the next call that embeds; the others just embed
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from src.ai.sentence_encoder import encode
from src.core.config import Settings
from tests.support.upstreams import Exchange, ScriptedServer, head, scripted

KEY: Final = "a-key-that-the-fake-gemini-takes"  # pragma: allowlist secret
_STATUSES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
PER_DAY: Final = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
PER_MINUTE: Final = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
# Google's are not of length 1 below 3072 dimensions.
_EMBEDDING_LENGTH: Final = 0.7


@dataclass(frozen=True)
class Asked:
    """A request as it arrived: `action` is generateContent, streamGenerateContent or batchEmbedContents."""

    model: str
    action: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    target: str

    @property
    def system(self) -> str:
        """The rules that left us."""
        parts = self.body.get("systemInstruction", {}).get("parts", [])
        return "\n".join(part["text"] for part in parts)

    @property
    def texts(self) -> list[str]:
        """What was said, in order, whoever said it: the prompt, then answers and why they were refused."""
        return [part["text"] for content in self.body["contents"] for part in content["parts"]]

    @property
    def prompt(self) -> str:
        """The data that left us."""
        return self.texts[0]

    @property
    def config(self) -> Mapping[str, Any]:
        """The parameters. Google reads snake_case names too, and its client sends some."""
        return _in_camel_case(self.body.get("generationConfig", {}))


Reply = Callable[[Exchange, Asked], Awaitable[None]]


class FakeGemini:
    """Answers with what it was told, in turn; `asked` is what it was sent.

    `otherwise` answers when nothing is left to say, from the request, for tests that make many calls.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.otherwise: Callable[[Asked], Reply] = lambda _: fails(500, "The test said nothing of this call.")
        self.key = KEY
        self.hung_up = asyncio.Event()
        """Set once a client has gone away while it was being answered."""
        self._replies: list[Reply] = []
        self._embedding_replies: list[Reply] = []
        self._server: ScriptedServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return self._server.url

    def settings(self, settings: Settings | None = None, **changes: object) -> Settings:
        """Settings (those given, or some that lead nowhere) whose AI provider is this server."""
        base = dict(settings) if settings else NOWHERE
        return Settings.model_validate({**base, "gemini_api_key": KEY, "gemini_base_url": self.url, **changes})

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

    def generations(self) -> list[Asked]:
        """The calls that generated or streamed."""
        return [asked for asked in self.asked if asked.action != "batchEmbedContents"]

    def embeddings(self) -> list[Asked]:
        """The calls that embedded."""
        return [asked for asked in self.asked if asked.action == "batchEmbedContents"]

    async def serve(self, exchange: Exchange) -> None:
        request = exchange.request
        name, _, action = request.path.rpartition("/")[2].partition(":")
        asked = Asked(name, action, json.loads(request.body), request.headers, request.target)
        self.asked.append(asked)
        reply = self._reply_to(asked) if request.headers.get("x-goog-api-key") == self.key else bad_key
        try:
            await reply(exchange, asked)
        except ConnectionError:
            self.hung_up.set()
            raise
        if exchange.hung_up.is_set():
            self.hung_up.set()

    def _reply_to(self, asked: Asked) -> Reply:
        match asked.action:
            case "batchEmbedContents" if len(asked.body["requests"]) > 100:
                return fails(400, "at most 100 requests can be in one batch")
            case "batchEmbedContents":
                return self._embedding_replies.pop(0) if self._embedding_replies else embeds
            case "generateContent" | "streamGenerateContent":
                return self._replies.pop(0) if self._replies else self.otherwise(asked)
            case _:
                return fails(404, f"There is no {asked.action}.")


NOWHERE: Final[Mapping[str, object]] = {
    "supabase_url": "http://127.0.0.1:9",
    "supabase_publishable_key": "sb_publishable_nowhere",
    "supabase_secret_key": "sb_secret_nowhere",
    "gemini_api_key": None,
    "log_level": "error",
}


@asynccontextmanager
async def fake_gemini() -> AsyncIterator[FakeGemini]:
    """A fake Gemini for the length of a block, on a free port."""
    import_module("src.ai.gemini.client")  # takes a second or more, which would count for the first answer
    gemini = FakeGemini()
    async with scripted(gemini.serve) as server:
        gemini._server = server
        yield gemini


def answers(document: object, *, finish: str = "STOP", pieces: int = 8) -> Reply:
    """This document as JSON; text goes as it is. Streams send it in so many pieces."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)

    async def reply(exchange: Exchange, asked: Asked) -> None:
        if asked.action == "generateContent":
            await _send_json(exchange, 200, _chunk(asked, text, finish=finish))
            return
        await _begin_stream(exchange)
        for piece in _cut(text, pieces):
            await _send_event(exchange, _chunk(asked, piece))
        await _send_event(exchange, _chunk(asked, "", finish=finish))
        await exchange.raw(b"0\r\n\r\n")

    return reply


def cut_off(text: str) -> Reply:
    """As much of an answer as the token limit allowed."""
    return answers(text, finish="MAX_TOKENS")


def blocked_answer(text: str = "", *, reason: str = "SAFETY") -> Reply:
    """An answer that Google stopped, after this much of it."""
    return answers(text, finish=reason)


def blocked_prompt(reason: str = "PROHIBITED_CONTENT") -> Reply:
    """No answer, because of what was asked."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        body = {"promptFeedback": {"blockReason": reason}, "usageMetadata": _usage(0), "modelVersion": asked.model}
        if asked.action == "generateContent":
            await _send_json(exchange, 200, body)
            return
        await _begin_stream(exchange)
        await _send_event(exchange, body)
        await exchange.raw(b"0\r\n\r\n")

    return reply


def fails(
    status: int,
    message: str = "Something is not right.",
    *,
    retry_delay: str | None = None,
    quota: str | None = None,
    reason: str | None = None,
    **headers: str,
) -> Reply:
    """An error of Google's: `retry_delay` as in "2s", `quota` as in PER_DAY, `reason` as in "API_KEY_INVALID"."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _send_json(exchange, status, _error(status, message, retry_delay, quota, reason), **headers)

    return reply


bad_key: Final = fails(400, "API key not valid. Please pass a valid API key.", reason="API_KEY_INVALID")


def says_raw(body: bytes, status: int = 200, content_type: str = "text/html", **headers: str) -> Reply:
    """Something that is no answer of Gemini's."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await exchange.answer(status, body, content_type=content_type, **headers)

    return reply


def stalls(after: str | None = None) -> Reply:
    """Nothing more, after this text of a stream, until the client hangs up."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, after)
        await exchange.stall()

    return reply


def resets(after: str | None = None) -> Reply:
    """A broken connection, after this text of a stream."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, after)
        exchange.reset()

    return reply


def ends(after: str) -> Reply:
    """A stream that ends well after this text, and never says that it was finished."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, after)
        await exchange.raw(b"0\r\n\r\n")

    return reply


def fails_after(text: str, status: int, message: str = "The model is overloaded.") -> Reply:
    """An error in the middle of a stream, as Google sends it: over several lines, without `data:`."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, text)
        await _send_piece(exchange, json.dumps(_error(status, message), indent=2).encode() + b"\n")
        await exchange.raw(b"0\r\n\r\n")

    return reply


def goes_on(text: str, data: bytes) -> Reply:
    """A stream that goes on with these data after this text, and ends."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, text)
        await _send_piece(exchange, b"data: " + data + b"\r\n\r\n")
        await exchange.raw(b"0\r\n\r\n")

    return reply


async def embeds(exchange: Exchange, asked: Asked) -> None:
    """Embeddings in which similar texts are near, but not of length 1."""
    texts = ["".join(part["text"] for part in each["content"]["parts"]) for each in asked.body["requests"]]
    vectors = [[_EMBEDDING_LENGTH * value for value in vector] for vector in encode(texts)]
    await embeds_as(vectors)(exchange, asked)


def embeds_as(vectors: Sequence[Sequence[float]]) -> Reply:
    """These embeddings, whatever was asked."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _send_json(exchange, 200, {"embeddings": [{"values": list(vector)} for vector in vectors]})

    return reply


def _chunk(asked: Asked, text: str, *, finish: str | None = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}] if text else [], "role": "model"}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate],
        "usageMetadata": _usage(len(text) // 4 + 1),
        "modelVersion": asked.model,
        "responseId": "an-answer",
    }


def _in_camel_case(document: Mapping[str, Any]) -> dict[str, Any]:
    def rename(name: str) -> str:
        first, *others = name.split("_")
        return first + "".join(other.capitalize() for other in others)

    def read(name: str, value: Any) -> Any:
        return _in_camel_case(value) if isinstance(value, dict) and not name.endswith("Schema") else value

    return {rename(name): read(name, value) for name, value in document.items()}


def _usage(answer: int) -> dict[str, Any]:
    return {
        "promptTokenCount": 11,
        "candidatesTokenCount": answer,
        "totalTokenCount": 11 + answer,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 11}],
    }


def _error(
    status: int, message: str, retry_delay: str | None = None, quota: str | None = None, reason: str | None = None
) -> dict[str, Any]:
    rpc = "type.googleapis.com/google.rpc"
    details: list[dict[str, Any]] = []
    if reason:
        details.append({"@type": f"{rpc}.ErrorInfo", "reason": reason, "domain": "googleapis.com"})
    if quota:
        details.append({"@type": f"{rpc}.QuotaFailure", "violations": [{"quotaId": quota, "quotaValue": "10"}]})
    if retry_delay:
        details.append({"@type": f"{rpc}.RetryInfo", "retryDelay": retry_delay})
    error: dict[str, Any] = {"code": status, "message": message, "status": _STATUSES.get(status, "UNKNOWN")}
    return {"error": {**error, "details": details} if details else error}


def _cut(text: str, pieces: int) -> list[str]:
    size = max(1, -(-len(text) // pieces))
    return [text[at : at + size] for at in range(0, len(text), size)]


async def _send_json(exchange: Exchange, status: int, document: object, **headers: str) -> None:
    body = json.dumps(document, indent=2).encode()
    await exchange.answer(status, body, content_type="application/json; charset=UTF-8", **headers)


async def _begin_stream(exchange: Exchange) -> None:
    await exchange.raw(head(200, {"content-type": "text/event-stream", "transfer-encoding": "chunked"}))


async def _send_event(exchange: Exchange, document: object) -> None:
    await _send_piece(exchange, b"data: " + json.dumps(document).encode() + b"\r\n\r\n")


async def _send_piece(exchange: Exchange, data: bytes) -> None:
    await exchange.raw(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def _stream_so_far(exchange: Exchange, asked: Asked, text: str | None) -> None:
    if text is None:
        return
    assert asked.action == "streamGenerateContent", "only a stream can break after it began"
    await _begin_stream(exchange)
    for piece in _cut(text, 3):
        await _send_event(exchange, _chunk(asked, piece))

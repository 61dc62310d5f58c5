"""A Gemini API over real HTTP, which answers as a test says (`model_server.py`)."""

import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Final, Literal, cast

from src.ai.sentence_encoder import encode
from src.core.config import Settings
from tests.support.model_server import (
    EMBEDDING_LENGTH,
    KEY,
    NOWHERE,
    OUTPUT_TOOL,
    PER_DAY,
    PER_MINUTE,
    Call,
    ModelServer,
    Reply,
    Speaks,
    begin_stream,
    cut,
    end_stream,
    says_raw,
    send_piece,
    served,
)
from tests.support.model_server import Asked as AskedOfAny
from tests.support.upstreams import Exchange, Seen

__all__ = ["KEY", "NOWHERE", "PER_DAY", "PER_MINUTE", "Reply", "says_raw"]

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
_KINDS: Final[Mapping[str, Literal["generate", "stream", "embed"]]] = {
    "generateContent": "generate",
    "streamGenerateContent": "stream",
    "batchEmbedContents": "embed",
}


@dataclass(frozen=True)
class Asked(AskedOfAny):
    """A request as it arrived."""

    @property
    def action(self) -> str:
        """generateContent, streamGenerateContent or batchEmbedContents."""
        return self.target.partition("?")[0].rpartition(":")[2]

    @property
    def system(self) -> str:
        parts = self.body.get("systemInstruction", {}).get("parts", [])
        return "\n".join(part["text"] for part in parts)

    @property
    def texts(self) -> list[str]:
        return [part["text"] for part in self._parts() if "text" in part]

    @property
    def functions(self) -> list[str]:
        return [each["name"] for tool in self.body.get("tools", []) for each in tool.get("functionDeclarations", [])]

    @property
    def results(self) -> list[str]:
        returned = [part["functionResponse"]["response"] for part in self._parts() if "functionResponse" in part]
        return [next(iter(response.values())) for response in returned]

    @property
    def embedded(self) -> list[str]:
        return ["".join(part["text"] for part in each["content"]["parts"]) for each in self.body["requests"]]

    @property
    def config(self) -> Mapping[str, Any]:
        """The parameters. Google reads snake_case names too, and its client sends some."""
        return _in_camel_case(self.body.get("generationConfig", {}))

    def unsigned_calls(self) -> int:
        """How many calls come back without the thoughts that led to them: Gemini 3 refuses that."""
        return sum(1 for part in self._parts() if "functionCall" in part and not part.get("thoughtSignature"))

    def _parts(self) -> list[Mapping[str, Any]]:
        return [part for content in self.body["contents"] for part in content["parts"]]


class FakeGemini(ModelServer):
    """Google, as far as our client can tell."""

    speaks: ClassVar[Speaks] = cast("Speaks", sys.modules[__name__])

    def settings(self, settings: Settings | None = None, **changes: object) -> Settings:
        base = dict(settings) if settings else NOWHERE
        return Settings.model_validate({**base, "gemini_api_key": KEY, "gemini_base_url": self.url, **changes})

    def _read(self, request: Seen) -> Asked:
        name, _, action = request.path.rpartition("/")[2].partition(":")
        return Asked(name, _KINDS.get(action, "other"), json.loads(request.body), request.headers, request.target)

    def _key_of(self, request: Seen) -> str | None:
        return request.headers.get("x-goog-api-key")

    def _reply_to(self, asked: AskedOfAny) -> Reply:
        assert isinstance(asked, Asked)
        unsigned = asked.kind in {"generate", "stream"} and asked.unsigned_calls()
        if unsigned and not asked.model.startswith("gemini-2"):
            return fails(400, "Function call is missing a thought_signature in functionCall parts.")
        return super()._reply_to(asked)

    def _embeds(self, asked: Asked) -> Reply:
        return fails(400, "at most 100 requests can be in one batch") if len(asked.body["requests"]) > 100 else embeds


@asynccontextmanager
async def fake_gemini() -> AsyncIterator[FakeGemini]:
    """A fake Gemini for the length of a block, on a free port."""
    import_module("src.ai.models.client")  # takes a second or more, which would count for the first answer
    import_module("src.ai.models.google")
    async with served(FakeGemini()) as gemini:
        yield gemini


def answers(document: object, *, finish: str = "STOP", pieces: int = 8) -> Reply:
    """This document, in the form asked for; text goes as it is. Streams send it in so many pieces."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)

    async def reply(exchange: Exchange, asked: Asked) -> None:
        if asked.answers_by_function and not isinstance(document, str):
            await calls((OUTPUT_TOOL, document))(exchange, asked)
        elif asked.kind == "generate":
            await _send_json(exchange, 200, _chunk(asked, text, finish=finish))
        else:
            await begin_stream(exchange)
            for piece in cut(text, pieces):
                await _send_event(exchange, _chunk(asked, piece))
            await _send_event(exchange, _chunk(asked, "", finish=finish))
            await end_stream(exchange)

    return reply


def calls(*calls: Call, text: str = "") -> Reply:
    """Functions are called. Google sends each call in one piece."""
    parts: list[dict[str, Any]] = [{"text": text}] if text else []
    parts += [
        {"functionCall": {"name": name, "args": arguments}, "thoughtSignature": "dGhvdWdodHM="}
        for name, arguments in calls
    ]

    async def reply(exchange: Exchange, asked: Asked) -> None:
        document = _chunk(asked, "", finish="STOP")
        document["candidates"][0]["content"]["parts"] = parts
        if asked.kind == "generate":
            await _send_json(exchange, 200, document)
        else:
            await begin_stream(exchange)
            await _send_event(exchange, document)
            await end_stream(exchange)

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
        if asked.kind == "generate":
            await _send_json(exchange, 200, body)
            return
        await begin_stream(exchange)
        await _send_event(exchange, body)
        await end_stream(exchange)

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
        await end_stream(exchange)

    return reply


def fails_after(text: str, status: int, message: str = "The model is overloaded.") -> Reply:
    """An error in the middle of a stream, as Google sends it: over several lines, without `data:`."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, text)
        await send_piece(exchange, json.dumps(_error(status, message), indent=2).encode() + b"\n")
        await end_stream(exchange)

    return reply


def goes_on(text: str, data: bytes) -> Reply:
    """A stream that goes on with these data after this text, and ends."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, text)
        await send_piece(exchange, b"data: " + data + b"\r\n\r\n")
        await end_stream(exchange)

    return reply


async def embeds(exchange: Exchange, asked: Asked) -> None:
    """Embeddings in which similar texts are near, but not of length 1."""
    vectors = [[EMBEDDING_LENGTH * value for value in vector] for vector in encode(asked.embedded)]
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


async def _send_json(exchange: Exchange, status: int, document: object, **headers: str) -> None:
    body = json.dumps(document, indent=2).encode()
    await exchange.answer(status, body, content_type="application/json; charset=UTF-8", **headers)


async def _send_event(exchange: Exchange, document: object) -> None:
    await send_piece(exchange, b"data: " + json.dumps(document).encode() + b"\r\n\r\n")


async def _stream_so_far(exchange: Exchange, asked: Asked, text: str | None) -> None:
    if text is None:
        return
    assert asked.kind == "stream", "only a stream can break after it began"
    await begin_stream(exchange)
    for piece in cut(text, 3):
        await _send_event(exchange, _chunk(asked, piece))

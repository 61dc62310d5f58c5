"""A server that speaks OpenAI's protocol over real HTTP, and answers as a test says (`model_server.py`): chat
completions, also as a stream with calls of functions in pieces, structured output, embeddings, and errors.
"""

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
    Call,
    Kind,
    ModelServer,
    Reply,
    Speaks,
    begin_stream,
    cut,
    end_stream,
    send_piece,
    served,
)
from tests.support.model_server import Asked as AskedOfAny
from tests.support.upstreams import Exchange, Seen

MODEL: Final = "maker/a-model:7b"
EMBEDDING_MODEL: Final = "maker/an-embedder"
_KINDS: Final[Mapping[str, Literal["generate", "stream", "embed"]]] = {
    "/v1/chat/completions": "generate",
    "/v1/embeddings": "embed",
}


@dataclass(frozen=True)
class Asked(AskedOfAny):
    """A request as it arrived."""

    @property
    def system(self) -> str:
        return "\n\n".join(message["content"] for message in self.messages if message["role"] in _SYSTEM)

    @property
    def texts(self) -> list[str]:
        return [
            message["content"]
            for message in self.messages
            if message["role"] in {"user", "assistant"} and message.get("content")
        ]

    @property
    def functions(self) -> list[str]:
        return [tool["function"]["name"] for tool in self.body.get("tools", [])]

    @property
    def results(self) -> list[str]:
        return [message["content"] for message in self.messages if message["role"] == "tool"]

    @property
    def embedded(self) -> list[str]:
        given = self.body["input"]
        return [given] if isinstance(given, str) else list(given)

    @property
    def messages(self) -> Sequence[Mapping[str, Any]]:
        """The conversation."""
        return cast("Sequence[Mapping[str, Any]]", self.body["messages"])

    @property
    def form(self) -> str | None:
        """The type of `response_format`."""
        return cast("str | None", self.body.get("response_format", {}).get("type"))

    @property
    def schema(self) -> Mapping[str, Any]:
        """The schema that the answer is to keep to."""
        return cast("Mapping[str, Any]", self.body["response_format"]["json_schema"]["schema"])


def _wrong_calls(asked: Asked) -> str | None:
    """What OpenAI refuses in a conversation with calls: each must be answered, before anybody says anything else."""
    open_calls: list[str] = []
    for message in asked.messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
            open_calls.remove(message["tool_call_id"])
        elif open_calls:
            return "An assistant message with 'tool_calls' must be followed by tool messages responding to each."
        open_calls += [call["id"] for call in message.get("tool_calls") or []]
    return None


def _wrong_schema(asked: Asked) -> str | None:
    """What OpenAI refuses in a schema that is said to be strict."""
    declared = [tool["function"] for tool in asked.body.get("tools", [])]
    declared += [asked.body["response_format"]["json_schema"]] if asked.form == "json_schema" else []
    for each in declared:
        schema = each.get("parameters") or each.get("schema") or {}
        if each.get("strict") and not all(map(_is_strict, _objects(schema))):
            return f"Invalid schema for {each['name']}: all properties must be required, and no others allowed."
    return None


def _is_strict(schema: Mapping[str, Any]) -> bool:
    closed = schema.get("additionalProperties") is False
    return closed and set(schema.get("required", [])) == set(schema.get("properties", {}))


def _objects(schema: object) -> list[Mapping[str, Any]]:
    if isinstance(schema, list):
        return [found for each in schema for found in _objects(each)]
    if not isinstance(schema, dict):
        return []
    inner = [found for each in schema.values() for found in _objects(each)]
    return [schema, *inner] if schema.get("type") == "object" else inner


_SYSTEM: Final = frozenset({"system", "developer"})


class FakeOpenAI(ModelServer):
    """Any of the servers that speak this protocol: `family` is how we are told to ask it."""

    speaks: ClassVar[Speaks] = cast("Speaks", sys.modules[__name__])

    def __init__(self, family: str = "openai") -> None:
        super().__init__()
        self.family = family

    def settings(self, settings: Settings | None = None, **changes: object) -> Settings:
        base = dict(settings) if settings else NOWHERE
        ours = {
            "ai_model": f"{self.family}:{MODEL}",
            "ai_base_url": f"{self.url}/v1",
            "ai_api_key": KEY,
            "embedding_model": f"{self.family}:{EMBEDDING_MODEL}",
        }
        return Settings.model_validate({**base, **ours, **changes})

    def _read(self, request: Seen) -> Asked:
        body = json.loads(request.body)
        kind: Kind = "stream" if body.get("stream") else _KINDS.get(request.path, "other")
        return Asked(body["model"], kind, body, request.headers, request.target)

    def _key_of(self, request: Seen) -> str | None:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def _reply_to(self, asked: AskedOfAny) -> Reply:
        assert isinstance(asked, Asked)
        wrong = asked.kind in {"generate", "stream"} and (_wrong_calls(asked) or _wrong_schema(asked))
        return fails(400, wrong) if wrong else super()._reply_to(asked)

    def _embeds(self, asked: Asked) -> Reply:  # noqa: ARG002  # takes as many as there are
        return embeds


@asynccontextmanager
async def fake_openai(family: str = "openai") -> AsyncIterator[FakeOpenAI]:
    """A fake server for the length of a block, on a free port."""
    import_module("src.ai.models.client")  # takes a second or more, which would count for the first answer
    import_module("src.ai.models.openai")
    async with served(FakeOpenAI(family)) as server:
        yield server


def answers(document: object, *, finish: str = "stop", pieces: int = 8, refusal: str | None = None) -> Reply:
    """This document, in the form asked for; text goes as it is. Streams send it in so many pieces."""
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)

    async def reply(exchange: Exchange, asked: Asked) -> None:
        if asked.answers_by_function and (not isinstance(document, str) or text.startswith("{")):
            await _send(exchange, asked, _calling([(OUTPUT_TOOL, text)]), finish, pieces)
        else:
            said = {"content": text} if refusal is None else {"content": None, "refusal": refusal}
            await _send(exchange, asked, said, finish, pieces)

    return reply


def calls(*calls: Call, text: str = "") -> Reply:
    """Functions are called. Streams send each call in pieces: its name, then its arguments bit by bit."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        given = [(name, call if isinstance(call, str) else json.dumps(call)) for name, call in calls]
        said = {**_calling(given), **({"content": text} if text else {})}
        await _send(exchange, asked, said, "tool_calls", 4)

    return reply


def cut_off(text: str) -> Reply:
    """As much of an answer as the token limit allowed."""
    return answers(text, finish="length")


def blocked_answer(text: str = "", *, reason: str = "content_filter") -> Reply:
    """An answer that the server stopped, after this much of it."""
    return answers(text, finish=reason)


def refuses(words: str = "I cannot help with that.") -> Reply:
    """An answer in which the model says that it will not answer."""
    return answers("", refusal=words)


def blocked_prompt(code: str = "content_filter") -> Reply:
    """No answer, because of what was asked."""
    return fails(400, "The prompt was filtered.", code=code)


def fails(
    status: int,
    message: str = "Something is not right.",
    *,
    retry_delay: str | None = None,
    quota: str | None = None,
    code: str | None = None,
    **headers: str,
) -> Reply:
    """An error: `retry_delay` as in "2s", `quota` as in PER_DAY."""
    if quota is not None:
        code = "insufficient_quota" if quota == PER_DAY else "rate_limit_exceeded"
    if retry_delay is not None and "retry_after" not in headers:
        headers["retry_after_ms"] = f"{float(retry_delay.removesuffix('s')) * 1000:.0f}"

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _send_json(exchange, status, {"error": _error(status, message, code)}, **headers)

    return reply


bad_key: Final = fails(401, "Incorrect API key provided: a-key.", code="invalid_api_key")


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
    """An error in the middle of a stream, as an event."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, text)
        await _send_event(exchange, {"error": _error(status, message, str(status))})
        await end_stream(exchange)

    return reply


def goes_on(text: str, data: bytes) -> Reply:
    """A stream that goes on with these data after this text, and ends."""

    async def reply(exchange: Exchange, asked: Asked) -> None:
        await _stream_so_far(exchange, asked, text)
        await send_piece(exchange, b"data: " + data + b"\n\n")
        await end_stream(exchange)

    return reply


async def embeds(exchange: Exchange, asked: Asked) -> None:
    """Embeddings in which similar texts are near, but not of length 1."""
    vectors = [[EMBEDDING_LENGTH * value for value in vector] for vector in encode(asked.embedded)]
    await embeds_as(vectors)(exchange, asked)


def embeds_as(vectors: Sequence[Sequence[float]]) -> Reply:
    """These embeddings, whatever was asked."""
    data = [{"object": "embedding", "index": index, "embedding": list(vector)} for index, vector in enumerate(vectors)]

    async def reply(exchange: Exchange, asked: Asked) -> None:
        usage = {"prompt_tokens": 5, "total_tokens": 5}
        await _send_json(exchange, 200, {"object": "list", "model": asked.model, "data": data, "usage": usage})

    return reply


def _calling(calls: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "content": None,
        "tool_calls": [
            {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(calls)
        ],
    }


def _error(status: int, message: str, code: str | None) -> dict[str, Any]:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"message": message, "type": kind, "param": None, "code": code}


def _usage() -> dict[str, int]:
    return {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


# What OpenRouter adds, and every other client ignores.
_OPENROUTERS: Final = {"provider": "Somebody"}


def _base(asked: Asked, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_790_000_000, "model": asked.model, **_OPENROUTERS}


async def _send(exchange: Exchange, asked: Asked, said: Mapping[str, Any], finish: str, pieces: int) -> None:
    if asked.kind == "generate":
        choice = {
            "index": 0,
            "message": {"role": "assistant", **said},
            "finish_reason": finish,
            "native_finish_reason": finish,
        }
        body = {**_base(asked, "chat.completion"), "choices": [choice], "usage": _usage()}
        await _send_json(exchange, 200, body)
        return
    await begin_stream(exchange)
    await _send_delta(exchange, asked, {"role": "assistant", "content": ""})
    for piece in cut(said.get("content") or "", pieces):
        await _send_delta(exchange, asked, {"content": piece})
    if refusal := said.get("refusal"):
        await _send_delta(exchange, asked, {"refusal": refusal})
    for index, call in enumerate(said.get("tool_calls", [])):
        begun = {**call, "function": {"name": call["function"]["name"], "arguments": ""}}
        await _send_delta(exchange, asked, {"tool_calls": [{"index": index, **begun}]})
        for piece in cut(call["function"]["arguments"], pieces):
            await _send_delta(exchange, asked, {"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    await _send_delta(exchange, asked, {}, finish)
    if asked.body.get("stream_options", {}).get("include_usage"):
        await _send_event(exchange, {**_base(asked, "chat.completion.chunk"), "choices": [], "usage": _usage()})
    await send_piece(exchange, b"data: [DONE]\n\n")
    await end_stream(exchange)


async def _send_delta(exchange: Exchange, asked: Asked, delta: object, finish: str | None = None) -> None:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "native_finish_reason": finish}
    await _send_event(exchange, {**_base(asked, "chat.completion.chunk"), "choices": [choice]})


async def _send_event(exchange: Exchange, document: object) -> None:
    await send_piece(exchange, b"data: " + json.dumps(document).encode() + b"\n\n")


async def _send_json(exchange: Exchange, status: int, document: object, **headers: str) -> None:
    await exchange.answer(status, json.dumps(document).encode(), content_type="application/json", **headers)


async def _stream_so_far(exchange: Exchange, asked: Asked, text: str | None) -> None:
    if text is None:
        return
    assert asked.kind == "stream", "only a stream can break after it began"
    await begin_stream(exchange)
    for piece in cut(text, 3):
        await _send_delta(exchange, asked, {"content": piece})

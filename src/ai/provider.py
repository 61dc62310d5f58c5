"""What a language model is to the rest of the server: three calls, two adapters (`models/`, `rule_based.py`).

No domain words here. A feature describes what it wants as a Prompt, which also says how to answer without a model: so
the server also converses without one, and says so (`Generated.model`).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, NamedTuple, Protocol, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel

from src.core.errors import AppError

DIMENSIONS = 768
"""Of every embedding, which has length 1."""

MAX_TOOL_ROUNDS = 4
"""In one turn; a round is an answer of the model's that calls tools, and the results it is sent."""

OutputT = TypeVar("OutputT", bound=BaseModel)


class Purpose(StrEnum):
    """What an embedding is for: models embed a question differently from what answers it."""

    DOCUMENT = "document"
    QUERY = "query"


class ContentBlocked(AppError):
    status, code, title = 422, "content_blocked", "Content blocked"
    default_detail = "The companion may not answer this; say it in another way."


class Rejected(Exception):
    """Raised by a Prompt's `check`: the answer breaks a rule, and the message says which, to the model."""


@dataclass(frozen=True)
class ModelTool:
    """Something a model may look up before it answers. It reads, and changes nothing.

    `arguments` validates what the model asks for; `call` gets them, and returns what the model is told, as JSON. An
    AppError of `call` ends the turn.
    """

    name: str
    description: str
    arguments: type[BaseModel]
    call: Callable[[Any], Awaitable[dict[str, Any]]]
    """Gets an instance of `arguments`."""


@dataclass(frozen=True)
class Prompt(Generic[OutputT]):
    """Something to generate. `system` holds the rules, `user` the data; `output` is the shape of the answer.

    `rule_based` answers where there is no model. `check` raises Rejected; the model is told why, and tries again
    (twice). The model may call `tools` in at most MAX_TOOL_ROUNDS answers, which are not the last.
    """

    system: str
    user: str
    output: type[OutputT]
    rule_based: Callable[[], OutputT]
    check: Callable[[OutputT], None] | None = None
    tools: Sequence[ModelTool] = ()


class TokenUsage(NamedTuple):
    """Tokens that a call took."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Generated(Generic[OutputT]):
    """An answer, which model gave it, and whether it is whole: `length` when it was cut off."""

    value: OutputT
    model: str
    usage: TokenUsage
    finish: Literal["stop", "length"] = "stop"


AiName = Literal["gemini", "openai", "openrouter", "ollama", "offline"]
"""Who answers: a protocol or a service, not a model. `openai` is any server that speaks OpenAI's protocol."""


class Embedder(Protocol):
    """Who embeds, whoever answers. `model` marks the vectors: only those of one model can be compared."""

    @property
    def model(self) -> str: ...
    @property
    def uses_model(self) -> bool:
        """Whether a server is asked, which costs something."""
        ...

    @property
    def key_refused(self) -> bool:
        """Whether our key was refused at the last call."""
        ...

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """Returns one unit vector of DIMENSIONS numbers per text, in order. Raises like a Provider."""
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...


class Provider(Protocol):
    """Raises, from every call: ContentBlocked (422), BadUpstream (502), Unavailable (503, with Retry-After) and
    UpstreamTimeout (504). `uses_model`: whether an answer asks a model, which costs something."""

    @property
    def name(self) -> AiName: ...
    @property
    def uses_model(self) -> bool: ...
    @property
    def embedder(self) -> Embedder: ...
    @property
    def embedding_model(self) -> str:
        """What marks the embeddings: the embedder's model."""
        ...

    @property
    def key_refused(self) -> bool:
        """Whether our key was refused at the last call."""
        ...

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        """Returns one unit vector of DIMENSIONS numbers per text, in order."""
        ...

    async def generate(self, prompt: Prompt[OutputT]) -> Generated[OutputT]:
        """Asks the model; retries within the time limit."""
        ...

    def stream(self, prompt: Prompt[OutputT], field: str) -> AsyncGenerator[str | Generated[OutputT], None]:
        """The text of `field` piece by piece as it is written, then the whole answer, once."""
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...


async def _provider(request: Request) -> Provider:
    return request.state.ai  # type: ignore[no-any-return]  # Starlette's state is untyped; app.State is not


AiDep = Annotated[Provider, Depends(_provider)]

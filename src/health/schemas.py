"""Answers that a load balancer, an operator and a curious browser read."""

from typing import Literal

from pydantic import AwareDatetime

from src.ai.choice import AiState
from src.core.schema import Output


class Welcome(Output):
    message: Literal["Welcome to Slow Burn API"]
    version: str
    docs: Literal["/docs"]


class Alive(Output):
    """The process answers; nothing else was asked."""

    status: Literal["healthy"]


class Readiness(Output):
    """Whether the database answers; `timestamp` is when it was last asked.

    `ai` is who answers people: `gemini`, `openai` (any server that speaks OpenAI's protocol), `openrouter` or `ollama`;
    `offline` where rules do; `unavailable` when our key was refused.
    """

    status: Literal["ok", "error"]
    database: Literal["connected", "unreachable"]
    ai: AiState
    timestamp: AwareDatetime

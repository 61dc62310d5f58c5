"""The model as Pydantic AI asks it: its connection, and the parameters of a request."""

import math
from typing import Final

from google.genai.types import ThinkingLevel
from pydantic_ai import Agent, ModelRetry, NativeOutput, RunContext, UsageLimits
from pydantic_ai.models.google import GoogleModel, GoogleModelSettings

from src.ai.gemini.retries import MAX_RETRIES
from src.ai.provider import OutputT, Prompt, Rejected
from src.core.config import Settings

MAX_OUTPUT_TOKENS: Final = 16_384
"""Thinking included. A week of meals takes about half."""
USAGE_LIMITS: Final = UsageLimits(request_limit=1 + MAX_RETRIES)
# Enough thought to keep to rules, little enough to answer a person in seconds. Every 2.5 model takes this budget.
_THINKING_BUDGET_TOKENS: Final = 512
_TEMPERATURE: Final = 0.7


def model_settings(model: GoogleModel, settings: Settings) -> GoogleModelSettings:
    """What goes into generationConfig. Gemini 3 and later: a thinking level, and no sampling parameters."""
    common = GoogleModelSettings(
        max_tokens=MAX_OUTPUT_TOKENS,
        max_retries=0,
        first_event_timeout=settings.ai_first_event_seconds,
        # Google stops working for us when we stop waiting.
        extra_headers={"X-Server-Timeout": str(math.ceil(settings.ai_budget_seconds))},
    )
    if not model.profile.get("supports_thinking", False):
        return GoogleModelSettings(**common, temperature=_TEMPERATURE)
    if model.profile.get("google_supports_thinking_level", True):
        return GoogleModelSettings(**common, google_thinking_config={"thinking_level": ThinkingLevel.LOW})
    return GoogleModelSettings(
        **common, temperature=_TEMPERATURE, google_thinking_config={"thinking_budget": _THINKING_BUDGET_TOKENS}
    )


def agent_for(prompt: Prompt[OutputT], model: GoogleModel) -> Agent[None, OutputT]:
    """An agent that answers in the prompt's shape; an answer that the prompt's check rejects is asked for again."""
    agent = Agent(model, output_type=NativeOutput(prompt.output), retries={"output": MAX_RETRIES})

    @agent.output_validator
    def check(_: RunContext[object], answer: OutputT) -> OutputT:
        try:
            if prompt.check:
                prompt.check(answer)
        except Rejected as reason:
            raise ModelRetry(str(reason)) from reason
        return answer

    return agent

"""A prompt as Pydantic AI asks it: the answer's shape, its check, and the tools."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_ai import Agent, ModelRetry, NativeOutput, PromptedOutput, RunContext, ToolOutput, UsageLimits
from pydantic_ai.capabilities import AbstractCapability, PrepareTools
from pydantic_ai.models import Model
from pydantic_ai.output import OutputContext
from pydantic_ai.settings import ModelSettings

from src.ai.models.answers import OUTPUT_TOOL, find_json
from src.ai.models.modes import Mode, ModeChoice
from src.ai.models.retries import MAX_RETRIES
from src.ai.models.tools import NO_MORE_TOOLS, ToolRounds
from src.ai.provider import MAX_TOOL_ROUNDS, OutputT, Prompt, Rejected

# One answer, the rounds before it, and what is asked for again. Ends a model that calls tools it no longer has.
USAGE_LIMITS = UsageLimits(request_limit=1 + MAX_RETRIES + MAX_TOOL_ROUNDS)
# A name that no tool has, or bad arguments, are told to the model; what ends it are the rounds.
_MAX_TOOL_ERRORS = 100


@dataclass(frozen=True)
class ChatModel:
    """A model that answers: `label` marks its answers."""

    label: str
    model: Model[Any]
    settings: Callable[[Mode], ModelSettings]
    """The parameters of a request in a mode."""
    modes: ModeChoice


def build_agent(prompt: Prompt[OutputT], chat: ChatModel, mode: Mode) -> Agent[None, OutputT]:
    """An agent that answers in the prompt's shape; an answer that the prompt's check rejects is asked for again."""
    rounds = ToolRounds(prompt.tools if mode.tools else ())
    agent: Agent[None, OutputT] = Agent(
        chat.model,
        deps_type=type(None),
        output_type=_output_type(prompt, mode),
        tools=rounds.tools,
        retries={"output": MAX_RETRIES, "tools": _MAX_TOOL_ERRORS},
        capabilities=[_JsonInWords(), *([PrepareTools(rounds.offer)] if rounds.tools else [])],
    )

    @agent.instructions
    def tell_when_tools_are_over(context: RunContext[None]) -> str | None:
        return NO_MORE_TOOLS if rounds.tools and rounds.are_over(context) else None

    @agent.output_validator
    def check(_: RunContext[None], answer: OutputT) -> OutputT:
        try:
            if prompt.check:
                prompt.check(answer)
        except Rejected as reason:
            raise ModelRetry(str(reason)) from reason
        return answer

    return agent


class _JsonInWords(AbstractCapability[None]):
    async def before_output_validate(
        self,
        ctx: RunContext[None],  # noqa: ARG002  # the library's signature
        *,
        output_context: OutputContext,  # noqa: ARG002
        output: Any,
    ) -> Any:
        """Takes the JSON out of an answer that was to be nothing else."""
        return find_json(output) if isinstance(output, str) else output


def _output_type(
    prompt: Prompt[OutputT], mode: Mode
) -> NativeOutput[OutputT] | ToolOutput[OutputT] | PromptedOutput[OutputT]:
    match mode.output:
        case "native":
            return NativeOutput(prompt.output)
        case "tool":
            return ToolOutput(prompt.output, name=OUTPUT_TOOL, description="Gives the answer.")
        case "prompted":
            return PromptedOutput(prompt.output)

"""A prompt's tools as Pydantic AI calls them: one after another, in a bounded number of rounds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

from pydantic import BaseModel
from pydantic_ai import RunContext, Tool, ToolFailed
from pydantic_ai.messages import ModelResponse
from pydantic_ai.tools import ToolDefinition

from src.ai.models.answers import OUTPUT_TOOL
from src.ai.provider import MAX_TOOL_ROUNDS, ModelTool
from src.ai.quoting import quote_as_data
from src.core.errors import AppError

MAX_CALLS_PER_ROUND: Final = 8
MAX_RESULT_CHARACTERS: Final = 30_000
"""A model at home has room for little more than this."""
NO_MORE_TOOLS: Final = "You have looked up all that you may. Answer now, from what you know."
# What the model asked for is not there, or not like that. Anything else that goes wrong ends the turn.
_TOLD_TO_THE_MODEL: Final = frozenset({404, 422})


class ToolRounds:
    """The tools of one prompt, while its model answers."""

    def __init__(self, tools: Sequence[ModelTool]) -> None:
        self._calls_of_step = Counter[int]()
        self.tools = [self._adapt(tool) for tool in tools]

    def are_over(self, context: RunContext[None]) -> bool:
        """Whether the model has called tools in as many answers as it may."""
        return sum(1 for message in context.messages if _calls_tools(message)) >= MAX_TOOL_ROUNDS

    def offer(self, context: RunContext[None], tools: list[ToolDefinition]) -> list[ToolDefinition]:
        """What the model may call next."""
        return [] if self.are_over(context) else tools

    def _adapt(self, tool: ModelTool) -> Tool[None]:
        async def call(context: RunContext[None], arguments: Any) -> str:
            self._calls_of_step[context.run_step] += 1
            if self._calls_of_step[context.run_step] > MAX_CALLS_PER_ROUND:
                raise ToolFailed(f"Not called: at most {MAX_CALLS_PER_ROUND} calls at once.")
            return await _result(tool, arguments)

        return Tool(
            call,
            takes_ctx=True,
            name=tool.name,
            description=tool.description,
            sequential=True,
            function_schema=replace(_prototype(tool.arguments).function_schema, function=call),
        )


@cache
def _prototype(arguments: type[BaseModel]) -> Tool[None]:
    """Whose schema says how arguments are read before a call. Half a millisecond to make, for each of many tools."""

    async def call(context: RunContext[None], arguments: Any) -> str:
        raise NotImplementedError

    call.__annotations__["arguments"] = arguments
    return Tool(call, takes_ctx=True)


async def _result(tool: ModelTool, arguments: Any) -> str:
    try:
        result = quote_as_data(await tool.call(arguments))
    except AppError as error:
        if error.status not in _TOLD_TO_THE_MODEL:
            raise
        raise ToolFailed(error.detail) from error
    if len(result) > MAX_RESULT_CHARACTERS:
        raise ToolFailed("That is more than fits here: ask for less.")
    return result


def _calls_tools(message: object) -> bool:
    return isinstance(message, ModelResponse) and any(call.tool_name != OUTPUT_TOOL for call in message.tool_calls)

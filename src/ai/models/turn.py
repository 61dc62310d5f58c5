"""One prompt on its way to an answer, however often the server has to be asked."""

from typing import Any, Generic

from pydantic_ai import Agent, AgentRun, RunUsage
from pydantic_ai.exceptions import (
    ModelAuthenticationError,
    ModelContextWindowExceededError,
    ModelRequestRejectedError,
    OutputTokenLimitExceeded,
)
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse

from src.ai.models.agents import USAGE_LIMITS, ChatModel, build_agent
from src.ai.models.answers import FieldReader, parse_partial
from src.ai.models.errors import is_blocked
from src.ai.models.modes import Mode
from src.ai.provider import ContentBlocked, Generated, OutputT, Prompt, TokenUsage
from src.core.errors import BadUpstream


class Turn(Generic[OutputT]):
    """Taken again after a failure that passes, it goes on where it was: what was looked up is not looked up again."""

    def __init__(self, prompt: Prompt[OutputT], chat: ChatModel, reader: FieldReader | None = None) -> None:
        self._prompt = prompt
        self._chat = chat
        self._reader = reader
        self._has_tools = bool(prompt.tools)
        self._modes = chat.modes.candidates(tools=self._has_tools)
        self._refusal: ModelRequestRejectedError | None = None
        self._messages: list[ModelMessage] = []
        self._usage = RunUsage()

    async def take(self) -> Generated[OutputT]:
        """The answer. Asks in another form when the server refuses one. Raises AgentRunError and AppError."""
        while True:
            mode = self._modes[0]
            try:
                answer = await self._run(mode)
            except ModelRequestRejectedError as error:
                self._refusal = self._refusal or error
                if not _is_about_the_form(error) or (self._reader and self._reader.has_read):
                    raise
                self._try_next_mode(self._refusal)
            else:
                self._chat.modes.settle(mode, tools=self._has_tools)
                return answer

    def _try_next_mode(self, refusal: ModelRequestRejectedError) -> None:
        if len(self._modes) == 1:
            self._chat.modes.forget(tools=self._has_tools)
            raise refusal
        del self._modes[0]
        self._messages = []

    async def _run(self, mode: Mode) -> Generated[OutputT]:
        agent = build_agent(self._prompt, self._chat, mode)
        async with agent.iter(
            None if self._messages else self._prompt.user,
            message_history=self._messages or None,
            instructions=self._prompt.system,
            model_settings=self._chat.settings(mode),
            usage_limits=USAGE_LIMITS,
            usage=self._usage,
        ) as run:
            responses: list[ModelResponse] = []
            try:
                await self._follow(run, mode, responses)
            except OutputTokenLimitExceeded:
                answer = parse_partial(self._prompt, responses[-1] if responses else None)
            else:
                if run.result is None:
                    raise BadUpstream
                answer = run.result.output
            finally:
                self._messages = _resumable(run.all_messages())
        cut_off = bool(responses) and responses[-1].finish_reason == "length"
        usage = TokenUsage(self._usage.input_tokens, self._usage.output_tokens)
        return Generated(answer, self._chat.label, usage, "length" if cut_off else "stop")

    async def _follow(self, run: AgentRun[None, OutputT], mode: Mode, responses: list[ModelResponse]) -> None:
        """Runs the agent to its end: answers go through the reader until one was read, all of them into `responses`."""
        async for node in run:
            if Agent.is_model_request_node(node) and self._reader and not self._reader.has_read:
                self._reader.begin(in_tool=mode.output == "tool")
                async with node.stream(run.ctx) as events:
                    async for event in events:
                        self._reader.read(event)
            elif Agent.is_call_tools_node(node):
                responses.append(node.model_response)
                if node.model_response.finish_reason == "content_filter":
                    raise ContentBlocked


def _is_about_the_form(error: ModelRequestRejectedError) -> bool:
    other: tuple[type[Any], ...] = (ModelAuthenticationError, ModelContextWindowExceededError)
    return not isinstance(error, other) and not is_blocked(error)


def _resumable(messages: list[ModelMessage]) -> list[ModelMessage]:
    """The conversation, where it ends with something to be answered; a broken stream leaves half an answer."""
    kept = list(messages)
    if kept and isinstance(kept[-1], ModelResponse) and kept[-1].state == "interrupted":
        del kept[-1]
    return kept if kept and isinstance(kept[-1], ModelRequest) else []

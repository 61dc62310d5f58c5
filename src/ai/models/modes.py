"""In which form a server is asked for an answer, and which form it was found to take."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import structlog

from src.core.model_endpoints import Family, ModelEndpoint

log = structlog.get_logger()


class Mode(NamedTuple):
    """`native`: the server keeps the answer to the schema. `tool`: the answer is the arguments of a function.
    `prompted`: the schema is only told. `tools`: whether the model is offered the prompt's tools."""

    output: Literal["native", "tool", "prompted"]
    tools: bool = False

    @property
    def calls_functions(self) -> bool:
        """Whether the request declares functions."""
        return self.tools or self.output == "tool"


NATIVE: Final = Mode("native")
_PROMPTED: Final = Mode("prompted")
_WITHOUT_TOOLS: Final = (NATIVE, Mode("tool"), _PROMPTED)
# A schema and tools together work at OpenAI and at Gemini 3. vLLM, LM Studio and Ollama then let the model write
# nothing but the schema, so that it never calls a tool: they get the schema as a function or in words. Ollama streams
# a function's arguments in one piece, so there it is words.
_OPENAI: Final = (Mode("native", tools=True), Mode("tool", tools=True))
_OTHERS: Final = (Mode("tool", tools=True), Mode("prompted", tools=True))
_OLLAMA: Final = (Mode("prompted", tools=True),)
# Better an answer that looked nothing up than none.
_TOOLS_REFUSED: Final = (NATIVE, _PROMPTED)


class ModeChoice:
    """The forms to try, best first. What a server refused is not tried again: `settle` remembers what worked."""

    def __init__(self, without_tools: Sequence[Mode], with_tools: Sequence[Mode]) -> None:
        self._modes = {False: tuple(without_tools), True: tuple(with_tools)}
        self._settled = {False: 0, True: 0}

    @classmethod
    def of_openai(cls, endpoint: ModelEndpoint, *, supports_schema: bool) -> "ModeChoice":
        """For a server that speaks OpenAI's protocol. `supports_schema` is false where it is known to ignore one."""

        def possible(*modes: Mode) -> list[Mode]:
            return [mode for mode in modes if supports_schema or mode.output != "native"]

        with_tools: tuple[Mode, ...] = _OPENAI if endpoint.is_openai_itself else _OTHERS
        if endpoint.model.family is Family.OLLAMA:
            with_tools = _OLLAMA
        return cls(possible(*_WITHOUT_TOOLS), possible(*with_tools, *_TOOLS_REFUSED))

    def candidates(self, *, tools: bool) -> list[Mode]:
        """What to try, in order, for a prompt with or without tools."""
        return list(self._modes[tools][self._settled[tools] :])

    def settle(self, mode: Mode, *, tools: bool) -> None:
        """Remembers that the server took this form."""
        position = self._modes[tools].index(mode)
        if position > self._settled[tools]:
            log.warning("ai_mode", output=mode.output, tools=mode.tools, reason="the server refused what is better")
            self._settled[tools] = position

    def forget(self, *, tools: bool) -> None:
        """Begins again with the best: the server now refuses what it took before."""
        self._settled[tools] = 0

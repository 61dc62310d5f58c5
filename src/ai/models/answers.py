"""What comes back from the model: text while it is still written, and answers that were cut off."""

from collections.abc import Callable
from json import JSONDecoder
from typing import Final

from pydantic_ai.messages import (
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
    ToolCallPartDelta,
)
from pydantic_core import from_json

from src.ai.provider import OutputT, Prompt, Rejected
from src.core.errors import BadUpstream

OUTPUT_TOOL: Final = "give_answer"
"""The function whose arguments are the answer, where a server takes it in no other form."""


class FieldReader:
    """Reads the text of one field out of JSON that is still being written, and passes on each new piece of it."""

    def __init__(self, field: str, on_piece: Callable[[str], None]) -> None:
        self._field = field
        self._on_piece = on_piece
        self._length_read = 0
        self._json = ""
        self._in_tool = False
        self._part: int | None = None

    @property
    def has_read(self) -> bool:
        """Whether any text has been passed on."""
        return self._length_read > 0

    def begin(self, *, in_tool: bool) -> None:
        """An answer begins: as text, or as the arguments of OUTPUT_TOOL."""
        self._json, self._in_tool, self._part = "", in_tool, None

    def read(self, event: object) -> None:
        """Reads an event of the answer's stream."""
        new = self._read_tool(event) if self._in_tool else _read_text(event)
        if not new:
            return
        self._json += new
        document = _parse(self._json)
        text = document.get(self._field) if isinstance(document, dict) else None
        if isinstance(text, str) and len(text) > self._length_read:
            self._on_piece(text[self._length_read :])
            self._length_read = len(text)

    def _read_tool(self, event: object) -> str | None:
        match event:
            case PartStartEvent(part=ToolCallPart(tool_name=name) as part) if name == OUTPUT_TOOL:
                self._part, self._json = event.index, ""
                return part.args_as_json_str() if part.args else None
            case PartDeltaEvent(delta=ToolCallPartDelta(args_delta=str(args))) if event.index == self._part:
                return args
            case _:
                return None


def _read_text(event: object) -> str | None:
    match event:
        case PartStartEvent(part=TextPart(content=content)):
            return content
        case PartDeltaEvent(delta=TextPartDelta(content_delta=content)):
            return content
        case _:
            return None


def find_json(text: str) -> str:
    """The JSON object in a text, or all of it: models that are only told to write JSON put words around it."""
    start = _start_of_json(text)
    try:
        _, end = JSONDecoder().raw_decode(text, start)
    except ValueError:
        return text
    return text[start:end]


def _start_of_json(text: str) -> int:
    if "<think>" in text and "</think>" not in text:
        return len(text)
    return max(text.find("{", text.rfind("</think>") + 1), 0)


def _parse(text: str) -> object:
    """JSON as far as it goes."""
    try:
        return from_json(text[_start_of_json(text) :], allow_partial="trailing-strings")
    except ValueError:
        return None


def parse_partial(prompt: Prompt[OutputT], response: ModelResponse | None) -> OutputT:
    """An answer that was cut off, as far as it goes. Raises BadUpstream when that is no answer."""
    calls = [call for call in response.tool_calls if call.tool_name == OUTPUT_TOOL] if response else []
    text = calls[0].args_as_json_str() if calls else (response.text if response else None) or ""
    try:
        answer = prompt.output.model_validate(_parse(text))
        if prompt.check:
            prompt.check(answer)
    except (ValueError, Rejected) as error:
        raise BadUpstream("The companion's answer was cut off.") from error
    return answer

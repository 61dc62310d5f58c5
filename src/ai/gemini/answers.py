"""What comes back from the model: text while it is still written, answers that were cut off, embeddings."""

import math
from collections.abc import Callable, Sequence

from pydantic_ai.messages import ModelResponse, PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta
from pydantic_core import from_json

from src.ai.provider import DIMENSIONS, OutputT, Prompt, Rejected
from src.core.errors import BadUpstream


class FieldReader:
    """Reads the text of one field out of JSON that is still being written, and passes on each new piece of it."""

    def __init__(self, field: str, on_piece: Callable[[str], None]) -> None:
        self._field = field
        self._on_piece = on_piece
        self._length_read = 0
        self._json = ""

    @property
    def has_read(self) -> bool:
        """Whether any text has been passed on."""
        return self._length_read > 0

    def begin(self) -> None:
        """An answer begins."""
        self._json = ""

    def read(self, event: object) -> None:
        """Reads an event of the answer's stream."""
        match event:
            case PartStartEvent(part=TextPart(content=content)):
                self._json += content
            case PartDeltaEvent(delta=TextPartDelta(content_delta=content)):
                self._json += content
            case _:
                return
        try:
            document = from_json(self._json, allow_partial="trailing-strings")
        except ValueError:
            return
        text = document.get(self._field) if isinstance(document, dict) else None
        if isinstance(text, str) and len(text) > self._length_read:
            self._on_piece(text[self._length_read :])
            self._length_read = len(text)


def parse_partial(prompt: Prompt[OutputT], response: ModelResponse | None) -> OutputT:
    """An answer that was cut off, as far as it goes. Raises BadUpstream when that is no answer."""
    text = (response.text if response else None) or ""
    try:
        answer = prompt.output.model_validate(from_json(text, allow_partial="trailing-strings"))
        if prompt.check:
            prompt.check(answer)
    except (ValueError, Rejected) as error:
        raise BadUpstream("The companion's answer was cut off.") from error
    return answer


def normalise(embedding: Sequence[float]) -> list[float]:
    """The embedding with length 1, which Google gives only to its largest. Raises BadUpstream when that cannot be."""
    length = math.sqrt(math.fsum(value * value for value in embedding))
    if len(embedding) != DIMENSIONS or not math.isfinite(length) or length == 0:
        raise BadUpstream
    return [value / length for value in embedding]

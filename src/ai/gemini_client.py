"""What talks to Gemini: Pydantic AI on Google's own client. Heavy to import; only `gemini.py` does."""

from collections.abc import AsyncGenerator, Sequence

from src.ai.provider import Generated, OutputT, Purpose, Task
from src.core.config import Settings
from src.core.errors import Unavailable


class GeminiClient:
    """Not written yet."""

    key_refused = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def embed(self, texts: Sequence[str], purpose: Purpose) -> list[list[float]]:
        raise Unavailable

    async def generate(self, task: Task[OutputT]) -> Generated[OutputT]:
        raise Unavailable

    async def stream(self, task: Task[OutputT], field: str) -> AsyncGenerator[str | Generated[OutputT], None]:
        if not self.key_refused:
            raise Unavailable
        yield ""

    async def aclose(self) -> None:
        pass

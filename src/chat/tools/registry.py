"""Every tool by its name."""

from collections.abc import Mapping
from typing import Any, Final

from src.chat.tools.next_session import NextSession
from src.chat.tools.tool import Tool

_TOOLS: Final[tuple[Tool[Any], ...]] = (NextSession(),)

TOOLS: Final[Mapping[str, Tool[Any]]] = {tool.name: tool for tool in _TOOLS}

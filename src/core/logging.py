"""Structured logs: one JSON object a line (or coloured text for a terminal), through one pipeline."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import structlog
from pydantic_core import to_json

from src.core.config import Settings

_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)
# Without local variables: they would carry tokens, bodies and emails into the logs.
_TRACEBACK = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def _to_line(event: Any, default: Callable[[Any], Any]) -> str:
    try:
        return to_json(event, fallback=default).decode()
    except ValueError:
        # Half a surrogate pair is no UTF-8: only escaped ASCII can carry it.
        return json.dumps(event, default=default)


def configure_logging(settings: Settings) -> None:
    """Sends our lines and the libraries' through the same renderer to standard error.

    uvicorn's access log is off: the request middleware writes one richer line per request.
    """
    console = settings.log_format == "console"
    shared: list[structlog.typing.Processor] = [structlog.stdlib.add_log_level, _STAMP]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(_to_line)
    )
    traceback: list[structlog.typing.Processor] = [] if console else [_TRACEBACK]
    level = getattr(logging, settings.log_level.upper())
    structlog.configure(
        processors=[*shared, *traceback, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *traceback, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.getLogger("uvicorn.access").disabled = True
    # httpx writes whole addresses, queries and all.
    logging.getLogger("httpx").setLevel(logging.WARNING)

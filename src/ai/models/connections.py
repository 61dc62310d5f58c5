"""The connections to a server, whose open responses are known to the call that opened them."""

import httpx2
from pydantic_ai.models import create_async_httpx2_client

from src.ai.models.retries import note_response
from src.core.config import Settings


def open_connections(settings: Settings) -> httpx2.AsyncClient:
    """A client of HTTP. Follows no redirect: a key goes where it was sent, and nowhere else."""
    http = create_async_httpx2_client(timeout=settings.ai_budget_seconds)
    http.follow_redirects = False
    http.event_hooks = {"response": [note_response]}
    return http

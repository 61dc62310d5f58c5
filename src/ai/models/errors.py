"""What servers and Pydantic AI raise, as our own errors; and whether asking again can help."""

import math
import random
from typing import Final

from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestTimeout,
    ModelServerError,
    ModelTimeoutError,
    ModelUnavailableError,
)

from src.ai.provider import ContentBlocked
from src.core.errors import AppError, BadUpstream, Unavailable, UpstreamTimeout

UNUSABLE_ANSWER: Final = "The companion gave an answer we could not use."
NOT_IN_TIME: Final = "The companion did not answer in time; try again."
# OpenAI's and those of Azure and of gateways, which refuse a prompt with status 400.
_BLOCKED_CODES: Final = frozenset({"content_filter", "content_policy_violation", "moderation_blocked"})
_PAUSE_SECONDS: Final = 0.4
_RETRY_AFTER_REFUSED_KEY_SECONDS: Final = 600
_RETRY_AFTER_QUOTA_SECONDS: Final = 3600
_MIN_RETRY_AFTER_SECONDS: Final = 2
_MAX_RETRY_AFTER_SECONDS: Final = 3600


def pause_before_retry(error: AgentRunError, attempt: int) -> float | None:
    """Seconds to wait before the call is made again after this attempt (the first is 1); None: do not retry."""
    if isinstance(error, ModelTimeoutError | ModelQuotaExceededError):
        return None
    if isinstance(error, ModelRateLimitError | ModelUnavailableError | ModelServerError | ModelConnectionError):
        jitter = random.uniform(0.5, 1.0)  # noqa: S311  # spreads the load, guards nothing
        return error.retry_after if error.retry_after is not None else _PAUSE_SECONDS * 2 ** (attempt - 1) * jitter
    return None


def is_blocked(error: AgentRunError) -> bool:
    """Whether what was asked or answered was refused for what it says."""
    return isinstance(error, ContentFilterError) or (
        isinstance(error, ModelAPIError) and error.provider_error_code in _BLOCKED_CODES
    )


def translate_model_error(error: AgentRunError) -> AppError:
    """The error that a client of the API gets."""
    match error:
        case _ if is_blocked(error):
            return ContentBlocked()
        case ModelRequestTimeout() | ModelTimeoutError():
            return UpstreamTimeout(NOT_IN_TIME)
        case ModelAuthenticationError():
            return Unavailable("The companion cannot answer right now.", retry_after=_RETRY_AFTER_REFUSED_KEY_SECONDS)
        case ModelQuotaExceededError():
            return Unavailable("The companion has answered all it may today.", retry_after=_RETRY_AFTER_QUOTA_SECONDS)
        case ModelRateLimitError() | ModelUnavailableError() | ModelServerError() | ModelConnectionError():
            return Unavailable("The companion is busy; try again shortly.", retry_after=_retry_after(error))
        case _:
            return BadUpstream(UNUSABLE_ANSWER)


def loggable_facts(error: AgentRunError) -> dict[str, object]:
    """What a log may say of an error. Never its message, which may quote what was asked or answered."""
    facts: dict[str, object] = {"error": type(error).__name__}
    if isinstance(error, ModelAPIError):
        facts |= {"status": getattr(error, "status_code", None), "code": error.provider_error_code}
    return facts


def _retry_after(error: ModelAPIError) -> int:
    wait = math.ceil(error.retry_after or 0)
    return max(_MIN_RETRY_AFTER_SECONDS, min(wait, _MAX_RETRY_AFTER_SECONDS))

"""What PostgREST and Postgres say when something fails, translated once, by table, to what a client should know."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from src.core.errors import (
    AppError,
    BadUpstream,
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    RateLimited,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UpstreamTimeout,
    ValidationFailed,
)
from src.core.http_client import Answer

# By error code: SQLSTATEs, PostgREST's own (PGRST…) and those our functions raise to choose the status (PT…). SQLSTATEs
# not listed whole go by their class, the first two of the five characters.
_BY_CODE: dict[str, type[AppError]] = {
    "PGRST301": Unauthenticated,  # token invalid or expired (PostgREST 12)
    "PGRST302": Unauthenticated,  # anonymous access is off
    "PGRST303": Unauthenticated,  # token claims invalid, or clocks apart (PostgREST 13+)
    "PGRST116": NotFound,  # one row was asked for, none is visible
    "": Unavailable,  # the connection ended in the middle of a statement: nobody was left to say a code
    "PGRST000": Unavailable,  # no connection to the database
    "PGRST001": Unavailable,
    "PGRST002": Unavailable,  # schema cache not loaded yet
    "PGRST003": UpstreamTimeout,  # waited too long for a pooled connection
    "PT401": Unauthenticated,  # private.refuse_account
    "PT403": Forbidden,
    "PT404": NotFound,
    "PT409": Conflict,
    "PT412": PreconditionFailed,
    "PT422": ValidationFailed,
    "PT429": TooManyRequests,
    "42501": Forbidden,  # row-level security or a missing grant
    "23505": Conflict,
    "23503": Conflict,
    "57014": UpstreamTimeout,  # statement timeout
    "55P03": Conflict,  # lock not available
}

_BY_CLASS: dict[str, type[AppError]] = {
    "23": ValidationFailed,  # not null, check and exclusion constraints
    "22": ValidationFailed,  # values that do not fit their type
    "40": Unavailable,  # serialisation failure, deadlock: worth another try
    "08": Unavailable,
    "53": Unavailable,
    "57": Unavailable,
    "58": Unavailable,
    "XX": BadUpstream,
}
_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
# No 401: the person's token was verified here, and PostgREST gives a code where it refuses one. It is our own key
# that a gateway refuses without a code, and nobody is to be signed out for that.
_BY_STATUS: dict[int, type[AppError]] = {
    429: Unavailable,
    502: Unavailable,
    503: Unavailable,
    504: UpstreamTimeout,
}

# What private.check_request refuses of a person for a moment, with 429 and Retry-After: too many writes in a short
# time, too many requests at once. Nothing was done.
_REFUSED_FOR_NOW = frozenset({"PT429", "53300"})

Constraints = Mapping[str, tuple[str | None, str]]
"""What a person should read when a constraint stops them: by its name the field, or None, and a sentence."""

_CONSTRAINT = re.compile(r'constraint "(\w+)"')


def translate_error_answer(answer: Answer, constraints: Constraints) -> AppError:
    """The AppError for an answer of 400 or above. Never carries SQL, table names or what other people own."""
    try:
        problem: Any = from_json(answer.body)
        code, message = problem.get("code"), problem.get("message")
    except (ValueError, AttributeError):
        return error_for_status(answer.status)
    retry_after = answer.headers.get("retry-after", "")
    if answer.status == 429 and retry_after.isdecimal() and isinstance(code, str) and code in _REFUSED_FOR_NOW:
        return RateLimited(message if isinstance(message, str) else None, retry_after=int(retry_after))
    kind = _kind_of(code) if isinstance(code, str) else None
    if kind is None:
        return error_for_status(answer.status)
    if not isinstance(message, str):
        return kind()
    if code.startswith("PT"):
        return _of_own_function(kind, message, problem.get("details"))
    return _of_constraint(kind, message, constraints)


def _kind_of(code: str) -> type[AppError] | None:
    if code in _BY_CODE:
        return _BY_CODE[code]
    return _BY_CLASS.get(code[:2]) if _SQLSTATE.fullmatch(code) else None


def error_for_status(status: int) -> AppError:
    """The AppError for an upstream's failure that says nothing but its status."""
    return _BY_STATUS.get(status, BadUpstream)()


# Our own functions' messages are written for people; these classes pass them on.
_PASS_MESSAGE_ON = frozenset({Conflict, Forbidden, NotFound, ValidationFailed})


def _of_own_function(kind: type[AppError], message: str, details: Any) -> AppError:
    if kind is TooManyRequests:
        return TooManyRequests(message, limit=_limit(details))
    if kind is Unauthenticated:
        return Unauthenticated.account_gone()
    return kind(message, errors=_field_errors(details)) if kind in _PASS_MESSAGE_ON else kind()


def _limit(details: Any) -> int | None:
    """The daily limit, which private.count_call puts in `details`."""
    return int(details) if isinstance(details, str) and details.isdecimal() else None


def _field_errors(details: Any) -> list[FieldError]:
    """Our functions name wrong fields as a JSON list of {loc, message, type} in `details`."""
    try:
        return [
            {"loc": _place(error["loc"]), "message": error["message"], "type": error["type"]}
            for error in from_json(details or "[]")
        ]
    except (ValueError, TypeError, KeyError):
        return []


def _place(loc: list[str | int]) -> list[str | int]:
    # What is stored is no part of the body: the profile, measurements, memories, and how much there is of something.
    return loc if loc[:1] in (["profile"], ["measurements"], ["memories"], ["quota"]) else ["body", *loc]


def _of_constraint(kind: type[AppError], message: str, constraints: Constraints) -> AppError:
    found = _CONSTRAINT.search(message)
    name = found[1] if found else ""
    if kind is Conflict and name.endswith("_user_id_fkey"):
        return Unauthenticated.account_gone()
    field, sentence = constraints.get(name, (None, None))
    if kind is ValidationFailed and field and sentence:
        return kind(errors=[{"loc": ["body", field], "message": sentence, "type": name}])
    return kind(sentence)

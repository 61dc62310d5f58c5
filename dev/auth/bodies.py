"""Request bodies: JSON objects of bounded size, and the checks the endpoints share."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request

from dev.auth.errors import AuthError, invalid

Metadata = dict[str, Any]

BODY_MAX_BYTES = 1 << 20
# Metadata travels in every access token, and a token in a header: past this, proxies refuse the requests.
METADATA_MAX_BYTES = 4096
_EMAIL_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_EMAIL = re.compile(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_EMAIL_LABEL}(?:\.{_EMAIL_LABEL})*")


class RequestBody(BaseModel):
    """What every body shares: unknown fields are ignored and null means absent, as on the platform."""

    model_config = ConfigDict(strict=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


class SignUp(RequestBody):
    """POST /signup; without email and phone it asks for an anonymous user."""

    email: str = ""
    phone: str = ""
    password: str = ""
    data: Metadata = Field(default_factory=dict)


class PasswordGrant(RequestBody):
    """POST /token?grant_type=password."""

    email: str = ""
    phone: str = ""
    password: str = ""


class RefreshGrant(RequestBody):
    """POST /token?grant_type=refresh_token."""

    refresh_token: str = ""


class AccountUpdate(RequestBody):
    """PUT /user."""

    email: str = ""
    phone: str = ""
    password: str | None = None
    data: Metadata | None = None
    app_metadata: Metadata | None = None


class AdminUser(RequestBody):
    """POST /admin/users and PUT /admin/users/{id}."""

    id: str = ""
    email: str = ""
    phone: str = ""
    password: str | None = None
    password_hash: str = ""
    email_confirm: bool = False
    role: str = ""
    user_metadata: Metadata | None = None
    app_metadata: Metadata | None = None
    ban_duration: str = ""


class AdminDelete(RequestBody):
    """DELETE /admin/users/{id}; the body may be missing."""

    should_soft_delete: bool = False


B = TypeVar("B", bound=RequestBody)


async def read_body(request: Request, model: type[B], *, optional: bool = False) -> B:
    """The body as that model. AuthError 400 `bad_json` when it is not, 413 when it is larger than 1 MiB."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY_MAX_BYTES:
            raise AuthError(413, "validation_failed", "The request body is larger than 1 MiB.")
    if optional and not content:
        return model()
    try:
        return model.model_validate(_parse(bytes(content)))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise _bad_json(f"{where}: {first['msg']}") from error


def _parse(content: bytes) -> object:
    try:
        value = json.loads(content)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise _bad_json(type(error).__name__) from error
    if any("\0" in text or not _encodable(text) for text in _strings(value)):
        raise invalid("Text must not contain NUL characters or unpaired surrogates.")
    return value


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bad_json(reason: str) -> AuthError:
    return AuthError(400, "bad_json", f"Could not parse request body as JSON: {reason}")


def normalise_email(text: str) -> str:
    """The address in lower case. AuthError 400 when it is none."""
    if len(text) > 255:
        raise invalid("An email address is too long")
    if _EMAIL.fullmatch(text) is None:
        raise invalid("Unable to validate email address: invalid format")
    return text.lower()


def merge_metadata(old: Metadata | None, changes: Metadata) -> Metadata:
    """Metadata after a partial update: null removes a key. AuthError 422 when the result is too large."""
    result = {**(old or {}), **changes}
    result = {key: value for key, value in result.items() if value is not None}
    if len(json.dumps(result, ensure_ascii=False).encode()) > METADATA_MAX_BYTES:
        raise invalid(f"Metadata must not be larger than {METADATA_MAX_BYTES} bytes, it is in every token.", 422)
    return result

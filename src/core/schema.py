"""What all request and response models share."""

from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
)


def _no_nul(text: str) -> str:
    # Postgres cannot store it: said here, it is a wrong field and not a failure.
    if "\x00" in text:
        raise ValueError("must not contain NUL characters")
    return text


def _unique(items: list[Any]) -> list[Any]:
    if len(set(items)) != len(items):
        raise ValueError("must not contain an item twice")
    return items


def _is_number(value: object) -> object:
    # JSON has numbers; "5" and true are something else, whatever Python makes of them.
    if isinstance(value, str | bool):
        raise ValueError("must be a number")  # noqa: TRY004  # Pydantic turns ValueError into a field error
    return value


def _is_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004
    return value


# Constraints stand before these in an Annotated, so that they apply to the value itself and show in the contract.
NoNul = AfterValidator(_no_nul)
"""For any text a person writes."""

Unique = AfterValidator(_unique)
"""For a list that is a set."""

JsonNumber = BeforeValidator(_is_number)
"""For a number in a body."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), NoNul]

Flag = Annotated[bool, Strict()]
"""True or false in a body."""

Day = Annotated[date, BeforeValidator(_is_text)]
"""A calendar day, YYYY-MM-DD."""

Moment = Annotated[
    AwareDatetime, BeforeValidator(_is_text), Field(description="RFC 3339 with an offset; answered in UTC.")
]


class Input(BaseModel):
    """A request body: unknown fields are rejected, numbers are finite."""

    # Defaults are for requests: in an answer every field is there.
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_serialization_defaults_required=True)


class QueryModel(BaseModel):
    """Query parameters: unknown ones are rejected."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    """A response body. Every field is always there, so there are no defaults."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)


class Change(Input):
    """The body of a PATCH: what is left out stays, so the contract must not promise a default for it."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

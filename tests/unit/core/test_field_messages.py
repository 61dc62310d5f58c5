"""What is said of a wrong field is plain, and holds nothing that was sent."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from src.core.field_messages import MAX_ECHO, field_error, shortened
from src.core.schema import Day, Flag, JsonNumber, Name, Timestamp


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
SECRET = "hunter2" * 30  # pragma: allowlist secret

WRONG: list[tuple[Any, Any, str]] = [
    (Cat, 60, "must be an object"),
    (Cat, {}, "is missing"),
    (Cat, {"kind": SECRET}, "must be one of 'cat'"),
    (Pet, {"kind": SECRET}, "must be one of 'cat', 'dog'"),
    (Pet, {}, "must have 'kind', which says what it is"),
    (list[int], SECRET, "must be a list"),
    (int, SECRET, "must be a whole number"),
    (int, 1.5, "must be a whole number"),
    (Annotated[float, JsonNumber], SECRET, "must be a number"),
    (Annotated[int, Field(ge=1, le=7)], 8, "must be at most 7"),
    (Annotated[int, Field(ge=1, le=7)], 0, "must be at least 1"),
    (Flag, 1, "must be true or false"),
    (Name, 5, "must be a text"),
    (Name, "", "must have at least 1 characters"),
    (UUID, SECRET, "must be a UUID"),
    (Day, "2026-02-31", "must be a day, such as 2026-11-02"),
    (Timestamp, "2026-11-02T18:00:00", "must have an offset, such as 2026-11-02T18:00:00Z"),
    (Annotated[list[int], Field(max_length=1)], [1, 2], "must have at most 1 items"),
    (date, [], "must be a day, such as 2026-11-02"),
]


@pytest.mark.parametrize(("kind", "value", "message"), WRONG, ids=[message for *_, message in WRONG])
def test_the_message_is_plain(kind: Any, value: Any, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    error = field_error(dict(refused.value.errors()[0]))
    assert error["message"] == message
    assert SECRET not in str(error)


def test_an_error_without_its_limit_is_told_all_the_same() -> None:
    error = field_error({"type": "too_long", "loc": ("body",), "msg": "Too long"})
    assert error["message"] == "must have at most its max_length items"


def test_little_is_repeated() -> None:
    assert shortened("x" * MAX_ECHO) == "x" * MAX_ECHO
    assert len(shortened("x" * 5000)) == MAX_ECHO

"""What counts as an empty text: the same in the database and in the API, for every character there is."""

from typing import Annotated

import asyncpg
import pytest
from pydantic import TypeAdapter, ValidationError

from src.core.schema import CleanText, clean, is_visible
from tests.support.people import Person, assert_problem, fields_of

ONE_CHARACTER = TypeAdapter(Annotated[str, CleanText(max_length=1)])
SURROGATES = range(0xD800, 0xE000)
INVISIBLE = {
    "zero-width": "\u200b\u200d", "bidirectional": "\u202e\u2066\u2069", "Hangul filler": "\u3164",
    "byte order": "\ufeff",
    "variation selectors": "\ufe0f\U000e0101", "tags": "\U000e0041\U000e007f", "soft hyphens": "\xad \xad",
    "controls": "\x01\x7f\x85", "Braille": "\u2800", "spaces": "\u2003\u3000",
}  # fmt: skip


async def test_database_and_api_agree_on_every_character(migrator: "asyncpg.Connection[asyncpg.Record]") -> None:
    unseen = set(
        await migrator.fetchval(
            "select array_agg(n) from generate_series(1, 1114111) as n"
            " where n not between 55296 and 57343 and not private.is_nonblank(chr(n), 1)"
        )
    )
    assert unseen == {n for n in range(1, 0x110000) if n not in SURROGATES and not is_visible(chr(n))}
    for number in unseen:
        assert clean(chr(number)) == ""
        with pytest.raises(ValidationError):
            ONE_CHARACTER.validate_python(chr(number))
    # Letters of all scripts, combining marks and emoji are seen.
    for character in "aé\u0301م한क👍🏽\u00a9":
        assert ord(character) not in unseen
        assert ONE_CHARACTER.validate_python(character) == character


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE)
async def test_an_invisible_name_is_refused(text: str, ana: Person) -> None:
    problem = assert_problem(await ana.post("/api/v1/plans", json={"name": text}), 422, "validation_failed")
    assert fields_of(problem) == {("body", "name")}
    kept = await ana.post("/api/v1/plans", json={"name": f"{text}Squat{text}"})
    assert kept.status_code == 201, kept.text

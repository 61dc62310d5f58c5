"""The database decides what is urgent as the API does."""

import random

import asyncpg

from src.chat.safety import safety_response
from tests.unit.chat.test_safety import FLAGS, HARMLESS

ENDINGS = ("", ".", "!\n", "\nAnd you?", " today, at the gym\n\n")


async def test_database_and_api_agree_on_every_message(migrator: "asyncpg.Connection[asyncpg.Record]") -> None:
    flagged = [message for messages in FLAGS.values() for message in messages]
    words = " ".join([*flagged, *HARMLESS]).split()
    generator = random.Random(10)  # noqa: S311  # the same messages each time
    made = [" ".join(generator.choices(words, k=generator.randint(1, 12))) for _ in range(600)]
    spelled = [message.replace("'", "\u2019") for message in flagged]
    messages = [
        form + ending
        for message in [*flagged, *HARMLESS, *spelled, *made]
        for form in (message, message.upper())
        for ending in ENDINGS
    ]
    urgent = await migrator.fetchval(
        "select array_agg(private.is_urgent(m.text) order by m.n)"
        " from unnest($1::text[]) with ordinality as m (text, n)",
        messages,
    )
    expected = [safety_response(message) is not None for message in messages]
    assert [message for message, a, b in zip(messages, urgent, expected, strict=True) if a != b] == []
    assert {True, False} == set(expected)

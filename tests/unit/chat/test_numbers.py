"""Numbers of a reply against their sources."""

import pytest

from src.chat.numbers import cut_unproven, shares_number, unproven_numbers


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("You lifted 102.5 kg.", "102,5 kg"),
        ("Du hast 102,50 kg gehoben.", '{"weight_kg": 102.5}'),
        ("2,480 kcal a day", "2480"),
        ("2.480 kcal am Tag", "2480"),
        ("2 480 kcal om dagen".replace(" 4", "\u00a04"), "2480"),
        ("1,250.5 km", "1250.5"),
        ("on 3 November 2026", "2026-11-03"),
        ("am 3.11.2026", "2026-11-03"),
        ("at 18:05", "18:05"),
        ("nothing in digits", ""),
    ],
)
def test_a_number_is_proven_however_it_is_written(text: str, source: str) -> None:
    assert unproven_numbers(text, [source]) == []


@pytest.mark.parametrize(
    ("text", "unproven"),
    [
        ("You lifted 103 kg.", ["103"]),
        ("am 4.12.2026", ["4", "12"]),
        ("102.55 kg", ["102.55"]),
        ("1025 kg", ["1025"]),
    ],
)
def test_a_number_without_a_source_is_named(text: str, unproven: list[str]) -> None:
    assert unproven_numbers(text, ["102.5 kg", "2026-11-03"]) == unproven


def test_cutting_takes_whole_sentences() -> None:
    text = "You are 1.82 m tall. You bench 140 kg! Next is Monday."
    assert cut_unproven(text, ["1,82"]) == "You are 1.82 m tall. Next is Monday."
    assert cut_unproven("140 kg it is.", []) == ""


def test_texts_share_a_number() -> None:
    assert shares_number("8 reps at 100 kg", "100,0")
    assert not shares_number("8 reps at 100 kg", "1000")

"""Norwegian in English words: forms, compounds and phrases; what is not known stays."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.language.lexicon import read_table
from src.language.norwegian import gloss_norwegian


@pytest.mark.parametrize(
    ("norwegian", "english"),
    [
        ("Jeg er allergisk mot peanøtter", "I am allergic against peanut"),
        ("Jeg er peanøttallergiker", "I am peanut allergic"),
        ("Skuldrene mine er stive.", "shoulder my am stiff."),
        ("I går løp jeg 10 km!", "yesterday run I 10 km!"),
        ("Jeg trener på treningssenteret om kveldene", "I train on gym in the evening"),
        ("Jeg går ned i vekt", "I go lose weight"),
        ("Bor du i Trondheim?", "live you in Trondheim?"),
    ],
)
def test_forms_compounds_and_phrases_are_known(norwegian: str, english: str) -> None:
    assert gloss_norwegian(norwegian) == english


def test_what_is_not_known_stays_with_its_case_and_its_signs() -> None:
    assert gloss_norwegian("Garmin Fenix 7X: «PR» 102,5") == "Garmin Fenix 7X: «PR» 102,5"
    assert gloss_norwegian("") == ""


@given(st.text(max_size=100))
def test_any_text_keeps_what_is_no_word(text: str) -> None:
    def signs(value: str) -> str:
        return re.sub(r"[^\W\d_]+| ", "", value)

    assert signs(gloss_norwegian(text)) == signs(text)


def test_a_long_word_takes_no_long_time() -> None:
    assert gloss_norwegian("tå" * 50_000) == "tå" * 50_000


def test_each_form_stands_once_in_the_table() -> None:
    forms = [form for row in read_table("norwegian") for form in row["norwegian"].split()]
    assert sorted({form for form in forms if forms.count(form) > 1}) == []

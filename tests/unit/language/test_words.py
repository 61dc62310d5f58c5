"""Words and their stems."""

import pytest

from src.language.words import stem_word, tokenize


@pytest.mark.parametrize(
    "forms",
    [
        "squat squats squatting squatted",
        "run runs running",
        "injury injuries injured",
        "allergy allergies allergic",
        "train trains training trained",
        "hate hates hated",
        "recover recovering recovery",
        "prefer prefers preference preferences",
        "diabetes diabetic",
        "nurse nurses nursing",
        "press presses pressing",
    ],
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem_word(form) for form in forms.split()}) == 1


def test_words_are_parted_where_a_person_would() -> None:
    assert tokenize("Don't SQUAT, Café-Straße!") == ["dont", "squat", "cafe", "strasse"]
    assert tokenize("膝痛") == ["膝", "痛", "膝痛"]
    assert tokenize("__ …") == []
    assert tokenize("a" * 100) == ["a" * 32]

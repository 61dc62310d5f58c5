"""What the companion says without a model: the same sentences in every language, with the same values in them."""

from collections.abc import Iterator
from datetime import date
from string import Formatter

import pytest

from src.chat.phrases import say
from src.chat.phrases.catalogue import Sentence, load
from src.chat.phrases.formats import day, duration, listed, month, number, quantity, weekday
from src.language.language import Language

TODAY = date(2026, 11, 28)
OTHERS = [language for language in Language if language is not Language.EN]


def forms(sentence: Sentence) -> Iterator[str]:
    yield from [sentence] if isinstance(sentence, str) else sentence.values()


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_sentences(language: Language) -> None:
    assert load(language).keys() == load(Language.EN).keys()


@pytest.mark.parametrize("language", Language)
def test_sentences_have_the_same_values_in_every_language(language: Language) -> None:
    for key, sentence in load(Language.EN).items():
        wanted = set().union(*map(placeholders, forms(sentence)))
        found = set().union(*map(placeholders, forms(load(language)[key])))
        assert found == wanted, key


@pytest.mark.parametrize("language", Language)
def test_sentences_that_depend_on_a_number_have_both_forms(language: Language) -> None:
    for key, sentence in load(language).items():
        assert isinstance(load(Language.EN)[key], str) == isinstance(sentence, str), key
        if not isinstance(sentence, str):
            assert sentence.keys() == {"one", "other"}, key


@pytest.mark.parametrize("language", Language)
def test_no_sentence_is_blank_or_has_spaces_around_it(language: Language) -> None:
    for key, sentence in load(language).items():
        assert all(form and form == form.strip() for form in forms(sentence)), key


def test_what_people_wrote_is_never_a_placeholder() -> None:
    plan = "{day} {0} {plan.__class__} {{"
    assert plan in say("session.next", Language.EN, plan=plan, day="Push")


def test_a_missing_value_is_an_error_and_no_half_sentence() -> None:
    with pytest.raises(KeyError):
        say("session.next", Language.EN, plan="Strength")


@pytest.mark.parametrize(
    ("language", "written"),
    [
        (Language.EN, ["1,234.5", "102.5 kg", "Tuesday, 24 November", "Monday, 1 December 2025", "November 2026"]),
        (Language.DE, ["1.234,5", "102,5 kg", "Dienstag, 24. November", "Montag, 1. Dezember 2025", "November 2026"]),
        (
            Language.ES,
            ["1.234,5", "102,5 kg", "martes 24 de noviembre", "lunes 1 de diciembre de 2025", "noviembre de 2026"],
        ),
        (Language.NB, ["1 234,5", "102,5 kg", "tirsdag 24. november", "mandag 1. desember 2025", "november 2026"]),
    ],
)
def test_numbers_and_dates_are_written_as_the_language_writes_them(language: Language, written: list[str]) -> None:
    found = [
        number(1234.5, language),
        quantity(102.5, "kg", language),
        day(date(2026, 11, 24), language, TODAY),
        day(date(2025, 12, 1), language, TODAY),
        month(TODAY, language),
    ]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in found] == written


def test_lists_are_joined_as_in_a_sentence() -> None:
    names = ["Squat", "Bench Press", "Plank"]
    assert listed(names, Language.EN) == "Squat, Bench Press and Plank"
    assert listed(names, Language.DE) == "Squat, Bench Press und Plank"
    assert listed(names, Language.ES) == "Squat, Bench Press y Plank"
    assert listed(names, Language.NB) == "Squat, Bench Press og Plank"
    assert listed(["Squat", "Incline Press"], Language.ES) == "Squat e Incline Press"
    assert listed(["Squat"], Language.ES) == "Squat"


def test_durations_have_the_units_that_people_use() -> None:
    texts = [duration(seconds, Language.EN).replace("\N{NO-BREAK SPACE}", " ") for seconds in (45, 90, 720, 3900, 7200)]
    assert texts == ["45 s", "90 s", "12 min", "1 h 5 min", "2 h"]


def test_weekdays_begin_with_monday() -> None:
    assert [weekday(1, language) for language in Language] == ["Monday", "Montag", "lunes", "mandag"]
    assert weekday(7, Language.NB) == "søndag"

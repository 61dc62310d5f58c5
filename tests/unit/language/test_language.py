"""Short texts are told apart by their language; what could be any is what it was before."""

from pathlib import Path

import pytest

from src.language.language import Language, detect_language

TEXTS = [
    line.split("\t")
    for line in (Path(__file__).parent / "short_texts.tsv").read_text().splitlines()[1:]
    if line.strip()
]


@pytest.mark.parametrize(("language", "text"), TEXTS)
@pytest.mark.parametrize("default", [Language.EN, Language.NB])
def test_language_of_a_short_text(language: str, text: str, default: Language) -> None:
    assert detect_language(text, default) == language


@pytest.mark.parametrize(
    "text", ["", "   ", "80 kg", "5x5", "👍", "ok", "膝が痛い", "Boli mnie kolano", "ik heb pijn", "…?!"]
)
@pytest.mark.parametrize("default", list(Language))
def test_what_is_in_none_of_them_is_the_default(text: str, default: Language) -> None:
    assert detect_language(text, default) == default


@pytest.mark.parametrize("text", ["je suis végétarien", "mi fa male il ginocchio", "eu não posso comer leite"])
def test_a_neighbour_is_not_taken_for_spanish(text: str) -> None:
    assert detect_language(text, Language.EN) == Language.EN


@pytest.mark.parametrize("text", ["jag är allergisk mot nötter", "jeg har ondt i knæet", "eg har vondt i kneet"])
def test_what_is_nearest_to_norwegian_is_read_as_norwegian(text: str) -> None:
    assert detect_language(text, Language.EN) == Language.NB


@pytest.mark.parametrize("text", ["MEIN KNIE TUT WEH", "mein knie tut weh", "Mein  Knie\ntut weh!!"])
def test_case_and_spaces_do_not_matter(text: str) -> None:
    assert detect_language(text) == Language.DE

"""The fixed texts, in texts/<language>.toml: what to do and whom to call, a question in doubt, and how are you."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from src.chat.safety.numbers import Contact, Purpose, country_of, find_contact
from src.language.language import Language
from src.vocabulary import Concern

_TEXTS: Final = Path(__file__).parent / "texts"
# How one asks after somebody, and how one is glad: by what might still be wrong.
_TONES: Final[Mapping[Concern, str]] = {
    **dict.fromkeys(Concern, "emergency"),
    **dict.fromkeys(
        (Concern.RHABDOMYOLYSIS, Concern.CONCUSSION, Concern.SYNCOPE, Concern.OVERTRAINING_FEVER), "urgent"
    ),
    Concern.SELF_HARM: "self_harm",
    Concern.EATING_DISORDER: "eating_disorder",
}


class Texts(BaseModel):
    """All texts of one language. `follow_up` and `thanks` are by tone, `phrases` by purpose of a number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    careful: dict[Concern, str]
    question: dict[Concern, str]
    follow_up: dict[str, str]
    thanks: dict[str, str]
    phrases: dict[str, str]


def careful_text(concern: Concern, language: Language, timezone: str) -> str:
    """What to do now, whom to call, and what to leave: no diagnosis, no advice on training."""
    return _fill(load_texts(language).careful[concern], language, timezone)


def question_text(concern: Concern, language: Language, timezone: str) -> str:
    """The one question that tells whether it is serious."""
    return _fill(load_texts(language).question[concern], language, timezone)


def follow_up_text(concern: Concern, language: Language, timezone: str) -> str:
    """Asks whether they are fine, and says nothing of anything else."""
    return _fill(load_texts(language).follow_up[_TONES[concern]], language, timezone)


def thanks_text(concern: Concern, language: Language, timezone: str) -> str:
    """After they said that they are fine."""
    return _fill(load_texts(language).thanks[_TONES[concern]], language, timezone)


@cache
def load_texts(language: Language) -> Texts:
    """Reads texts/<language>.toml."""
    return Texts.model_validate(tomllib.loads((_TEXTS / f"{language}.toml").read_text(encoding="utf-8")))


def _fill(text: str, language: Language, timezone: str) -> str:
    country = country_of(timezone)
    phrases = {purpose.value: _phrase(purpose, language, country) for purpose in Purpose}
    return text.strip().format_map(phrases)


def _phrase(purpose: Purpose, language: Language, country: str | None) -> str:
    phrases = load_texts(language).phrases
    contact = find_contact(country, purpose)
    if contact is None:
        return phrases[f"{purpose}_unknown"]
    return _name(contact, phrases[purpose])


def _name(contact: Contact, phrase: str) -> str:
    # "NHS 111" says its number.
    return contact.name if "{name}" in phrase and contact.number in contact.name else phrase.format(**contact._asdict())

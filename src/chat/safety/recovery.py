"""Whether people say that they are fine again: only then does the companion go on."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from src.chat.safety.rules import load_rules
from src.chat.safety.words import Span, Text, compile_entries, plain
from src.language.language import Language
from src.vocabulary import Concern

_FOLDER: Final = Path(__file__).parent / "recovery"
_QUESTION: Final = re.compile(r"[^.!?;\n…]*\?")
_DENIED_WITHIN: Final = 2
_SHORT_ANSWER: Final = 5
# What a short answer to the one question means: texts/en.toml has the questions.
_HARMLESS_ANSWER: Final[Mapping[Concern, str]] = {
    Concern.STROKE: "no",
    Concern.ANAPHYLAXIS: "no",
    Concern.CONCUSSION: "no",
    Concern.CAUDA_EQUINA: "yes",
    Concern.SYNCOPE: "no",
    Concern.PREGNANCY: "no",
    Concern.SELF_HARM: "no",
    Concern.EATING_DISORDER: "no",
    Concern.OVERTRAINING_FEVER: "no",
}


def is_fine(message: str, language: Language, asked: Concern | None = None) -> bool:
    """Whether somebody says that they are fine again. `asked`: what the companion has just asked about, if it did.

    A message that raises an alarm says no such thing, whatever else stands in it: assess() comes first.
    """
    text = Text(plain(_QUESTION.sub(" ", message)))
    # People say "all good" in every language, and a short message has none.
    tried = (language, *(other for other in Language if other != language))
    if any(_has(text, other, "not_fine") for other in tried):
        return False
    return any(_says_fine(text, other) for other in tried) or (asked is not None and _answers(text, language, asked))


def _says_fine(text: Text, language: Language) -> bool:
    if _has(text, language, "other_fine") or _has(text, language, "condition"):
        return False
    denials = list(text.find(load_rules(language).guards["negation"]))
    return any(not _is_denied(span, denials) for span in text.find(_load(language)["fine"]))


def _answers(text: Text, language: Language, asked: Concern) -> bool:
    is_short = len(text.folded.split()) <= _SHORT_ANSWER
    short_answer = _HARMLESS_ANSWER.get(asked)
    return _has(text, language, "harmless") or bool(is_short and short_answer and _has(text, language, short_answer))


def _is_denied(span: Span, denials: list[Span]) -> bool:
    return any(0 < span.first - denial.last <= _DENIED_WITHIN for denial in denials)


def _has(text: Text, language: Language, kind: str) -> bool:
    return any(True for _ in text.find(_load(language)[kind]))


@cache
def _load(language: Language) -> Mapping[str, re.Pattern[str]]:
    document = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {name: compile_entries(entries, {}) for name, entries in document.items()}

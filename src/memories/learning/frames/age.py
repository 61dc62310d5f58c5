"""How old the person is, and when they were born."""

import re
from datetime import date
from typing import Final

from babel import Locale

from src.language.language import Language
from src.language.lexicon import word_set
from src.language.text import fold
from src.memories.learning.clauses import Clause
from src.memories.learning.frames.body import is_headline, text_of
from src.memories.learning.frames.finding import Finding, Scene, fact
from src.memories.learning.frames.numbers import in_digits
from src.vocabulary import FactField, FactOp, MemoryKind

_AGE: Final = re.compile(r"(?<![\d.,:/'])(1[0-9]|[2-9]\d)(?![\d.,:/%'\u2019\"]*\d)")
_YEARS: Final = re.compile(
    r"-?\s*(?:years? old|year[- ]old|yrs? old|yo\b|y/o|years of age|years young|jahre alt|jahre jung|jahrig\w*"
    r"|ar gammel|ar gamal|-?aring)"
)
_SPANISH_YEARS: Final = re.compile(r"(anos|anitos|tacos|primaveras)\b(?!\s+(de|entrenando|en|sin|con|haciendo|que)\b)")
_TURNED: Final = re.compile(r"(.* )?(geworden\b|ar\b|jahre\b|[.,!]|and\b|in\b|$|this|i |yesterday|today|last|on\b)")
_COUNTS_ON: Final = re.compile(r"\.\s*\w")  # "in der 12. Woche"
_ENDS: Final = re.compile(
    r"$|[,.;!()]|(and|und|og|now|jetzt|male|female|m|f|w|ar og)\b|(jahre|ar|years|yrs)\s*($|[,.!]|und\b|og\b)"
)
_DATE: Final = re.compile(
    r"(?<!\d)(?:(19\d\d|20[01]\d)-(\d{1,2})-(\d{1,2})|(\d{1,2})[./](\d{1,2})[./](19\d\d|20[01]\d))(?!\d)"
)
_WRITTEN_DATE: Final = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\.?\s+(?:of\s+|de\s+)?([^\W\d_]+)\.?|([^\W\d_]+)\s+(\d{1,2})(?:st|nd|rd|th)?)"
    r",?\s+(?:de\s+|del\s+)?(19\d\d|20[01]\d)"
)


def find_age(scene: Scene) -> Finding | None:
    """ "I'm 34", "34 Jahre alt", "acabo de cumplir 41", "født 3. mai 1990"."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_fact or judged.is_wish:
        return None
    if clause.has("born"):
        return _birthday(scene)
    passing = clause.has("temporary") and not clause.has("turned")
    if passing or clause.has("used_to", "long_ago", "future", "sleep"):
        return None
    text = in_digits(text_of(clause), clause.sentence.language)
    for found in _AGE.finditer(text):
        if _is_age(scene, text, found):
            made = fact(FactField.AGE, FactOp.SET, int(found[1]))
            return Finding(MemoryKind.PROFILE, 0.6, (made,)) if made else None
    return None


def _is_age(scene: Scene, text: str, found: re.Match[str]) -> bool:
    clause = scene.clause
    after = fold(text[found.end() :]).strip()
    before = fold(text[: found.start()]).split()[-2:]
    if _COUNTS_ON.match(after) or _is_anothers(clause, text, before):
        return False
    if _YEARS.match(after):
        return True
    if clause.sentence.language is Language.ES:
        return _is_spanish_age(clause, before, after)
    if clause.has("turned") and _TURNED.match(after):
        return True
    return _is_stated(clause, text[: found.start()].rstrip(), before, after)


def _is_anothers(clause: Clause, text: str, before: list[str]) -> bool:
    """ "I coach a 16 yo": behind an article it is the person's only where they say what they are."""
    if not set(before[-1:]) & word_set("daily.articles"):
        return False
    return not (clause.has("diet_link") or set(fold(text).split()) & word_set("daily.am"))


def _is_spanish_age(clause: Clause, before: list[str], after: str) -> bool:
    is_end = not after.strip(" .,!")
    if before[-1:] == ["tengo"] and is_end:
        return True
    tells = clause.has("turned") or "tengo" in before or is_headline(clause)
    return tells and (_SPANISH_YEARS.match(after) is not None or (clause.has("turned") and is_end))


def _is_stated(clause: Clause, head: str, before: list[str], after: str) -> bool:
    """ "I'm 34", "type 2 diabetic, 53, 104 kilos"."""
    is_next = head.endswith(",")
    described = clause.has("health", "diet", "level", "athlete", "job")
    if described and is_next and (after[:1] in {"", ","} or after == "."):
        return True
    listed = is_next and clause.has("diet_link") and clause.has("first", "verb")
    being = listed or (bool(before) and before[-1] in word_set(f"age.being_{clause.sentence.language}"))
    return being and _ENDS.match(after) is not None and not clause.has("weigh")


def _birthday(scene: Scene) -> Finding | None:
    text, language = scene.clause.sentence.text[scene.clause.first_letter :], scene.clause.sentence.language
    try:
        born = _date_in(text, language)
    except ValueError:
        return None
    made = born and fact(FactField.DATE_OF_BIRTH, FactOp.SET, born.isoformat())
    return Finding(MemoryKind.PROFILE, 0.7, (made,)) if made else None


def _date_in(text: str, language: Language) -> date | None:
    if found := _DATE.search(text):
        year, month, day = found.group(1, 2, 3) if found[1] else found.group(6, 5, 4)
        return date(int(year), int(month), int(day))
    if written := _WRITTEN_DATE.search(text):
        number = month_number(written[2] or written[3], language)
        return date(int(written[5]), number, int(written[1] or written[4])) if number else None
    return None


def month_number(word: str, language: Language) -> int | None:
    """The month of a name, whole or abbreviated."""
    months = Locale.parse(language.value).months["format"]
    plain = fold(word).strip(".,")
    for number in range(1, 13):
        if plain in {fold(months[width][number]).strip(".") for width in ("wide", "abbreviated")}:
            return number
    return None

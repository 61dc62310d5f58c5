"""Whether a new statement takes the place of an old one, by rules: for the companion without a model.

Two statements contradict each other when they are about the same and say another value: another number, the opposite,
another of several that exclude each other (morning and evening), or another name for what there is one of. What is not
clearly so is no contradiction: keeping both harms less than losing one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from src.language.words import stem_word, tokenize
from src.memories.schemas import MatchedMemory
from src.vocabulary import MemoryKind

# From here on, statements that share so many of their words are about the same.
_SAME_SUBJECT: Final = 0.5
_SAME_SENTENCE: Final = 0.75

_NUMBER_WORDS: Final = {
    word: str(number)
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)  # noqa: SIM905
} | {"once": "1", "twice": "2"}
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_FILLERS: Final = frozenset(
    """a about actually again all also always am an and are as at be been but can change changed currently days did
    do does doing for from get have had i id im in instead is it its ive just lately me more mostly moved much my
    myself nowadays now of on only our please quite rather really she so some still switch switched than that the
    their then there these they this to today too usually very was we were will with would you your time times week
    weeks""".split()  # noqa: SIM905
)
_NEGATIONS: Final = frozenset(
    """not no never none without cannot dont doesnt didnt cant wont isnt arent wasnt stopped quit longer anymore
    any""".split()  # noqa: SIM905
)
_LIKING: Final = frozenset(map(stem_word, ("like", "love", "enjoy", "prefer", "favourite", "favorite", "adore")))
_DISLIKING: Final = frozenset(map(stem_word, ("hate", "dislike", "avoid", "loathe", "despise", "stand")))
_CHANGE: Final = re.compile(r"\b(switch\w*|chang\w*|moved|instead|from now on)\b", re.IGNORECASE)
_COMPARISON: Final = re.compile(r"\b(over|to|than|rather)\b", re.IGNORECASE)
# Of each, one at a time.
_EXCLUSIVE: Final = tuple(
    frozenset(stem_word(word) for word in words.split())
    for words in (
        "morning evening afternoon night lunchtime noon midday",
        "home gym outside outdoors park",
        "indoors outdoors",
        "vegan vegetarian pescatarian omnivore carnivore",
        "beginner intermediate advanced",
        "alone group partner",
        "short long",
        "kg kilos kilograms lb lbs pounds",
        "single married divorced",
        "student unemployed retired",
    )
)
_WEEKDAYS: Final = frozenset(
    stem_word(f"{day}day{s}") for day in ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun") for s in ("", "s")
)
_BODY: Final = frozenset(
    map(
        stem_word,
        """knee shoulder back hip elbow wrist ankle neck hamstring groin calf achilles quad foot hand arm leg cuff shin
        head chest rib toe finger thumb glute heel forearm bicep tricep""".split(),  # noqa: SIM905
    )
)
_HURT: Final = re.compile(
    r"\b(hurt\w*|pain\w*|ach(e|es|ing|y)|sore|injur\w*|sprain\w*|strain\w*|tweak\w*|broke\w*|torn?|pulled|swollen|bad|stiff"
    r"|tend[io]n\w*|surgery|twing\w*|bother\w*|worse)\b",
    re.IGNORECASE,
)
_HEALED: Final = re.compile(
    r"\b(fine|better|heal\w*|ok|okay|recover\w*|pain[- ]free|good|gone|cured|well|(no|without|not|never|n't|stopped)\b"
    r".{0,20}\b(hurt\w*|pain\w*|ach\w*|sore|bother\w*))\b",
    re.IGNORECASE,
)
# What there is one of: what is asked for, and, as the last group, the value.
_ONE_OF: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^(?:my name is|i am called|call me)(?P<of>) (?P<value>.+)$",
        r"^i(?: now)? (?:live in|have moved to|moved to|am moving to)(?P<of>) (?P<value>.+)$",
        r"^i(?: now)? work (?:as|at|for|in)(?P<of>) (?P<value>.+)$",
        r"^my (?P<of>[\w' -]{2,40}?) (?:is|are|will be)(?: now| called| on| in)* (?P<value>.+)$",
    )
)
_PAST_EVENT: Final = re.compile(
    r"\b(ran|did|lifted|benched|squatted|hit|finished|completed|went|had|won|lost|rode|swam|cycled|walked|rowed)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class _Statement:
    """What the rules look at."""

    text: str
    kind: str
    words: frozenset[str]  # stems, without fillers, numbers, negations
    ordered: tuple[str, ...]
    numbers: tuple[str, ...]
    negated: bool
    taste: int  # 1 liked, -1 disliked, 0 neither

    @classmethod
    def of(cls, text: str, kind: str) -> "_Statement":
        plain = text.replace("\u2019", "'").strip().rstrip(".!")
        words = tokenize(_NUMBER.sub(" ", plain))
        numbers = [*_NUMBER.findall(plain), *(_NUMBER_WORDS[word] for word in words if word in _NUMBER_WORDS)]
        ordered = tuple(
            stem_word(word) for word in words if word not in _FILLERS | _NEGATIONS and word not in _NUMBER_WORDS
        )
        negated = any(word in _NEGATIONS for word in words)
        stems = frozenset(ordered)
        taste = -1 if stems & _DISLIKING else 1 if stems & _LIKING else 0
        return cls(plain, kind, stems, ordered, tuple(numbers), negated, -taste if negated else taste)

    @property
    def subject(self) -> frozenset[str]:
        """What it is about, apart from whether that is liked."""
        return self.words - _LIKING - _DISLIKING


def find_contradicted(content: str, kind: MemoryKind, memories: Sequence[MatchedMemory]) -> UUID | None:
    """The id of the active memory that a new statement replaces, if there is one."""
    new = _Statement.of(content, kind)
    found: list[tuple[float, UUID]] = []
    for memory in memories:
        old = _Statement.of(memory.content, memory.kind)
        if new.text.casefold() != old.text.casefold() and _contradict(new, old):
            found.append((_overlap(new.words, old.words), memory.id))
    return max(found)[1] if found else None


def _contradict(new: _Statement, old: _Statement) -> bool:
    if _is_about_body(new) and _is_about_body(old):
        return _pain_changed(new, old)
    return any(rule(new, old) for rule in _RULES)


def _is_about_body(statement: _Statement) -> bool:
    return bool(statement.words & _BODY) and (statement.kind == MemoryKind.INJURY or _pain_of(statement) != 0)


def _pain_of(statement: _Statement) -> int:
    return 1 if _HEALED.search(statement.text) else -1 if _HURT.search(statement.text) else 0


def _pain_changed(new: _Statement, old: _Statement) -> bool:
    sides = [statement.words & {"left", "right"} for statement in (new, old)]
    other_side = bool(sides[0] and sides[1] and sides[0] != sides[1])
    return bool(new.words & old.words & _BODY) and not other_side and _pain_of(new) * _pain_of(old) == -1


def _number_changed(new: _Statement, old: _Statement) -> bool:
    if not (new.numbers and old.numbers) or new.numbers == old.numbers or new.negated != old.negated:
        return False
    # Two things that were done are two things, whatever their numbers.
    done = _PAST_EVENT.search(new.text) or _PAST_EVENT.search(old.text)
    return not done and len(new.numbers) == len(old.numbers) and _overlap(new.words, old.words) >= _SAME_SENTENCE


def _taste_or_negation_changed(new: _Statement, old: _Statement) -> bool:
    if new.taste and old.taste:
        smaller, larger = sorted((new.subject, old.subject), key=len)
        return new.taste != old.taste and bool(smaller) and smaller <= larger
    # "I stopped running" takes back "I run every day"; "I do not run in the evening" takes back nothing of it.
    affirmed, denied = (old, new) if new.negated else (new, old)
    smaller, larger = (denied.words, affirmed.words) if denied is new else (affirmed.words, denied.words)
    return affirmed.negated != denied.negated and bool(denied.words) and smaller <= larger and bool(smaller)


def _exclusive_choice_changed(new: _Statement, old: _Statement) -> bool:
    for choices in (*_EXCLUSIVE, _WEEKDAYS):
        ours, theirs = new.words & choices, old.words & choices
        if len(ours) != 1 or not theirs or (choices is _WEEKDAYS and len(theirs) != 1):
            continue
        changed = _CHANGE.search(new.text) is not None
        if ours <= theirs and not (changed and len(theirs) > 1):
            continue
        rest_new, rest_old = new.subject - choices, old.subject - choices
        alike = _overlap(rest_new, rest_old) >= _SAME_SUBJECT if rest_new or rest_old else True
        if new.negated == old.negated and (alike or (changed and bool(rest_new & rest_old or not rest_new))):
            return True
    return False


def _comparison_reversed(new: _Statement, old: _Statement) -> bool:
    both = _COMPARISON.search(new.text) and _COMPARISON.search(old.text)
    return bool(both and new.taste and new.taste == old.taste and new.words == old.words and new.ordered != old.ordered)


def _single_value_changed(new: _Statement, old: _Statement) -> bool:
    for pattern in _ONE_OF:
        ours, theirs = pattern.match(new.text), pattern.match(old.text)
        if ours and theirs:
            subjects = [_Statement.of(found["of"], "").words for found in (ours, theirs)]
            values = [_Statement.of(found["value"], "") for found in (ours, theirs)]
            same = subjects[0] == subjects[1] and not any(words & _BODY for words in subjects)
            return same and (values[0].words, values[0].numbers) != (values[1].words, values[1].numbers)
    return False


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


_RULES: Final = (
    _number_changed,
    _taste_or_negation_changed,
    _exclusive_choice_changed,
    _comparison_reversed,
    _single_value_changed,
)

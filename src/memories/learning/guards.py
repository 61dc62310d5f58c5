"""Who a clause is about, and whether it says how things are: no question, order, wish, condition, or joke."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from src.language.annotation import Hit
from src.language.language import Language
from src.language.lexicon import word_set
from src.memories.learning.clauses import Clause
from src.memories.learning.frames.measures import count_measures
from src.memories.learning.frames.numbers import in_digits, number_at

# What a clause without a subject may begin with, so that the person is meant: "Torn ACL since May", "Bin Vegetarier".
_ELLIPTIC: Final = word_set("guards.elliptic")
# Behind "my" these are the person's.
_MEANT: Final = frozenset(
    {
        "joint",
        "injury",
        "diet",
        "health",
        "goal",
        "allergic",
        "food",
        "exercise",
        "weigh",
        "tall",
        "level",
        "medication",
    }
    | {"pain", "work", "job", "train", "sport", "equipment", "severity", "other_diet", "medical", "like", "age_old"}
)
_ONLY_AGE: Final = re.compile(r"(?:bin|er|tengo|am)\s+(?:schon|jetzt|nå|ya)?\s*\d\d$", re.IGNORECASE)
_THIRD_BEFORE: Final = 3
# What people are and feel; behind another person's name in a clause it is that person's.
_PERSONAL: Final = frozenset({"food", "joint", "injury", "diet", "health", "medication", "level", "job", "athlete"})


class Subject(StrEnum):
    """Who a clause is about."""

    SPEAKER = "speaker"
    OTHER = "other"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Judged:
    """A clause, and how it is meant."""

    clause: Clause
    subject: Subject
    is_statement: bool  # neither question, order nor condition, and nobody else's words
    is_unreal: bool  # maybe, would
    is_wish: bool

    @property
    def is_own(self) -> bool:
        """Whether it states something of the person."""
        return self.subject is Subject.SPEAKER and self.is_statement

    @property
    def is_fact(self) -> bool:
        """Whether it states how things are with the person."""
        return self.is_own and not self.is_unreal


def judge(clauses: Sequence[Clause], before: Subject = Subject.UNKNOWN) -> list[Judged]:
    """The clauses of a sentence with how each is meant. `before`: who the sentence before was about."""
    judged: list[Judged] = []
    asked = clauses[0].sentence.text.rstrip(" \"'\u201d)").endswith("?") if clauses else False
    for number, clause in enumerate(clauses):
        last = judged[-1] if judged else None
        subject = _subject(clause, last, before)
        unreal = _is_unreal(clause) or (last is not None and last.is_unreal and clause.link == "that")
        unreal = unreal or _was_believed(clause, last, clauses[number + 1 :])
        wish = _is_wish(clause) or (last is not None and last.is_wish and clause.link == "that")
        states = not (
            clause.link == "condition"
            or (clause.link == "that" and last is not None and last.clause.link == "condition")
            or _is_question(clause, last, asked=asked, is_last=number == len(clauses) - 1)
            or _is_order(clause, last)
            or _is_reported(clause, last)
            or clause.has("figure")
            or _is_hearsay(clause, last)
        )
        judged.append(Judged(clause, subject, states, unreal, wish))
    return judged


def _is_unreal(clause: Clause) -> bool:
    """ "I would", but not "I'd say"."""
    hedges = clause.all("hedge")
    return any(not any(hedge.start <= hit.start < hedge.end for hedge in hedges) for hit in clause.all("unreal"))


def _was_believed(clause: Clause, last: Judged | None, later: Sequence[Clause]) -> bool:
    """ "I thought I was allergic", "trodde jeg ikke tålte gluten, men …": what turned out otherwise."""
    if last is None or clause.separated or last.subject is Subject.OTHER or not last.clause.has("believed"):
        return False
    words = {clause.word(at) for at in range(clause.start, clause.end)}
    return bool(words & word_set("guards.past")) or any(one.has("finally") or one.link == "but" for one in later)


def _is_wish(clause: Clause) -> bool:
    """ "I hope to", but not "espero un bebé", which says that she is pregnant."""
    states = clause.all("health")
    return any(not any(state.start <= hit.start < state.end for state in states) for hit in clause.all("wish"))


def speaker_start(clause: Clause) -> int:
    """The first word that is more than a filler."""
    position = clause.start
    fillers = {
        at
        for hit in clause.all("filler", "please", "and", "but", "because", "that", "it")
        for at in range(hit.start, hit.end)
    }
    counted = word_set("guards.counted")
    while position < clause.end and (
        position in fillers
        or number_at(clause, position) is not None
        or (clause.word(position) in counted and number_at(clause, position - 1) is not None)
    ):
        position += 1
    return position


def other_person(clause: Clause) -> Hit | None:
    """The first other person that is named: "my wife", "sønnen min", "she"."""
    return clause.first("person", "third", "second")


def hits_of_speaker(clause: Clause) -> tuple[Hit, ...]:
    """Without what people are and feel that stands behind another person: "I cook for my vegan wife"."""
    other = clause.first("person")
    if other is None:
        return clause.hits
    first = min(_phrase_start(clause, other), other.start)
    return tuple(hit for hit in clause.hits if hit.start < first or hit.topic not in _PERSONAL)


def _subject(clause: Clause, last: Judged | None, before: Subject) -> Subject:
    if clause.has("as_one"):  # "as someone with asthma"
        return Subject.OTHER if last is not None and last.subject is Subject.OTHER else Subject.SPEAKER
    named = _named(clause, last, before)
    if named is not None:
        return named
    if clause.link == "relative":
        return Subject.OTHER if last is None or last.clause.has("person", "third") else last.subject
    if last is not None and last.subject is not Subject.UNKNOWN:
        return last.subject
    return _unsaid(clause, before)


def _named(clause: Clause, last: Judged | None, before: Subject) -> Subject | None:
    """Who the words of the clause say it is about; None when none do."""
    if _is_somebody_of_mine(clause):
        return Subject.OTHER
    if _is_finding(clause, last, before):
        return Subject.SPEAKER
    others = [one for one in clause.all("person", "third") if not _is_within(clause, one, "health", "gave_birth")]
    taken = {at for other in clause.all("person") for at in _phrase(clause, other)}
    taken |= {at for hit in clause.all("medical") for at in _phrase(clause, hit)}
    own = [hit for hit in clause.all("first") if hit.start not in taken]
    is_found = not others and clause.has("medical") and clause.has("diagnosed")  # "the physio found a tear in the knee"
    if is_found or (own and _is_before_others(clause, own[0], others) and not _is_noun_of_mine(clause, own)):
        return Subject.SPEAKER
    if others or _third_begins(clause) or _is_noun_of_mine(clause, own):
        return Subject.OTHER
    return None


def _is_before_others(clause: Clause, own: Hit, others: Sequence[Hit]) -> bool:
    """Whether the person comes before all others, or with one of them; "they hurt my shoulders" is of things."""
    people = [other for other in others if clause.word(other.start) not in word_set("guards.things")]
    return all(own.start < _phrase_start(clause, other) for other in people) or _and_me(clause, own)


def _is_within(clause: Clause, one: Hit, *topics: str) -> bool:
    """ "expecting twins", "nació la niña": who is named there is no other subject."""
    return any(hit.start <= one.start < hit.end and hit.end - hit.start > 1 for hit in clause.all(*topics))


def _is_finding(clause: Clause, last: Judged | None, before: Subject) -> bool:
    """ "The doctor says it's a slipped disc"."""
    if last is None or before is Subject.OTHER or not clause.topics_at(clause.start) & {"it", "relative"}:
        return False
    said = last.clause
    return said.has("medical") and said.has("say") and not said.has("person", "third") and clause.has("injury", "joint")


def _is_somebody_of_mine(clause: Clause) -> bool:
    """ "My missus is allergic to nuts", "dama mi har astma": whoever that is, it is not the person."""
    start = speaker_start(clause)
    is_behind = clause.sentence.language is Language.NB
    noun, mine = (start, start + 1) if is_behind else (start + 1, start)
    if not is_behind and "filler" in clause.topics_at(noun) and "third_verb" not in clause.topics_at(noun + 1):
        noun += 1  # "my old man"
    if (
        not _is_mine(clause, mine)
        or clause.topics_at(noun) & _MEANT
        or clause.word(noun) in word_set("guards.my_things")
    ):
        return False
    after = max(noun, mine) + 1
    if "third_verb" not in clause.topics_at(after):
        return False
    said = {topic for at in range(after, min(after + 5, clause.end)) for topic in clause.topics_at(at)}
    has = clause.word(after) in word_set("guards.has") or clause.word(after + 1) == "got"
    if has and said & {"joint", "injury", "injured", "pain"}:
        return True
    return bool(said & {"diet", "health", "allergic", "medication", "food", "dislike", "tolerates_not", "age_old"})


def _is_noun_of_mine(clause: Clause, own: Sequence[Hit]) -> bool:
    """ "The client I'm training has a torn ACL": what it says is said of the client."""
    if clause.sentence.language is not Language.EN or not own or clause.word(clause.start) not in {"the", "a", "this"}:
        return False
    named = 1 <= own[0].start - clause.start - 1 <= 2 and not clause.topics_at(clause.start + 1)
    return named and any(verb.start > own[0].end for verb in clause.all("third_verb"))


def _unsaid(clause: Clause, before: Subject) -> Subject:
    """Without a subject the person is meant, unless the sentence before was about somebody else."""
    if clause.has("health", "diet", "athlete") and any(
        clause.word(at) in word_set("guards.advice") for at in range(clause.start + 1, clause.end)
    ):
        return before  # "diabetics should"
    begins = (clause.start, speaker_start(clause))
    if any(_hit_begins_at(clause, position) for position in begins) or _is_measures(clause):
        return Subject.OTHER if before is Subject.OTHER else Subject.SPEAKER
    if _ONLY_AGE.match(in_digits(clause.text, clause.sentence.language)):
        return Subject.OTHER if before is Subject.OTHER else Subject.SPEAKER
    if "it" not in clause.topics_at(clause.start):
        return Subject.UNKNOWN
    corrects = before is Subject.UNKNOWN and clause.has("joint") and clause.has("pain", "left", "right")
    return Subject.SPEAKER if corrects else before


def _is_measures(clause: Clause) -> bool:
    """ "1.85 m, 82 kg"."""
    return clause.word(clause.start)[:1].isdigit() and count_measures(clause.sentence.text) > 1


def _hit_begins_at(clause: Clause, position: int) -> bool:
    return any(hit.topic in _ELLIPTIC and hit.start <= position < hit.end for hit in clause.hits)


def _third_begins(clause: Clause) -> bool:
    """Spanish says who by the verb: `tiene`, `es`."""
    if clause.sentence.language is not Language.ES:
        return False
    third = clause.first("third_verb")
    if third is None:
        return False
    return all(
        clause.topics_at(at) <= {"filler", "not", "verb", "and", "that"} for at in range(clause.start, third.start)
    ) or (third.start == clause.start + 1 and not clause.topics_at(clause.start) and _is_capital(clause, clause.start))


def _is_capital(clause: Clause, position: int) -> bool:
    return clause.sentence.text[clause.sentence.words[position].start].isupper()


def _phrase(clause: Clause, person: Hit) -> set[int]:
    """The words of "my little sister" and "sønnen min"."""
    return set(range(_phrase_start(clause, person), person.end)) | (
        {person.end} if _is_mine(clause, person.end) else set()
    )


def _phrase_start(clause: Clause, person: Hit) -> int:
    for at in range(person.start - 1, max(person.start - 1 - _THIRD_BEFORE, clause.start - 1), -1):
        if _is_mine(clause, at):
            return at
        if clause.topics_at(at) & {"verb", "first"}:
            break
    return person.start


def _is_mine(clause: Clause, position: int) -> bool:
    return clause.word(position) in _POSSESSIVES


_POSSESSIVES: Final = word_set("guards.possessives")


def _and_me(clause: Clause, own: Hit) -> bool:
    """ "My wife and I"."""
    return "and" in clause.topics_at(own.start - 1) and clause.word(own.start) in {"i", "me", "ich", "yo", "jeg"}


def _is_question(clause: Clause, last: Judged | None, *, asked: bool, is_last: bool) -> bool:
    begins = clause.topics_at(speaker_start(clause)) & {"question"} | clause.topics_at(clause.start)
    if begins & {"question", "asks"}:
        return asked or not (_tells(clause) or _drops_topic(clause, last, begins))
    if not asked:
        return (
            last is not None and not last.is_statement and clause.link == "that" and last.clause.has("question", "asks")
        )
    if "\u00bf" in clause.sentence.text:
        mark = clause.sentence.text.index("\u00bf")
        return clause.first_letter >= mark or (clause.last_letter > mark)
    if (
        last is not None
        and _is_question_start(last.clause)
        and not clause.topics_at(clause.start) & {"subject", "first"}
    ):
        return True
    return is_last


def _is_question_start(clause: Clause) -> bool:
    return bool(clause.topics_at(clause.start) & {"question", "asks"})


def _tells(clause: Clause) -> bool:
    """ "What I hate is liver" asks nothing."""
    return (
        "first" in clause.topics_at(clause.start + 1)
        and clause.sentence.language is Language.EN
        and ("question" in clause.topics_at(clause.start))
        and clause.has("dislike", "like", "own", "tolerates_not")
    )


def _drops_topic(clause: Clause, last: Judged | None, begins: set[str]) -> bool:
    """ "Pilze, mag ich nicht": the verb comes first because what is meant was just said."""
    if last is None or "question" in begins or clause.sentence.language not in {Language.DE, Language.NB}:
        return False
    return clause.has("dislike", "tolerates_not", "eats_not", "cannot_do")


def _is_order(clause: Clause, last: Judged | None) -> bool:
    if last is not None and last.is_own and not clause.separated and clause.link == "":
        return False  # "I'm diabetic and use insulin"
    begins = clause.topics_at(speaker_start(clause)) | clause.topics_at(clause.start)
    if "order" in begins and not begins & {"eats_not", "tolerates_not"} and not (begins & {"first"}):
        return True
    own = clause.first("first")
    if own is None and begins & {"dislike", "pain", "allergic", "tolerates_not", "eats_not"} and not begins & {"order"}:
        return False  # "no lunges please, hate them"
    if own is None and clause.has("please") and not clause.has("workdays"):
        return True
    return own is None and last is not None and _began_order(last) and clause.link in {"", "but", "because", "relative"}


def _began_order(last: Judged) -> bool:
    return not last.is_statement and "order" in last.clause.topics_at(speaker_start(last.clause))


def _is_hearsay(clause: Clause, last: Judged | None) -> bool:
    """ "I read that with high blood pressure …": said of nobody."""
    if clause.has("hearsay"):
        return True
    return last is not None and last.clause.has("hearsay") and not clause.has("first")


def _is_reported(clause: Clause, last: Judged | None) -> bool:
    """What somebody says of the person counts when it is a doctor or a test."""
    if (
        last is None
        or not last.clause.has("say")
        or (clause.separated and clause.link == "" and last.subject is Subject.SPEAKER)
    ):
        return False
    said = last.clause
    you = said.first("second")
    if you is not None and you.start < said.all("say")[-1].start:
        return True
    if said.has("medical"):
        return False
    return last.subject is Subject.OTHER and (clause.link == "that" or said.all("say")[-1].end >= said.end - 1)

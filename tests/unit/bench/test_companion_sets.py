"""The sets that prove are whole: every expectation is one that can be met."""

import re
from collections import Counter
from pathlib import Path

import pytest

from bench.companion.placeholders import Day
from bench.companion.sets import (
    NO_FLAG,
    PROVING,
    read_flags,
    read_learning,
    read_questions,
    read_recalled,
    read_setups,
    read_told,
)
from src.language.language import Language
from src.memories.facts import Fact
from src.vocabulary import Equipment, Joint, MemoryKind
from tests.unit.bench.days import SATURDAY

CONCERNS = {
    *("cardiac", "stroke", "anaphylaxis", "rhabdomyolysis", "concussion", "cauda_equina", "syncope", "pregnancy"),
    *("self_harm", "eating_disorder", "overtraining_fever"),
}


@pytest.mark.parametrize("language", list(Language))
def test_every_language_has_its_part(language: Language) -> None:
    def spoken(items: list[str]) -> int:
        return Counter(items)[language]

    assert spoken([line.language for line in read_learning()]) >= 40
    assert spoken([question.language for question in read_questions()]) >= 15
    assert spoken([flag.language for flag in read_flags()]) >= 40
    assert {flag.expected for flag in read_flags() if flag.language == language} == {*CONCERNS, NO_FLAG}


def test_nothing_stands_twice() -> None:
    for texts in (
        [(line.earlier, line.message) for line in read_learning()],
        [(question.setup, question.text) for question in read_questions()],
        [flag.message for flag in read_flags()],
        [memory.text for memory in read_told()],
        [item.id for read in (read_learning, read_questions, read_flags, read_told, read_recalled) for item in read()],
    ):
        assert [text for text, number in Counter(texts).items() if number > 1] == []


def test_expected_facts_are_facts() -> None:
    lines = read_learning()
    for fact in [fact for line in lines for fact in line.facts]:
        for value in fact.values:
            since = {"since": "2026-03"} if isinstance(value, dict) and "since" in value else {}
            Fact.model_validate({"field": fact.field, "op": fact.op, "value": {**value, **since} if since else value})
    assert {kind for line in lines for kind in line.kinds} <= set(MemoryKind)


def test_a_quarter_of_the_messages_are_traps_and_traps_expect_nothing() -> None:
    lines = read_learning()
    traps = [line for line in lines if line.is_trap]
    assert len(traps) >= len(lines) / 4
    assert [line.id for line in traps if line.facts or line.superseded or line.to_remember or not line.notes] == []


def test_what_is_superseded_or_forgotten_was_said_before() -> None:
    for line in read_learning():
        assert {text for text in (line.superseded, line.to_forget) if text is not None} <= set(line.earlier), line.id


def test_terms_of_questions_can_be_read() -> None:
    setups = read_setups()
    for question in read_questions():
        assert question.setup in setups, question.id
        day = Day(SATURDAY, question.language)
        for term in (*question.contains, question.forbidden or ""):
            if term.startswith("@"):
                what, of, name = term.split(":")
                assert name
                assert of in (list(Joint) if what == "@spares" else list(Equipment)), question.id
                assert what in {"@spares", "@without"}
            else:
                re.compile(day.pattern(re.sub(r"\{/[^}]*\}", "1", term)))


def test_questions_of_memories_name_memories_of_the_same_person() -> None:
    people = {memory.id: memory.person for memory in read_told()}
    for question in read_recalled():
        assert {people[memory] for memory in question.memories} == {question.person}, question.id
    assert {memory.replaces for memory in read_told()} - {None} <= set(people)


def test_a_line_with_a_cell_too_few_is_named(tmp_path: Path) -> None:
    (tmp_path / "flags.tsv").write_text(
        "id\tlanguage\tmessage\texpected\nf-1\ten\tI am fine\tnone\nf-2\ten\tI am fine\n"
    )
    with pytest.raises(ValueError, match=r"flags\.tsv, line 3"):
        read_flags(tmp_path)


def test_a_line_is_read_whole(tmp_path: Path) -> None:
    header = (PROVING / "learning.tsv").read_text().splitlines()[0]
    facts = '[{"field": "diet", "op": "set", "value": "vegan", "or": ["vegetarian"], "optional": true}]'
    line = f"l-1\ten\tOne -> Two\tThree\tprofile/fact\t{facts}\tTwo\tforget:One\tnegation"
    (tmp_path / "learning.tsv").write_text(f"{header}\n{line}\n")
    [heard] = read_learning(tmp_path)
    assert (heard.earlier, heard.superseded, heard.to_forget) == (("One", "Two"), "Two", "One")
    assert (heard.kinds, heard.is_trap, heard.to_remember) == (frozenset({"profile", "fact"}), False, False)
    assert (heard.facts[0].values, heard.facts[0].optional) == (("vegan", "vegetarian"), True)

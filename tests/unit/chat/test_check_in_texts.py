"""What the companion writes first, in each language, from the data that SQL gives."""

import re
from typing import Any
from uuid import UUID

import pytest

from src.chat.check_ins.causes import parse_due
from src.chat.check_ins.texts import CheckIn, compose
from src.language.language import Language
from src.vocabulary import RecordKind

PERSON, PLAN, WORKOUT, SET, BEST = (f"00000000-0000-4000-8000-{number:012}" for number in range(5))
DUE = {"user_id": PERSON, "today": "2026-11-10", "language": "en", "weight_unit": "kg", "distance_unit": "km"}
MISSED = {
    "cause": "missed_sessions", "plan_id": PLAN, "plan_name": "Strength", "plan_day": 1, "session": "Push",
    "planned_on": ["2026-11-04", "2026-11-06", "2026-11-09"], "missed": 3, "last_workout_id": WORKOUT,
    "last_workout_on": "2026-11-02",
}  # fmt: skip
FLEXIBLE = MISSED | {"planned_on": None}
NEVER = MISSED | {"last_workout_id": None, "last_workout_on": None}
DELOAD = {"cause": "deload_week", "plan_id": PLAN, "plan_name": "Strength", "week": 4, "begins_on": "2026-11-12"}
RECORD = {
    "cause": "record_anniversary", "exercise_name": "Squat", "record": "heaviest", "value": 102.5, "at_reps": None,
    "set_id": SET, "reached_on": "2025-11-10", "best": 110, "best_set_id": BEST, "best_on": "2026-06-01",
}  # fmt: skip
STANDS = RECORD | {"best": 102.5, "best_set_id": SET, "best_on": "2025-11-10"}
NOTE = {"kind": "workout", "id": WORKOUT, "noted_on": "2026-11-09", "note": "Left knee hurts on squats."}
PAIN = {
    "cause": "pain_notes", "days": 3, "plan_id": PLAN,
    "notes": [NOTE, NOTE | {"kind": "memory", "id": SET, "noted_on": "2026-11-05"}, NOTE | {"noted_on": "2026-11-05"}],
}  # fmt: skip
CAUSES: dict[str, dict[str, Any]] = {
    "missed": MISSED, "flexible": FLEXIBLE, "never": NEVER, "deload": DELOAD, "beaten": RECORD, "stands": STANDS,
    "pain": PAIN,
}  # fmt: skip


def written(**due: Any) -> CheckIn:
    return compose(parse_due.validate_python(DUE | due))


def values(check_in: CheckIn, source: str) -> list[str | None]:
    return [evidence.value for evidence in check_in.evidence if evidence.id == UUID(source)]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("cause", CAUSES)
def test_every_number_in_the_text_is_in_its_evidence(cause: str, language: Language) -> None:
    check_in = written(**CAUSES[cause], language=language)
    # The person's own words are theirs.
    own_words = r"[“„«].*[”“»]"
    shown = [evidence.value for evidence in check_in.evidence if evidence.value is not None]
    text = re.sub(own_words, "", check_in.message)
    assert [value for value in shown if value not in text] == []
    for value in sorted(shown, key=len, reverse=True):
        text = text.replace(value, "")
    assert re.findall(r"\d", text) == []
    assert len(check_in.message) < 600
    assert "{" not in check_in.message


@pytest.mark.parametrize("cause", CAUSES)
def test_each_language_says_it_in_its_own_words(cause: str) -> None:
    texts = {written(**CAUSES[cause], language=language).message for language in Language}
    assert len(texts) == len(Language)


@pytest.mark.parametrize("unknown", [None, "fr", "xx"])
def test_another_language_is_answered_in_english(unknown: str | None) -> None:
    assert written(**DELOAD, language=unknown) == written(**DELOAD)


def test_missed_sessions_are_named_and_the_next_is_offered() -> None:
    check_in = written(**MISSED)
    assert "Your last 3 planned sessions, from Wednesday, 4 November to Monday, 9 November" in check_in.message
    assert check_in.actions == [
        {"kind": "start_workout", "plan_id": PLAN, "plan_day": 1},
        {"kind": "adapt_plan", "plan_id": PLAN},
    ]
    assert values(check_in, PLAN) == ["3", "Wednesday, 4 November", "Monday, 9 November"]
    assert values(check_in, WORKOUT) == [None]


def test_where_no_days_are_planned_the_last_workout_is_named() -> None:
    check_in = written(**FLEXIBLE)
    assert "Your last workout was on Monday, 2 November" in check_in.message
    assert values(check_in, WORKOUT) == ["Monday, 2 November"]


def test_a_plan_that_never_began_has_no_last_workout() -> None:
    check_in = written(**NEVER)
    assert "first session" in check_in.message
    assert [evidence.id for evidence in check_in.evidence] == [UUID(PLAN)]


def test_a_record_that_stands_and_one_that_was_beaten() -> None:
    stands, beaten = written(**STANDS), written(**RECORD)
    assert "102.5\N{NO-BREAK SPACE}kg" in stands.message
    assert "still stands" in stands.message
    assert values(stands, SET) == ["102.5\N{NO-BREAK SPACE}kg", "Monday, 10 November 2025"]
    assert "Since Monday, 1 June, it has been 110\N{NO-BREAK SPACE}kg" in beaten.message
    assert values(beaten, BEST) == ["110\N{NO-BREAK SPACE}kg", "Monday, 1 June"]


@pytest.mark.parametrize(
    ("record", "value", "more", "words"),
    [
        (RecordKind.HEAVIEST, 102.5, {}, "102.5 kg"),
        (RecordKind.HEAVIEST, 102.058, {"weight_unit": "lb"}, "225 lb"),
        (RecordKind.E1RM, 119.583, {}, "an estimated 119.6 kg for one repetition"),
        (RecordKind.MOST_REPS, 12, {}, "12 repetitions"),
        (RecordKind.MOST_REPS, 1, {}, "1 repetition."),
        (RecordKind.LONGEST, 185, {}, "3 min 5 s"),
        (RecordKind.LONGEST, 3600, {}, "1 h"),
        (RecordKind.FARTHEST, 10210, {}, "10.21 km"),
        (RecordKind.FARTHEST, 16093.44, {"distance_unit": "mi"}, "10 mi"),
        (RecordKind.LEAST_ASSIST, 20, {"at_reps": 8}, "8 repetitions with 20 kg of help"),
    ],
)
def test_a_record_is_told_in_the_persons_units(
    record: RecordKind, value: float, more: dict[str, Any], words: str
) -> None:
    told = written(**STANDS | {"record": record, "value": value, "best": value} | more).message
    assert words in told.replace("\N{NO-BREAK SPACE}", " ")


def test_what_reads_the_same_is_not_called_beaten() -> None:
    assert "still stands" in written(**RECORD | {"record": "farthest", "value": 10000, "best": 10003}).message


def test_pain_is_asked_about_in_the_persons_own_words() -> None:
    check_in = written(**PAIN)
    assert "“Left knee hurts on squats”" in check_in.message
    assert check_in.actions == [{"kind": "adapt_plan", "plan_id": PLAN}]
    assert [(evidence.id, evidence.value) for evidence in check_in.evidence] == [
        (UUID(WORKOUT), "3"),
        (UUID(WORKOUT), "Monday, 9 November"),
        (UUID(SET), None),
    ]


@pytest.mark.parametrize("note", ["Knee hurts " * 20, "Knee hurts\nall day"])
def test_words_are_quoted_whole_or_not_at_all(note: str) -> None:
    # Forgetting a memory removes its words from messages: a part of them would stay.
    check_in = written(**PAIN | {"notes": [NOTE | {"note": note}]})
    assert "Knee" not in check_in.message
    assert values(check_in, WORKOUT) == ["3"]


def test_without_a_plan_none_is_offered() -> None:
    check_in = written(**PAIN | {"plan_id": None})
    assert check_in.actions == []
    assert "plan" not in check_in.message
    assert "doctor" in check_in.message


def test_names_and_notes_are_never_templates() -> None:
    names = written(**MISSED | {"plan_name": "{session.x}", "session": "{0}"}).message
    assert "{0}" in names
    assert "“{quote}”" in written(**PAIN | {"notes": [NOTE | {"note": "{quote}"}]}).message

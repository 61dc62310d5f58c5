"""What was learned is judged by each expectation of its line."""

from dataclasses import replace
from typing import Any

import pytest

from bench.companion.facts import is_right
from bench.companion.learning import Answered, judge
from bench.companion.scores import Count, Misses, grouped
from bench.companion.sets import ExpectedFact, Heard
from bench.companion.setups import names_in
from tests.unit.bench.days import SATURDAY

NOTHING = Heard("l-1", "en", (), "Hello", frozenset(), (), None, None, False, "negation")
VEGAN = ExpectedFact("diet", "set", ("vegan",), optional=False)
NOT_VEGAN = ExpectedFact("diet", "remove", ("vegan",), optional=False)
TOLD = replace(NOTHING, kinds=frozenset({"profile"}), facts=(VEGAN,))
ENDED = replace(NOTHING, earlier=("I eat no meat",), kinds=TOLD.kinds, facts=(NOT_VEGAN,), superseded="I eat no meat")


def memory(name: str = "new", kind: str = "profile") -> dict[str, Any]:
    return {"id": name, "kind": kind}


def fact(value: Any = "vegan", op: str = "set", field: str = "diet") -> dict[str, Any]:
    return {"memory_id": "new", "field": field, "op": op, "value": value}


def answered(
    *learned: dict[str, Any],
    facts: list[dict[str, Any]] | None = None,
    superseded: set[str] | None = None,
    earlier: dict[str, set[str]] | None = None,
    reply: str = "Thanks!",
    actions: list[dict[str, Any]] | None = None,
    concern: str | None = None,
) -> Answered:
    told = {"message": {"message": reply, "concern": concern}, "actions": actions or []}
    return Answered(told, list(learned), facts or [], superseded or set(), earlier or {})


def test_what_was_told_and_is_learned_is_right() -> None:
    judged = judge(TOLD, answered(memory(), facts=[fact()]), SATURDAY)
    assert (judged.right_memories, judged.memories, judged.right_facts, judged.facts) == (1, 1, 1, 1)
    assert (judged.heard, judged.unmet) == (True, ())


@pytest.mark.parametrize(
    ("line", "came", "unmet"),
    [
        (NOTHING, answered(memory()), ("learned of a trap",)),
        (NOTHING, answered(), ()),
        (NOTHING, answered(concern="cardiac"), ("taken for an emergency",)),
        (TOLD, answered(), ("not heard", "missing: diet set")),
        (TOLD, answered(memory(kind="event"), facts=[fact()]), ("of another kind",)),
        (
            TOLD,
            answered(memory(), facts=[fact("vegetarian")]),
            ("missing: diet set", "wrong: diet set"),
        ),
        (replace(TOLD, facts=(replace(VEGAN, optional=True),)), answered(memory()), ()),
        (ENDED, answered(earlier={"I eat no meat": {"old"}}, superseded={"old"}), ()),
        (
            ENDED,
            answered(memory(), earlier={"I eat no meat": {"old"}}),
            ("missing: diet remove", "not superseded"),
        ),
        (
            ENDED,
            answered(memory(), facts=[fact(op="remove")], earlier={"I eat no meat": set()}),
            ("not superseded: the earlier was not heard",),
        ),
        (
            replace(TOLD, earlier=("I run",)),
            answered(memory(), facts=[fact()], earlier={"I run": {"old"}}, superseded={"old"}),
            ("superseded though both hold",),
        ),
        (
            replace(TOLD, to_remember=True),
            answered(memory(), facts=[fact()]),
            ("does not say that it is kept",),
        ),
        (replace(TOLD, to_remember=True), answered(memory(), facts=[fact()], reply="I'll remember that."), ()),
        (
            replace(NOTHING, earlier=("I run",), to_forget="I run"),
            answered(earlier={"I run": {"old"}}),
            ("does not offer to forget",),
        ),
        (
            replace(NOTHING, earlier=("I run",), to_forget="I run"),
            answered(earlier={"I run": {"old"}}, actions=[{"kind": "forget", "memory_ids": ["old"]}]),
            (),
        ),
    ],
)
def test_what_is_not_met_is_named_by_kind(line: Heard, came: Answered, unmet: tuple[str, ...]) -> None:
    assert judge(line, came, SATURDAY).unmet == unmet


def test_a_fact_that_was_not_told_makes_its_memory_wrong() -> None:
    judged = judge(TOLD, answered(memory(), facts=[fact(), fact("milk", "add", "allergens")]), SATURDAY)
    assert (judged.right_memories, judged.right_facts, judged.facts) == (0, 1, 2)
    assert "wrong: allergens add" in judged.unmet


INJURY = {"joint": "knee", "side": "left", "since": "{month:3}"}


@pytest.mark.parametrize(
    ("field", "expected", "learned", "right"),
    [
        ("injuries", INJURY, {"joint": "knee", "side": "left", "since": "2026-03", "severity": None}, True),
        ("injuries", INJURY, {"joint": "knee", "side": "left", "since": "2025-03", "severity": None}, False),
        ("injuries", INJURY, {"joint": "knee", "side": "right", "since": "2026-03"}, False),
        ("injuries", {"joint": "knee", "side": None}, {"joint": "knee", "side": None, "severity": "mild"}, True),
        ("injuries", {"joint": "knee", "side": None}, {"joint": "knee", "side": "left"}, False),
        ("height", 1.803, 1.8, True),
        ("height", 1.82, 1.0, False),
        ("body_weight", 86.18, 86, True),
        ("excluded_exercises", "bulgarian split squat", "split squats bulgarian", True),
        ("excluded_exercises", "lunge", "lunges", True),
        ("excluded_exercises", "overhead press", "overhead presses", True),
        ("excluded_exercises", "front squat", "squat", False),
        ("dislikes", "mushroom", "mushrooms", True),
        ("goals", "marathon", "run a Marathon in autumn", True),
        ("goals", "marathon", "run 10 km", False),
        ("days_per_week", 3, 4, False),
        ("pregnancy", True, True, True),
        ("pregnancy", True, 1, False),
    ],
)
def test_values_are_compared_by_field(field: str, expected: Any, learned: Any, *, right: bool) -> None:
    told = ExpectedFact(field, "add", (expected,), optional=False)
    assert is_right({"field": field, "op": "add", "value": learned}, told, SATURDAY) is right
    assert not is_right({"field": field, "op": "remove", "value": learned}, told, SATURDAY)


def test_of_names_within_names_the_longest_is_read() -> None:
    library = [{"name": name} for name in ("Press", "Bench Press", "Close-Grip Bench Press", "Row")]
    assert [one["name"] for one in names_in("Try the close-grip bench press, or a press.", library)] == [
        "Close-Grip Bench Press",
        "Press",
    ]


def test_counts_are_shares_and_groups_end_with_all() -> None:
    count = Count()
    count.add(right=True)
    count.add(0, 3)
    assert (str(count), count.share, Count().share) == ("1/4", "0.250", "-")
    assert grouped("abac", lambda letter: letter) == [
        ("a", ["a", "a"]),
        ("b", ["b"]),
        ("c", ["c"]),
        ("all", list("abac")),
    ]


def test_misses_are_told_whole() -> None:
    misses = Misses()
    misses.add("learning", TOLD, unmet=("not heard",))
    [line] = misses.lines
    assert '"unmet": ["not heard"]' in line
    assert '"message": "Hello"' in line

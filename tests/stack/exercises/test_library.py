"""The seeded exercise library: complete, unambiguous, and enough for any planner to choose from."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from dev.stack import Stack

SEEDS = sorted((Path(__file__).parents[3] / "supabase" / "seeds").glob("exercises*.sql"))
JOINTS = ("neck", "shoulder", "elbow", "wrist", "upper_back", "lower_back", "hip", "knee", "ankle")
# Every muscle that a plan may be asked to train; full_body and cardio are not trained on their own.
TRAINABLE = frozenset(
    {"chest", "upper_back", "lats", "traps", "front_delts", "side_delts", "rear_delts"}
    | {"biceps", "triceps", "forearms", "abs", "obliques", "lower_back", "neck"}
    | {"glutes", "quadriceps", "hamstrings", "adductors", "abductors", "calves"}
)
FULL_GYM: frozenset[str] | None = None
AT_HAND: dict[str, frozenset[str] | None] = {
    "bodyweight only": frozenset({"bodyweight"}),
    "bodyweight and band": frozenset({"bodyweight", "band"}),
    "bodyweight, dumbbells and bench": frozenset({"bodyweight", "dumbbell", "bench"}),
    "full gym": FULL_GYM,
}
# Nobody needs a dumbbell for the neck: the unloaded choices are the sensible ones.
NO_CHOICE_WITH = {("dumbbell", "neck")}
# A muscle that lies at the injured joint itself has few honest choices, but never none.
FEW_CHOICES = {("lower_back", "lower_back"), ("neck", "neck"), ("shoulder", "side_delts")}
LOADED = frozenset(
    {"dumbbell", "kettlebell", "ez_bar", "trap_bar", "landmine", "smith_machine"} | {"medicine_ball", "sled", "cable"}
)
TIMED = frozenset({"duration", "weight_duration", "distance_duration"})
KNOWN_BY = {
    "OHP": "overhead-press",
    "Military Press": "overhead-press",
    "RDL": "romanian-deadlift",
    "BSS": "bulgarian-split-squat",
    "CGBP": "close-grip-bench-press",
    "SLDL": "stiff-leg-deadlift",
    "DB Bench Press": "dumbbell-bench-press",
    "KB Swing": "kettlebell-swing",
    "T2B": "toes-to-bar",
    "HSPU": "handstand-push-up",
    "DU": "double-under",
    "C&J": "clean-and-jerk",
    "TGU": "turkish-get-up",
    "Press-Up": "push-up",
    "Pullup": "pull-up",
}


@dataclass(frozen=True)
class Exercise:
    """One library row, its arrays as sets (but aliases as they are)."""

    slug: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    primary_muscles: frozenset[str]
    equipment: frozenset[str]
    category: str
    level: str
    mechanic: str | None
    contraindications: frozenset[str]
    instructions: str


def exercise_of(row: asyncpg.Record) -> Exercise:
    values: dict[str, Any] = {field.name: row[field.name] for field in fields(Exercise)}
    values.update({k: frozenset(v) for k, v in values.items() if isinstance(v, list)})
    values["aliases"] = tuple(row["aliases"])
    return Exercise(**values)


@pytest.fixture(scope="module")
async def library(stack: Stack, anyio_backend: str) -> list[Exercise]:
    connection = await asyncpg.connect(stack.database_url, ssl=False)
    try:
        rows = await connection.fetch("select * from public.exercises where user_id is null order by slug")
    finally:
        await connection.close()
    return [exercise_of(row) for row in rows]


def plain(label: str) -> str:
    """A label as a careless typist sees it: `Pull-Up`, `pull up` and `pullup` are the same."""
    return re.sub(r"[^a-z0-9&+]", "", label.lower())


def strength_choices(library: Iterable[Exercise], muscle: str, owned: frozenset[str] | None) -> list[Exercise]:
    """What a planner may give a beginner or intermediate who wants to strengthen `muscle`."""
    return [
        e
        for e in library
        if muscle in e.primary_muscles
        and e.category not in {"cardio", "mobility"}
        and e.level != "advanced"
        and (owned is None or e.equipment <= owned)
    ]


async def versions(migrator: asyncpg.Connection) -> dict[str, tuple[str, object]]:
    rows = await migrator.fetch(
        "select slug, xmin::text as version, updated_at from public.exercises where user_id is null"
    )
    return {row["slug"]: (row["version"], row["updated_at"]) for row in rows}


def test_it_is_large(library: list[Exercise]) -> None:
    assert len(library) >= 300


async def test_ids_are_made_from_slugs(migrator: asyncpg.Connection) -> None:
    strays = await migrator.fetch(
        "select slug from public.exercises where user_id is null and id <> md5('slow-burn/exercises/' || slug)::uuid"
    )
    assert not strays


def test_no_label_means_two_exercises(library: list[Exercise]) -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for exercise in library:
        for label in (exercise.name, *exercise.aliases):
            meanings[plain(label)].add(exercise.slug)
    assert {label: slugs for label, slugs in meanings.items() if len(slugs) > 1} == {}


def test_no_exercise_repeats_a_label(library: list[Exercise]) -> None:
    for exercise in library:
        labels = [label.casefold() for label in (exercise.name, *exercise.aliases)]
        assert len(labels) == len(set(labels)), exercise.slug
        assert all(label == label.strip() and label for label in labels), exercise.slug


@pytest.mark.parametrize(("label", "slug"), KNOWN_BY.items())
def test_usual_abbreviations_are_known(library: list[Exercise], label: str, slug: str) -> None:
    assert [e.slug for e in library if label in (e.name, *e.aliases)] == [slug]


def test_instructions_are_short_and_whole(library: list[Exercise]) -> None:
    assert [e.slug for e in library if not 60 <= len(e.instructions) <= 600] == []
    assert [e.slug for e in library if len(re.findall(r"[.!](?: |$)", e.instructions)) < 2] == []
    texts = [e.instructions for e in library]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("vocabulary", "field"),
    [
        ("muscle", "primary_muscles"),
        ("equipment", "equipment"),
        ("joint", "contraindications"),
        ("exercise_kind", "kind"),
        ("exercise_category", "category"),
        ("experience_level", "level"),
    ],
)
async def test_each_word_of_a_vocabulary_is_used(
    migrator: asyncpg.Connection, library: list[Exercise], vocabulary: str, field: str
) -> None:
    words = await migrator.fetchval(f"select enum_range(null::public.{vocabulary})::text[]")
    used: set[str] = set()
    for exercise in library:
        value = getattr(exercise, field)
        used |= {value} if isinstance(value, str) else value
    assert used == set(words)


def test_mechanic_belongs_to_resistance_work(library: list[Exercise]) -> None:
    assert [e.slug for e in library if (e.mechanic is None) != (e.category in {"cardio", "mobility"})] == []


def test_what_is_counted_fits_the_movement(library: list[Exercise]) -> None:
    held = re.compile(r"^Isometric|\b(Hold|Hang|Plank|Pose|Carry|Run|Swim|Walk Intervals)$")
    repeated = re.compile(r"\b(Curl|Press|Squat|Lunge|Deadlift|Shrug|Fly|Pulldown|Extension|Clean|Snatch)$")
    for e in library:
        if held.search(e.name):
            assert e.kind in TIMED, e.slug
        elif repeated.search(e.name) or e.category in {"olympic", "plyometric"}:
            assert e.kind not in {"duration", "weight_duration"}, e.slug


def test_load_is_recorded_where_there_is_one(library: list[Exercise]) -> None:
    for e in library:
        weighed = e.kind in {"weight_reps", "weight_duration"}
        assert weighed or not e.equipment & LOADED, e.slug
        assert not weighed or e.equipment & (LOADED | {"barbell", "machine", "other"}), e.slug
        # The pull of a band has no kilograms.
        assert not (weighed and "band" in e.equipment), e.slug
        assert (e.kind == "assisted") == ("Assisted" in e.name and e.equipment != {"rings"}), e.slug


@pytest.mark.parametrize("owned", AT_HAND)
def test_each_muscle_can_be_trained_with_what_is_at_hand(library: list[Exercise], owned: str) -> None:
    for muscle in TRAINABLE:
        choices = strength_choices(library, muscle, AT_HAND[owned])
        assert len(choices) >= 2, muscle
        assert any(e.level == "beginner" for e in choices), muscle
        for tool in ("band", "dumbbell"):
            if tool in (AT_HAND[owned] or {"band", "dumbbell"}) and (tool, muscle) not in NO_CHOICE_WITH:
                assert any(tool in e.equipment for e in choices), (tool, muscle)


@pytest.mark.parametrize("joint", JOINTS)
def test_an_injured_joint_leaves_choices(library: list[Exercise], joint: str) -> None:
    able = [e for e in library if joint not in e.contraindications]
    for label, owned in AT_HAND.items():
        missing = [m for m in TRAINABLE if not strength_choices(able, m, owned)]
        assert missing == [], label
    few = [m for m in TRAINABLE if len(strength_choices(able, m, FULL_GYM)) < 3]
    assert [m for m in few if (joint, m) not in FEW_CHOICES] == []


async def test_applying_the_seeds_again_changes_nothing(migrator: asyncpg.Connection) -> None:
    before = await versions(migrator)
    for seed in SEEDS:
        assert await migrator.fetchval(seed.read_text("utf-8")) == 0, seed.name
    assert await versions(migrator) == before


async def test_applying_the_seeds_again_repairs_one_row_only(migrator: asyncpg.Connection) -> None:
    before = await versions(migrator)
    spoil = "update public.exercises set aliases = '{}' where slug = 'overhead-press' and user_id is null"
    assert await migrator.execute(spoil) == "UPDATE 1"
    written = [await migrator.fetchval(seed.read_text("utf-8")) for seed in SEEDS]
    assert sorted(written) == [0] * (len(SEEDS) - 1) + [1]
    after = await versions(migrator)
    assert {slug for slug in before if before[slug] != after[slug]} == {"overhead-press"}
    aliases = await migrator.fetchval("select aliases from public.exercises where slug = 'overhead-press'")
    assert "OHP" in aliases

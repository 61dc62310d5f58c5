"""A file that version 0.3 exported imports whole: what was taken along once can always be brought back."""

import gzip
import json
from pathlib import Path
from typing import Any

from src.archive.document import Archive
from src.core.config import Settings
from src.vocabulary import (
    ExerciseKind,
    MeasurementKind,
    MemoryKind,
    PlanSource,
    PlanStatus,
    PreferenceKind,
    SetSide,
    SetType,
    WeightUnit,
)
from tests.support.archive import bring, exported, neutral
from tests.support.people import Person

FILE = Path(__file__).with_name("version_0_3.json.gz")


def document_of_version_0_3() -> dict[str, Any]:
    """An account with everything that one could own in version 0.3."""
    document: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return document


def test_the_file_has_everything_that_can_be_owned() -> None:
    archive: Any = Archive.model_validate(document_of_version_0_3())
    assert None not in archive.profile.model_dump(exclude={"session_minutes"}).values()  # there since 0.5
    assert {exercise.kind for exercise in archive.exercises} == set(ExerciseKind)
    assert {preference.kind for preference in archive.preferences} == set(PreferenceKind)
    assert {measurement.kind for measurement in archive.measurements} == set(MeasurementKind)
    assert {memory.kind for memory in archive.memories} == set(MemoryKind)
    for hideable in (archive.exercises, archive.foods):
        assert {item.hidden for item in hideable} == {False, True}
    for plans in (archive.plans, archive.meal_plans):
        assert {plan.status for plan in plans} == set(PlanStatus)
        assert {plan.source for plan in plans} == set(PlanSource)
        assert max(len(plan.versions) for plan in plans) == 4
    sets = [done for workout in archive.workouts for exercise in workout.exercises for done in exercise.sets]
    assert {done.set_type for done in sets} == set(SetType)
    assert {done.side for done in sets} == {None, *SetSide}
    for loads in ([done.weight for done in sets], [done.assist for done in sets]):
        assert {load.unit for load in loads if load} == set(WeightUnit)
    actions = {action.kind for message in archive.messages for action in message.actions or []}
    assert len(actions) == 8
    assert {message.model for message in archive.messages} > {None, "offline", "safety"}


async def test_it_imports_whole_and_exports_equal_however_often(ana: Person, settings: Settings) -> None:
    document = document_of_version_0_3()
    result = await bring(ana, document, settings)
    assert result["rejected"] == []
    numbers = {section: len(items) for section, items in document.items() if isinstance(items, list)} | {"profile": 1}
    assert result["sections"] == {section: {"imported": number} for section, number in numbers.items()}
    once = await exported(ana)
    # Check-ins and languages are known since version 0.5, what was accepted since 0.4.
    check_ins = {"enabled": True, "max_per_week": 1, "quiet_from": "22:00", "quiet_to": "08:00"}
    document["profile"] |= {f"check_ins_{name}": value for name, value in check_ins.items()}
    document["messages"] = [
        {**message, "kind": "message", "language": None, "concern": None, "concern_step": None}
        for message in document["messages"]
    ]
    for plan in [*document["plans"], *document["meal_plans"]]:
        plan["versions"] = [{**version, "accepted": False} for version in plan["versions"]]
    # What memories say in words of the profile, since version 0.5.
    document["profile"]["session_minutes"] = None
    for memory in document["memories"]:
        memory |= {"facts": [], "decision": None, "asks_to_keep": False}
    assert neutral(once) == neutral(document)
    assert (await bring(ana, document, settings))["rejected"] == []
    assert {**(await exported(ana)), "exported_at": None} == {**once, "exported_at": None}

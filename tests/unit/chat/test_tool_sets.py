"""Sets in words, and the numbers that exercises are measured by."""

import pytest

from src.chat.tools.measures import Measured
from src.chat.tools.registry import TOOLS
from src.chat.tools.sets import SetGroup, group, words_of
from src.chat.tools.values import Quantity, distance, weight
from src.language.language import Language
from src.vocabulary import DistanceUnit, RecordKind, WeightUnit
from tests.support.tools import plain

KG = Quantity(value=100, unit="kg")
LIGHT = Quantity(value=60, unit="kg")


def reps(*counts: int | None, load: Quantity | None = KG, is_warm_up: bool = False) -> list[SetGroup]:
    return [SetGroup(sets=1, reps=[count], load=load, is_warm_up=is_warm_up) for count in counts]


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (reps(8, 8, 8), "3 x 8 at 100 kg"),
        (reps(8, 8, 7), "8, 8, 7 at 100 kg"),
        (reps(5, load=LIGHT, is_warm_up=True) + reps(8, 8), "2 x 8 at 100 kg"),
        (reps(5, load=LIGHT, is_warm_up=True), "1 x 5 at 60 kg"),
        (reps(8, 8) + reps(10, load=LIGHT), "2 x 8 at 100 kg; 1 x 10 at 60 kg"),
        (reps(12, 12, load=None), "2 x 12"),
        (reps(None, load=None), "1 x as many as you can"),
        ([SetGroup(sets=1, seconds=45)] * 3, "3 x 45 s"),
        ([SetGroup(sets=1, seconds=1800, distance=Quantity(value=5.2, unit="km"))], "5.2 km in 30 min"),
        ([SetGroup(sets=1, reps=[8], help=Quantity(value=20, unit="kg"))] * 2, "2 x 8 with 20 kg of help"),
    ],
)
def test_sets_are_said_as_people_say_them(sets: list[SetGroup], said: str) -> None:
    assert plain(words_of(group(sets), Language.EN)) == said


def test_weights_and_distances_are_in_the_persons_units() -> None:
    assert weight(100, WeightUnit.LB) == Quantity(value=220.46, unit="lb")
    assert weight(102.058, WeightUnit.LB).value == 225
    assert distance(5200, DistanceUnit.KM) == Quantity(value=5.2, unit="km")
    assert distance(5200, DistanceUnit.MI) == Quantity(value=3.23, unit="mi")
    assert distance(800, DistanceUnit.KM) == Quantity(value=800, unit="m")


def test_a_difference_is_that_of_what_is_shown() -> None:
    before = Measured(measure=RecordKind.E1RM, value=100.1, unit="kg")
    after = Measured(measure=RecordKind.E1RM, value=110.4, unit="kg")
    assert after.minus(before).value == 10.3
    short = Measured(measure=RecordKind.FARTHEST, value=900, unit="m")
    far = Measured(measure=RecordKind.FARTHEST, value=2, unit="mi")
    assert far.minus(short) == Measured(measure=RecordKind.FARTHEST, value=1.44, unit="mi")
    assert short.minus(far).value == -1.44


def test_every_tool_tells_a_model_what_it_is_for() -> None:
    for name, tool in TOOLS.items():
        assert tool.name == name
        assert 40 <= len(tool.description) <= 500
        assert tool.Arguments.model_json_schema()["additionalProperties"] is False

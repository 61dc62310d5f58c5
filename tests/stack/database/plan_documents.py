"""Plan contents, sound ones and ones that something was done to, as Hypothesis strategies."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Json = Any
Place = tuple[Any, Any]
"""A container and a key or index in it."""

# By kind of exercise: the members of a set that belong to it, and what a set cannot be without.
FIELDS = {
    "weight_reps": (("reps_min", "weight_kg", "percent_e1rm"), ("reps_max",)),
    "reps": (("reps_min", "weight_kg"), ("reps_max",)),
    "bodyweight_reps": (("reps_min", "weight_kg"), ("reps_max",)),
    "assisted": (("reps_min",), ("reps_max",)),
    "duration": (("weight_kg",), ("duration_seconds",)),
    "weight_duration": (("distance_m", "weight_kg"), ("duration_seconds",)),
    "distance_duration": (("duration_seconds", "weight_kg"), ("distance_m",)),
}
# JSON that Python's writer cannot write: kept in a text until the document is written.
_RAW = "\ue000"


def raw(token: str) -> str:
    """This JSON, unchanged, when the document is written."""
    return f"{_RAW}{token}{_RAW}"


def written(document: Json) -> str:
    """The document as JSON text."""
    parts = json.dumps(document).split(json.dumps(_RAW)[1:-1])
    for n in range(1, len(parts), 2):  # every second part was inside a text: without its quotes it is JSON
        parts[n] = json.loads(f'"{parts[n]}"')
        parts[n - 1], parts[n + 1] = parts[n - 1][:-1], parts[n + 1][1:]
    return "".join(parts)


def _kilograms(low: float, high: float) -> st.SearchStrategy[Json]:
    return st.one_of(st.integers(int(low) + 1, int(high)), st.floats(low, high).map(lambda x: round(x, 3)))


_MEMBERS: dict[str, st.SearchStrategy[Json]] = {
    "reps_min": st.integers(1, 5),
    "reps_max": st.integers(5, 1000),
    "weight_kg": _kilograms(0, 1000),
    "percent_e1rm": _kilograms(1, 120),
    "duration_seconds": st.integers(1, 86_400),
    "distance_m": _kilograms(1, 1_000_000),
    "rir": st.integers(0, 10),
    "tempo": st.text("0123456789X", min_size=4, max_size=4),
}
_TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters=f"\x00{_RAW}"), max_size=12)
_PROGRESSIONS = st.one_of(
    st.sampled_from([{"kind": "none"}]),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["linear", "double_progression"]), "increment_kg": _kilograms(0.1, 50)}
    ),
)


@st.composite
def sets(draw: st.DrawFn, kind: str) -> Json:
    """A set that suits this kind of exercise."""
    allowed, needed = FIELDS[kind]
    chosen = [*needed, *draw(st.sets(st.sampled_from([*allowed, "rir", "tempo"])))]
    if "weight_kg" in chosen and "percent_e1rm" in chosen:
        chosen.remove("weight_kg")
    planned = {name: draw(_MEMBERS[name]) for name in chosen}
    return planned | {"set_type": draw(st.sampled_from(["warmup", "working", "drop", "failure", "amrap"]))}


@st.composite
def exercises(draw: st.DrawFn, ids: dict[str, str]) -> Json:
    """An exercise with its sets; `ids` has one exercise of each kind."""
    kind = draw(st.sampled_from(sorted(FIELDS)))
    planned: dict[str, Json] = {"exercise_id": ids[kind], "sets": draw(st.lists(sets(kind), min_size=1, max_size=2))}
    if draw(st.booleans()):
        planned["progression"] = draw(_PROGRESSIONS)
    for name, values in (
        ("notes", _TEXT),
        ("superset_group", st.sampled_from("ABC")),
        ("rest_seconds", st.integers(0, 3600)),
    ):
        if draw(st.booleans()):
            planned[name] = draw(values)
    return planned


@st.composite
def sound(draw: st.DrawFn, ids: dict[str, str]) -> Json:
    """Sound plan content."""
    days = []
    for exercise in draw(st.lists(exercises(ids), min_size=1, max_size=2)):
        name = draw(_TEXT.map(lambda text: f"D{text}"))
        days.append({"name": name, "weekday": draw(st.sampled_from([None, 1, 7])), "exercises": [exercise]})
    return {"days": days, "deload_weeks": draw(st.lists(st.integers(1, 52), unique=True, max_size=4))}


# What may stand where something else should: other types, edges of ranges, and what readers of JSON disagree about.
_NUMBERS = [
    "0",
    "-0",
    "-0.0",
    "1",
    "1.0",
    "5.0",
    "0.5",
    "1e2",
    "1E+1",
    "53",
    "1001",
    "0.09",
    "0.1",
    "50.001",
    "1e9",
    "1e20",
]
_NUMBERS += ["1e400", "-1e400", "1e-400", "1e131071", "1e131072", "9" * 400, "0.30000000000000004", f"10.{'0' * 30}"]
_TEXTS = [
    "",
    " ",
    "\u00a0",
    "\u2003\t",
    "\u001c",
    "\u200b",
    "5",
    "None",
    "x" * 81,
    "x" * 501,
    "X020",
    "x020",
    "4010\n",
    "٤٠١٠",
]
_TEXTS += ["none", "linear", "A" * 9, "working", "00000000-0000-0000-0000-000000000000", "\u0000", "a\u0000b"]
_TOKENS = ['"\\ud800"', '"\\ud83d\\ude00"', "NaN", "-Infinity", "[" * 60 + "]" * 60, '{"a":' * 60 + "1" + "}" * 60]
_VALUES: list[Json] = [None, True, False, [], {}, [[1]], [1, 1], [None], ["1"], [0], [53], [1.5], {"kind": "linear"}]
_VALUES += [{"kind": "linear", "increment_kg": 2.5}, {"kind": "none", "increment_kg": None}, {"kind": "percent_e1rm"}]
_VALUES += [
    {"increment_kg": 1},
    {"kind": ["none"]},
    {"kind": "percent_e1rm", "increment_kg": 1},
    [raw("1"), raw("1.0")],
]
NASTY: list[Json] = [*map(raw, [*_NUMBERS, *_TOKENS]), *_TEXTS, *_VALUES]
NAMES = ["days", "deload_weeks", "name", "weekday", "exercises", "notes", "progression", "sets", "kind", "increment_kg"]
NAMES += [*_MEMBERS, "set_type", "exercise_id", "superset_group", "rest_seconds", "unknown", "Days", "", "sets "]


def full(ids: dict[str, str]) -> Json:
    """Sound content in which every member there is has a value."""
    loaded = {"set_type": "working", "reps_min": 1, "reps_max": 5, "weight_kg": 20.5, "percent_e1rm": None, "rir": 2}
    loaded |= {"duration_seconds": None, "distance_m": None, "tempo": "30X1"}
    planned = {"superset_group": "A", "rest_seconds": 90, "notes": "Slowly"}
    press = planned | {"exercise_id": ids["weight_reps"], "sets": [loaded]}
    lap = {"set_type": "working", "distance_m": 400, "duration_seconds": 90}
    run = planned | {"exercise_id": ids["distance_duration"], "sets": [lap]}
    percent = {"set_type": "working", "reps_max": 5, "percent_e1rm": 72.5}
    squat = {"exercise_id": ids["weight_reps"], "progression": {"kind": "percent_e1rm"}, "sets": [percent]}
    press["progression"], run["progression"] = {"kind": "linear", "increment_kg": 2.5}, {"kind": "none"}
    return {"days": [{"name": "Day", "weekday": 1, "exercises": [press, run, squat]}], "deload_weeks": [4]}


FOOD = "00000000-0000-4000-8000-00000000f00d"
_ITEMS = [{"food_id": FOOD, "grams": 80}, {"food_id": FOOD, "grams": 0.5 + 80}]
_MEALS = [{"slot": "lunch", "name": "Rice", "notes": "Slowly", "items": _ITEMS}]
FULL_MEALS: Json = {"days": [{"name": "Day", "weekday": 1, "meals": _MEALS}]}
MEAL_NAMES = [
    "days",
    "name",
    "weekday",
    "meals",
    "slot",
    "notes",
    "items",
    "food_id",
    "grams",
    "energy_kcal",
    "Days",
    "",
]
_WEIGHTS = ["0.9", "1", "2000", "2000.1", "80.05", "80.10", "80.1000000000000001", "8e1", "1e-30"]
MEAL_VALUES: list[Json] = [raw(token) for token in _WEIGHTS]
MEAL_VALUES += ["lunch", "brunch", FOOD, FOOD.upper(), FOOD.replace("-", ""), f"{{{FOOD}}}", "8", "x" * 121]


def places(document: Json) -> Iterator[Place]:
    """Every place in the document where a value stands."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield document, key
        yield from places(value)


def damage(document: Json, place: int, action: str, value: Json) -> Json:
    """A copy of the document in which something was done at the place of this number, counted around."""
    changed = copy.deepcopy(document)
    found = list(places(changed))
    if not found:
        return changed
    container, key = found[place % len(found)]
    here = container[key]
    if action == "drop":
        del container[key]
    elif action == "rename" and isinstance(container, dict):
        container[str(value)] = container.pop(key)
    elif action == "repeat" and isinstance(here, list):
        container[key] = here * 53
    elif action == "upper" and isinstance(here, str):
        container[key] = here.upper()
    elif action == "braces" and isinstance(here, str):
        container[key] = f"{{{here}}}"
    else:
        container[key] = copy.deepcopy(value)
    return changed


_ACTIONS = st.one_of(
    st.tuples(st.just("replace"), st.sampled_from(NASTY)),
    st.tuples(st.just("replace"), st.one_of(st.integers(-2, 1100), st.floats(0.001, 1001), _TEXT)),
    st.tuples(st.just("rename"), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(["drop", "repeat", "upper", "braces"]), st.none()),
)


@st.composite
def damaged(draw: st.DrawFn, ids: dict[str, str]) -> Json:
    """Sound content that one to three things were done to; it may still be sound."""
    damages = draw(st.lists(st.tuples(st.integers(0, 500), _ACTIONS), min_size=1, max_size=3))
    document = draw(st.one_of(sound(ids), st.just(full(ids))))
    for place, (action, value) in damages:
        document = damage(document, place, action, value)
    return document

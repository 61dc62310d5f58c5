"""FIT files: sessions and laps, what is missing, and files that are damaged or written to do harm."""

import io
import random
from typing import Any

import pytest

from src.imports.activities.fit_file import MAX_MESSAGES
from src.imports.activities.reading import ActivityFormat, detect_activities, read_activities
from src.imports.workouts import ImportedWorkout, RejectedRow, UnknownFormat
from src.vocabulary import SetType
from tests.support.activity_files import BEGAN, METRES_PER_DEGREE, at, fit_run
from tests.support.fit_files import Message, compute_crc, fit_file, semicircles

FILE_ID: Message = ("file_id", {"type": 4, "manufacturer": 1, "time_created": BEGAN})


def read(file: bytes, sport: str | None = None) -> list[ImportedWorkout | RejectedRow]:
    assert detect_activities(file) is ActivityFormat.FIT
    return list(read_activities(io.BytesIO(file), ActivityFormat.FIT, sport))


def one(file: bytes, sport: str | None = None) -> ImportedWorkout:
    (found,) = read(file, sport)
    assert isinstance(found, ImportedWorkout), found
    return found


def session(seconds: float = 600, **fields: Any) -> Message:
    known = {"start_time": BEGAN, "timestamp": at(seconds), "total_elapsed_time": seconds, "total_timer_time": seconds}
    return "session", {**known, "sport": 1, "sub_sport": 0, **fields}


def lap(began: float, seconds: float, **fields: Any) -> Message:
    known = {"start_time": at(began), "timestamp": at(began + seconds), "total_elapsed_time": seconds}
    return "lap", {**known, "total_timer_time": seconds, **fields}


def records(*distances: float | None, **fields: Any) -> list[Message]:
    return [("record", {"timestamp": at(10 * n), "distance": metres, **fields}) for n, metres in enumerate(distances)]


def test_laps_are_sets() -> None:
    run = one(fit_run((300, 1000), (310, 1000.5), (290, 950)))
    assert (run.started_at, run.ended_at) == (BEGAN, at(960))
    assert [(s.exercise, s.set_type, s.duration_seconds, float(s.distance_m or 0)) for s in run.sets] == [
        ("Run", SetType.WORKING, 300, 1000), ("Run", SetType.WORKING, 310, 1000.5), ("Run", SetType.WORKING, 290, 950),
    ]  # fmt: skip
    assert [(s.average_heart_rate, s.max_heart_rate) for s in run.sets] == [(140, 160), (141, 161), (142, 162)]
    assert [s.left_out for s in run.sets] == [("calories", "elevation_gain"), (), ()]
    assert [s.row for s in run.sets] == [1, 2, 3]


@pytest.mark.parametrize(
    ("sport", "sub_sport", "exercise"),
    [
        (1, 0, "Run"), (1, 3, "Trail Run"), (1, 1, "Treadmill Run"), (2, 0, "Outdoor Cycling"), (11, 0, "Walk"),
        (2, 6, "Stationary Bike"), (2, 58, "Stationary Bike"), (5, 17, "Freestyle Swim"), (5, 18, "Freestyle Swim"),
        (17, 0, "Hike"),
        (15, 0, "Rowing Machine"), (4, 14, "Rowing Machine"), (4, 15, "Elliptical"), (4, 16, "Stair Climber"),
        (12, 0, "Cross-Country Skiing"), (10, 43, "Yoga"), (10, 20, "Strength Training"), (31, 69, "Bouldering"),
        (35, 0, "Snowshoeing"),
    ],
)  # fmt: skip
def test_sports_are_exercises(sport: int, sub_sport: int, exercise: str) -> None:
    assert one(fit_run(sport=sport, sub_sport=sub_sport)).sets[0].exercise == exercise


def test_every_leg_of_a_triathlon_is_a_workout() -> None:
    legs = [(5, 18, 1800), (3, 0, 120), (2, 0, 3600), (3, 0, 90), (1, 0, 2400)]
    messages, began = [FILE_ID], 0.0
    for number, (sport, sub_sport, seconds) in enumerate(legs):
        messages += [
            lap(began, seconds, total_distance=seconds * 2, message_index=number),
            session(seconds, start_time=at(began), sport=sport, sub_sport=sub_sport, total_distance=seconds * 2,
                    timestamp=at(began + seconds), first_lap_index=number, num_laps=1),
        ]  # fmt: skip
        began += seconds
    found = [workout for workout in read(fit_file(messages)) if isinstance(workout, ImportedWorkout)]
    assert [(w.sets[0].exercise, w.started_at, len(w.sets), w.sets[0].row) for w in found] == [
        ("Freestyle Swim", at(0), 1, 1), ("Outdoor Cycling", at(1920), 1, 2), ("Run", at(5610), 1, 3),
    ]  # fmt: skip


def test_pauses_are_in_the_workout_and_not_in_its_laps() -> None:
    pause = fit_file([FILE_ID, lap(0, 900, total_timer_time=600, total_distance=2000),
                      session(900, total_timer_time=600, total_distance=2000)])  # fmt: skip
    run = one(pause)
    assert (run.ended_at, run.sets[0].duration_seconds) == (at(900), 600)


def test_what_laps_do_not_say_the_records_do() -> None:
    indoor = fit_file([FILE_ID, *records(0, 25, 50, 80, heart_rate=120), lap(0, 30), session(30, sub_sport=1)])
    assert [(float(s.distance_m or 0), s.average_heart_rate, s.max_heart_rate) for s in one(indoor).sets] == [
        (80, 120, 120)
    ]


def test_without_a_distance_the_positions_tell_it() -> None:
    track: list[Message] = [
        ("record", {"timestamp": at(10 * n), "position_lat": semicircles(59 + n * 50 / METRES_PER_DEGREE),
                    "position_long": semicircles(10.75)}) for n in range(5)
    ]  # fmt: skip
    (done,) = one(fit_file([FILE_ID, *track, lap(0, 40), session(40)])).sets
    assert float(done.distance_m or 0) == pytest.approx(200, abs=0.5)


def test_a_watch_that_went_out_left_records_and_no_session() -> None:
    run = one(fit_file([FILE_ID, ("sport", {"sport": 1, "sub_sport": 0}), *records(0, 30, 60, heart_rate=130)]))
    assert (run.started_at, run.sets[0].duration_seconds, float(run.sets[0].distance_m or 0)) == (BEGAN, 20, 60)


def test_laps_that_do_not_add_up_are_one_and_that_is_said() -> None:
    torn = fit_file([FILE_ID, lap(0, 100, total_distance=300), session(600, total_distance=2000)])
    (done,) = one(torn).sets
    assert (done.duration_seconds, float(done.distance_m or 0)) == (600, 2000)
    assert done.remark is not None
    assert "do not add up" in done.remark


def test_rests_between_lengths_are_no_sets() -> None:
    pool = fit_file([
        FILE_ID,
        lap(0, 60, total_distance=50, num_active_lengths=2),
        lap(60, 30, total_distance=0, num_active_lengths=0),
        lap(90, 65, total_distance=50, num_active_lengths=2),
        session(155, sport=5, sub_sport=17, total_distance=100),
    ])  # fmt: skip
    swim = one(pool)
    assert [s.duration_seconds for s in swim.sets] == [60, 65]
    assert swim.ended_at == at(155)


def test_sets_of_strength_have_reps_and_loads() -> None:
    sets: list[Message] = [
        ("set", {"timestamp": at(30), "start_time": at(0), "duration": 30, "repetitions": 8, "weight": 60,
                 "set_type": 1, "category": 0, "category_subtype": 1}),
        ("set", {"timestamp": at(90), "start_time": at(30), "duration": 60, "set_type": 0}),
        ("set", {"timestamp": at(120), "start_time": at(90), "duration": 30, "repetitions": 12, "set_type": 1,
                 "category": 22, "category_subtype": None}),
        ("set", {"timestamp": at(150), "start_time": at(120), "duration": 30, "repetitions": 9, "set_type": 1,
                 "category": 65534}),
    ]  # fmt: skip
    gym = one(fit_file([FILE_ID, *sets, session(600, sport=10, sub_sport=20, avg_heart_rate=110)]))
    assert [(s.exercise, s.reps, s.weight and float(s.weight), s.duration_seconds) for s in gym.sets] == [
        ("Barbell Bench Press", 8, 60, 30), ("Push Up", 12, None, 30),
    ]  # fmt: skip
    assert gym.sets[0].remark == "without 1 set of exercises that the watch did not recognise"
    assert gym.sets[0].left_out == ("heart_rate",)


def test_strength_without_sets_is_as_long_as_it_was() -> None:
    (done,) = one(fit_file([FILE_ID, session(3000, sport=10, sub_sport=20)])).sets
    assert (done.exercise, done.duration_seconds) == ("Strength Training", 3000)


def test_heart_rates_that_cannot_be_are_left_out_by_name() -> None:
    odd = fit_file([FILE_ID, lap(0, 60, total_distance=100, avg_heart_rate=150, max_heart_rate=140),
                    lap(60, 60, total_distance=100, avg_heart_rate=10, max_heart_rate=120),
                    session(120, total_distance=200)])  # fmt: skip
    assert [(s.average_heart_rate, s.max_heart_rate, s.left_out) for s in one(odd).sets] == [
        (None, 140, ("average_heart_rate",)), (None, 120, ("average_heart_rate",)),
    ]  # fmt: skip


def test_many_laps_stay_what_they_are_and_too_many_are_refused() -> None:
    assert len(one(fit_run(*[(10, 40)] * 250)).sets) == 250
    (refused,) = read(fit_run(*[(10, 40)] * 2001))
    assert isinstance(refused, RejectedRow)
    assert "2,001 laps" in refused.reason


def test_two_files_in_one_keep_their_laps_apart() -> None:
    joined = read(fit_run((300, 1000), (310, 1000)) + fit_run((200, 500), began=at(7200)))
    assert [len(found.sets) for found in joined if isinstance(found, ImportedWorkout)] == [2, 1]


@pytest.mark.parametrize("kind", [2, 5, 6, 15])
def test_files_of_other_kinds_are_named(kind: int) -> None:
    with pytest.raises(UnknownFormat, match="no activity in it"):
        read(fit_file([("file_id", {"type": kind, "manufacturer": 1, "time_created": BEGAN})]))


def test_a_session_that_names_no_sport_asks_for_it() -> None:
    unnamed = fit_run(sport=0)
    assert read(unnamed) == [RejectedRow(1, "the file does not say which sport it was: say so (sport)")]
    assert one(unnamed, "hiking").sets[0].exercise == "Hike"


def test_damaged_files_say_so() -> None:
    whole = fit_run()
    for damaged in (whole[:-1], whole[:200], whole[:12], whole[:14] + b"\xff" * 30 + whole[44:]):
        with pytest.raises(UnknownFormat, match="damaged"):
            read(damaged)
    with pytest.raises(UnknownFormat, match="checksum"):
        read(whole[:-2] + b"\x00\x01")


def test_no_mutation_of_a_file_breaks_the_reader() -> None:
    """What is read is refused or well-formed: whatever bytes a stranger changes, checksums mended."""
    source = random.Random(10)  # noqa: S311  # the same bytes every time
    whole = fit_run(*[(60, 200)] * 4)
    outcomes = set()
    for _ in range(600):
        body = bytearray(whole[:-2])
        for _ in range(source.randint(1, 6)):
            body[source.randrange(14, len(body))] = source.choice((0, 1, 0x7F, 0x80, 0xFF, source.randrange(256)))
        try:
            found = read(bytes(body) + compute_crc(bytes(body)).to_bytes(2, "little"))
        except ValueError:
            outcomes.add("refused")
            continue
        outcomes |= {type(one).__name__ for one in found}
        for workout in found:
            if isinstance(workout, ImportedWorkout):
                assert all(s.duration_seconds or s.distance_m or s.reps for s in workout.sets)
                assert all((s.duration_seconds or 1) <= 86_400 for s in workout.sets)
                assert all((s.distance_m or 1) <= 1_000_000 for s in workout.sets)
    assert outcomes >= {"refused", "ImportedWorkout"}


def test_messages_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_MESSAGES == 400_000
    monkeypatch.setattr("src.imports.activities.fit_file.MAX_MESSAGES", 6)
    with pytest.raises(ValueError, match="more than 6 messages"):
        read(fit_run())

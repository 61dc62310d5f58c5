"""GPX and TCX files: distance, pauses and laps; what is no activity; XML that is written to do harm."""

import io
import tracemalloc

import pytest

from src.imports.activities.reading import ActivityFormat, detect_activities, read_activities
from src.imports.workouts import ImportedWorkout, RejectedRow, UnknownFormat
from tests.support.activity_files import BEGAN, at, gpx, tcx, tcx_lap

UNNAMED = [RejectedRow(1, "the file does not say which sport it was: say so (sport)")]


def read(file: bytes, sport: str | None = None) -> list[ImportedWorkout | RejectedRow]:
    kind = detect_activities(file[:16384])
    assert kind in {ActivityFormat.GPX, ActivityFormat.TCX}
    return list(read_activities(io.BytesIO(file), kind, sport))


def one(file: bytes, sport: str | None = None) -> ImportedWorkout:
    (found,) = read(file, sport)
    assert isinstance(found, ImportedWorkout), found
    return found


def test_a_track_is_as_long_as_it_is_on_the_sphere() -> None:
    run = one(gpx([(100 * n, 30 * n) for n in range(11)]))
    (done,) = run.sets
    assert (run.name, run.started_at, run.ended_at) == ("Evening & easy", BEGAN, at(300))
    assert float(done.distance_m or 0) == pytest.approx(1000, abs=0.01)
    assert (done.exercise, done.duration_seconds, done.average_heart_rate) == ("Run", 300, 150)
    assert done.left_out == ("track", "elevation")


def test_standing_still_is_no_moving_time() -> None:
    points = [(0, 0), (300, 100), (300, 160), (301, 220), (600, 320)]
    (done,) = one(gpx(points)).sets
    assert done.duration_seconds == 200
    assert float(done.distance_m or 0) == pytest.approx(600, abs=0.01)


def test_what_lies_between_segments_was_not_run() -> None:
    file = gpx([(0, 0), (300, 100), (5000, 700), (5300, 800)]).replace(
        b"</trkpt><trkpt", b"</trkpt></trkseg><trkseg><trkpt", 2
    )
    file = file.replace(b"</trkseg><trkseg>", b"", 1)
    run = one(file)
    assert float(run.sets[0].distance_m or 0) == pytest.approx(600, abs=0.01)
    assert (run.sets[0].duration_seconds, run.ended_at) == (200, at(800))


def test_a_receiver_that_begins_off_africa_adds_nothing() -> None:
    file = gpx([(0, 0), (100, 30), (200, 60)]).replace(b'lat="59.000000000" lon="10.75"', b'lat="0" lon="0"')
    assert float(one(file).sets[0].distance_m or 0) == pytest.approx(100, abs=0.01)


def test_a_track_without_times_was_planned() -> None:
    (refused,) = read(gpx([(0, None), (100, None)]))
    assert isinstance(refused, RejectedRow)
    assert "no times" in refused.reason


def test_a_route_is_no_activity() -> None:
    route = b'<gpx xmlns="x"><rte><name>Tour</name><rtept lat="1" lon="2"/></rte></gpx>'
    with pytest.raises(UnknownFormat, match="route that was planned"):
        read(route)
    with pytest.raises(UnknownFormat, match="no track"):
        read(b"<gpx/>")
    with pytest.raises(UnknownFormat, match="course that was planned"):
        read(b"<TrainingCenterDatabase><Courses><Course/></Courses></TrainingCenterDatabase>")


def test_every_track_is_an_activity() -> None:
    first = gpx([(0, 0), (300, 100)])
    both = first.replace(b"</gpx>", gpx([(0, 9000), (200, 9100)], sport="9").partition(b"</metadata>")[2])
    found = read(both)
    assert [(w.started_at, w.sets[0].row) for w in found if isinstance(w, ImportedWorkout)] == [
        (at(0), 1),
        (at(9000), 2),
    ]


@pytest.mark.parametrize(
    ("word", "exercise"),
    [
        ("running", "Run"), ("trail_running", "Trail Run"), ("1", "Outdoor Cycling"), ("4", "Hike"),
        ("16", "Freestyle Swim"), ("Course à pied", "Run"), ("hiking", "Hike"), ("Paragliding", "Paragliding"),
    ],
)  # fmt: skip
def test_the_type_of_a_track_is_its_sport(word: str, exercise: str) -> None:
    assert one(gpx([(0, 0), (100, 60)], sport=word)).sets[0].exercise == exercise


@pytest.mark.parametrize("word", [None, "other", "88"])
def test_without_a_sport_it_is_asked_for(word: str | None) -> None:
    file = gpx([(0, 0), (100, 60)], sport=word)
    assert read(file) == UNNAMED
    assert one(file, "Wandern").sets[0].exercise == "Hike"


def test_laps_of_a_training_center_file() -> None:
    run = one(tcx(tcx_lap(300, 0, 1000), tcx_lap(310, 320, 1005.5)))
    laps = [(s.duration_seconds, float(s.distance_m or 0), s.average_heart_rate, s.max_heart_rate) for s in run.sets]
    assert laps == [(300, 1000, 141, 166), (310, 1005.5, 141, 166)]
    assert (run.started_at, run.ended_at, run.notes) == (BEGAN, at(630), "Windy")
    assert run.sets[0].left_out == ("calories",)


def test_a_lap_without_a_distance_has_that_of_its_points() -> None:
    points = "".join(
        f"<Trackpoint><Time>{at(10 * n).isoformat()}</Time><DistanceMeters>{500 + 30 * n}</DistanceMeters>"
        f"<HeartRateBpm><Value>{120 + n}</Value></HeartRateBpm></Trackpoint>"
        for n in range(4)
    )
    (done,) = one(tcx(tcx_lap(30, 0, None, f"<Track>{points}</Track>"))).sets
    assert float(done.distance_m or 0) == 90


def test_a_rest_is_no_lap() -> None:
    swim = one(tcx(tcx_lap(60, 0, 50), tcx_lap(30, 60, 0, intensity="Resting"), tcx_lap(61, 90, 50)))
    assert [s.duration_seconds for s in swim.sets] == [60, 61]
    assert swim.ended_at == at(151)


def test_other_is_no_sport() -> None:
    assert read(tcx(tcx_lap(60, 0, 50), sport="Other")) == UNNAMED
    assert one(tcx(tcx_lap(60, 0, 50), sport="Biking")).sets[0].exercise == "Outdoor Cycling"


def test_spaces_before_the_declaration_and_undeclared_prefixes_are_read() -> None:
    assert one(b"          " + tcx(tcx_lap(60, 0, 200))).started_at == BEGAN
    assert one(gpx([(0, 0), (100, 60)], beats=170)).sets[0].max_heart_rate == 170


def test_other_encodings_are_read() -> None:
    text = gpx([(0, 0), (100, 60)]).decode()
    assert one(text.replace("UTF-8", "UTF-16").encode("utf-16")).started_at == BEGAN
    assert one(text.replace("UTF-8", "ISO-8859-1").replace("Evening", "Früh").encode("latin-1")).name == "Früh & easy"
    with pytest.raises(UnknownFormat, match=r"encoding|well-formed"):
        read(text.replace("UTF-8", "KLINGON").encode())


BOMB = "<!DOCTYPE gpx [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
) + "]><gpx><trk><name>&a11;</name></trk></gpx>"  # fmt: skip
HARMFUL = {
    "entities within entities": BOMB,
    "a file of the server": '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><trk><name>&x;</name></trk></gpx>',
    "a document type elsewhere": '<!DOCTYPE gpx SYSTEM "http://127.0.0.1/x.dtd"><gpx/>',
    "nothing but openings": "<gpx>" + "<a>" * 500_000,
    "an end that is missing": "<gpx><trk>",
    "a stranger's end": "<gpx></trk>",
    "a sign that is none": "<gpx>\x00</gpx>",
    "an attribute twice": '<gpx a="1" a="2"/>',
    "gpx within gpx": "<gpx><gpx/></gpx>",
}


@pytest.mark.parametrize("name", HARMFUL)
def test_xml_that_is_written_to_do_harm_is_refused_in_little_memory(name: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(UnknownFormat):
            read(HARMFUL[name].encode())
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_long_texts_and_odd_numbers_are_bounded() -> None:
    file = gpx([(0, 0), (100, 60), (200, 120)]).replace(b"Evening", b"x" * 1_000_000)
    run = one(file.replace(b"<hr>150", b"<hr>1e400").replace(b"12.5", b"NaN"))
    assert len(run.name or "") == 120
    assert "name beyond 120 characters" in run.sets[0].left_out
    for odd in (b"inf", b"nan", b"1e400", b"-91", b"x", b""):
        (found,) = read(gpx([(0, 0), (100, 60)]).replace(b'lat="59.000000000"', b'lat="' + odd + b'"'))
        assert isinstance(found, (ImportedWorkout, RejectedRow))


def test_an_ultra_marathon_keeps_its_distance() -> None:
    long = one(gpx([(n * 1000, n * 900) for n in range(121)]))
    (done,) = long.sets
    assert float(done.distance_m or 0) == pytest.approx(120_000, abs=1)
    assert (long.ended_at, done.duration_seconds) == (None, None)
    assert {"ended_at", "duration_seconds"} <= set(done.left_out)

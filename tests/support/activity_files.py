"""Files of activities, written for tests: GPX, TCX, and the FIT files of tests/support/fit_files.py."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.support.fit_files import Message, fit_file

BEGAN = datetime(2026, 5, 4, 16, 12, 31, tzinfo=UTC)
METRES_PER_DEGREE = 111_195.08
"""Of latitude, on the sphere of the haversine formula."""


def at(seconds: float) -> datetime:
    """So long after the beginning."""
    return BEGAN + timedelta(seconds=seconds)


def fit_run(*laps: tuple[float, float], sport: int = 1, sub_sport: int = 0, began: datetime = BEGAN) -> bytes:
    """A FIT file of a run with laps of so many seconds and metres, a lap a kilometre in five minutes by default."""
    laps = laps or ((300, 1000), (310, 1000), (290, 950))
    messages: list[Message] = [("file_id", {"type": 4, "manufacturer": 1, "time_created": began})]
    done = 0.0
    for number, (seconds, metres) in enumerate(laps):
        start = began + timedelta(seconds=done)
        done += seconds
        messages.append((
            "lap",
            {
                "message_index": number, "start_time": start, "timestamp": began + timedelta(seconds=done),
                "total_elapsed_time": seconds, "total_timer_time": seconds, "total_distance": metres,
                "avg_heart_rate": 140 + number % 50, "max_heart_rate": 160 + number % 50,
            },
        ))  # fmt: skip
    messages.append((
        "session",
        {
            "start_time": began, "timestamp": began + timedelta(seconds=done + 60), "sport": sport,
            "sub_sport": sub_sport,
            "total_elapsed_time": done + 60, "total_timer_time": done, "total_distance": sum(lap[1] for lap in laps),
            "avg_heart_rate": 141, "max_heart_rate": 163, "total_calories": 300, "total_ascent": 25,
            "first_lap_index": 0, "num_laps": len(laps),
        },
    ))  # fmt: skip
    return fit_file(messages)


def gpx(
    points: Sequence[tuple[float, float | None]], *, sport: str | None = "running", beats: int | None = 150
) -> bytes:
    """A GPX file of points so many metres north of where it began, at so many seconds (None: without a time)."""
    kind = f"<type>{sport}</type>" if sport else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="tests" '
        'xmlns="http://www.topografix.com/GPX/1/1"><metadata><name>File</name></metadata>'
        f"<trk><name>Evening &amp; easy</name>{kind}<trkseg>{''.join(_point(*one, beats) for one in points)}"
        "</trkseg></trk></gpx>"
    ).encode()


def _point(metres: float, seconds: float | None, beats: int | None) -> str:
    time = "" if seconds is None else f"<time>{at(seconds).strftime('%Y-%m-%dT%H:%M:%SZ')}</time>"
    extension = f"<gpxtpx:TrackPointExtension><gpxtpx:hr>{beats}</gpxtpx:hr></gpxtpx:TrackPointExtension>"
    return (
        f'<trkpt lat="{59 + metres / METRES_PER_DEGREE:.9f}" lon="10.75"><ele>12.5</ele>{time}'
        f"{f'<extensions>{extension}</extensions>' if beats else ''}</trkpt>"
    )


def tcx(*laps: str, sport: str = "Running") -> bytes:
    """A TCX file of one activity."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<TrainingCenterDatabase '
        'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
        f'<Activity Sport="{sport}"><Id>2026-05-04T16:12:31.000Z</Id>{"".join(laps)}<Notes>Windy</Notes></Activity>'
        "</Activities></TrainingCenterDatabase>"
    ).encode()


def tcx_lap(seconds: float, began: float, metres: float | None, rest: str = "", intensity: str = "Active") -> str:
    """A lap that began so many seconds after the activity; `rest` is more of its elements."""
    distance = "" if metres is None else f"<DistanceMeters>{metres}</DistanceMeters>"
    return (
        f'<Lap StartTime="{at(began).strftime("%Y-%m-%dT%H:%M:%S.000Z")}">'
        f"<TotalTimeSeconds>{seconds}</TotalTimeSeconds>"
        f"{distance}<Calories>100</Calories><AverageHeartRateBpm><Value>141</Value></AverageHeartRateBpm>"
        f"<MaximumHeartRateBpm><Value>166</Value></MaximumHeartRateBpm><Intensity>{intensity}</Intensity>"
        f"<TriggerMethod>Manual</TriggerMethod>{rest}</Lap>"
    )


GARMIN = """\
Activity Type,Date,Favorite,Title,Distance,Calories,Time,Avg HR,Max HR,Avg Pace,Total Ascent,\
Moving Time,Elapsed Time
Running,2026-05-04 18:12:31,false,"Oslo Running","2.95","300","00:15:00","141","163","5:05","25","00:14:58","00:16:00"
Pool Swimming,2026-05-05 07:00:00,false,"Laps","1,500","420","00:41:00.5","--","--","2:44","--","00:38:00","00:41:00"
Track Running,2026-05-06 07:00:00,false,"Track","3,000","200","00:12:30","150","180","4:10","--","00:12:30","00:12:30"
Strength Training,2026-05-07 17:00:00,false,"Strength","0.00","310","00:52:10","108","141","--","--",\
"00:00:00","00:52:10"
"""
STRAVA = """\
Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,\
Max Heart Rate,Filename,Elapsed Time,Moving Time,Distance,Max Heart Rate,Average Heart Rate,Calories
1,"May 4, 2026, 4:12:35 PM",Evening Run,Run,Felt good,960,2.94,163,activities/1.fit.gz,960.0,898.0,2941.3,163.0,\
141.2,300
2,"May 5, 2026, 6:00:00 AM",Commute,Ride,,3600,20.10,,,3600.0,3500.0,20101.5,,,
"""

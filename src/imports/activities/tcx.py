"""TCX of Garmin's Training Center, as watches and apps still export it: activities with laps."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from src.imports.activities.activity import Activity, Lap, Totals
from src.imports.activities.sports import ActivitySport, sport_named
from src.imports.activities.track import MAX_POINTS, Track, position
from src.imports.activities.values import moment_of, number_of
from src.imports.activities.xml_events import XmlEvent, read_xml
from src.imports.workouts import TooManyRows, UnknownFormat

_LEFT_OUT = {
    "AltitudeMeters": "elevation",
    "Calories": "calories",
    "Cadence": "cadence",
    "RunCadence": "cadence",
    "Watts": "power",
}


def read_tcx(file: BinaryIO, sport: ActivitySport | None) -> Iterator[Activity | str]:
    """The activities, and for each that cannot be used why. `sport`: of those that name none.

    Raises UnknownFormat for a file without an activity.
    """
    reader = _Reader(sport)
    for event in read_xml(file):
        if (found := reader.take(event)) is not None:
            yield found
    if not reader.activities:
        what = "It is a course that was planned" if reader.has_course else "It has no activities"
        raise UnknownFormat(f"The file has no activity in it. {what}.")


class _LapReader:
    """A lap whose elements come."""

    def __init__(self, started_at: datetime | None) -> None:
        self.started_at = started_at
        self.track = Track()
        self._values: dict[str, float | None] = {}
        self._distances: list[float] = []
        self._is_rest = False
        self._point: dict[str, str] = {}

    def take(self, path: tuple[str, ...], text: str) -> bool:
        """An element within the lap; True for a point that has ended."""
        match path:
            case ("Trackpoint",):
                self._add_point()
                return True
            case ("Trackpoint", *_, "Value") if "HeartRateBpm" in path:
                self._point["HeartRate"] = text
            case ("Trackpoint", *_, name):
                self._point[name] = text
            case ("Intensity",):
                self._is_rest = text == "Resting"
            case ("AverageHeartRateBpm" | "MaximumHeartRateBpm" as name, "Value"):
                self._values[name] = number_of(text)
            case ("TotalTimeSeconds" | "DistanceMeters" as name,):
                self._values[name] = number_of(text)
        return False

    def start_segment(self) -> None:
        """A new Track: what comes next does not follow on from what was."""
        self.track.start_segment()

    def _add_point(self) -> None:
        point, self._point = self._point, {}
        moment = moment_of(point.get("Time"))
        latitude, longitude = number_of(point.get("LatitudeDegrees")), number_of(point.get("LongitudeDegrees"))
        place = None if latitude is None or longitude is None else position(latitude, longitude)
        self.track.add(moment.timestamp() if moment else None, place, number_of(point.get("HeartRate")))
        if (distance := number_of(point.get("DistanceMeters"))) is not None:
            self._distances = [*self._distances[:1], distance]

    def lap(self) -> Lap | None:
        """None for a rest without a distance, which is no part of what was done."""
        measured = self.track.totals()
        metres = self._values.get("DistanceMeters")
        if not metres:
            metres = (self._distances[-1] - self._distances[0] if self._distances else None) or measured.metres
        if self._is_rest and not metres:
            return None
        return Lap(
            Totals(
                seconds=self._values.get("TotalTimeSeconds") or measured.seconds,
                metres=metres,
                average_heart_rate=self._values.get("AverageHeartRateBpm") or measured.average_heart_rate,
                max_heart_rate=self._values.get("MaximumHeartRateBpm") or measured.max_heart_rate,
            )
        )


class _Reader:
    """Takes the elements of a file; most belong to the activity that is open."""

    def __init__(self, sport: ActivitySport | None) -> None:
        self.activities = 0
        self.has_course = False
        self._default = sport
        self._points = 0
        self._begin_activity({})

    def _begin_activity(self, attributes: dict[str, str]) -> None:
        self._sport = sport_named(attributes.get("Sport")) or self._default
        self._id: datetime | None = None
        self._laps: list[Lap] = []
        self._lap: _LapReader | None = None
        self._bounds: list[float] = []
        self._notes: str | None = None
        self._left_out: dict[str, None] = {}

    def take(self, event: XmlEvent) -> Activity | str | None:
        """The activity, or why it cannot be used, when it has ended."""
        if event.text is None:
            self._begin(event)
            return None
        if "Activity" not in event.path:
            return None
        within = event.path[event.path.index("Activity") + 1 :]
        if not within:
            self.activities += 1
            return self._activity()
        self._take_within(within, event.text)
        return None

    def _begin(self, event: XmlEvent) -> None:
        if event.name == "Activity":
            self._begin_activity(event.attributes)
        elif event.name == "Lap" and event.path[-2:-1] == ("Activity",):
            self._lap = _LapReader(moment_of(event.attributes.get("StartTime")))
        elif event.name == "Track" and self._lap:
            self._lap.start_segment()
        elif event.name == "Course":
            self.has_course = True

    def _take_within(self, path: tuple[str, ...], text: str) -> None:
        if left_out := _LEFT_OUT.get(path[-1]):
            self._left_out[left_out] = None
        elif path[-1] == "Position":
            self._left_out["track"] = None
        if path == ("Lap",):
            self._end_lap()
        elif path[0] == "Lap" and self._lap:
            if self._lap.take(path[2:] if path[1] == "Track" else path[1:], text):
                self._count_point()
        elif path == ("Id",):
            self._id = moment_of(text)
        elif path == ("Notes",):
            self._notes = text or None

    def _count_point(self) -> None:
        self._points += 1
        if self._points > MAX_POINTS:
            raise TooManyRows(f"The file has more than {MAX_POINTS:,} points.")

    def _end_lap(self) -> None:
        if self._lap is None:
            return
        began = self._lap.started_at.timestamp() if self._lap.started_at else self._lap.track.first
        if lap := self._lap.lap():
            self._laps.append(lap)
            if began is not None:
                self._bounds += [began, began + (lap.totals.seconds or 0)]
        if self._lap.track.last is not None:
            self._bounds.append(self._lap.track.last)
        self._lap = None

    def _activity(self) -> Activity | str:
        began = datetime.fromtimestamp(round(min(self._bounds)), UTC) if self._bounds else self._id
        if began is None:
            return "the activity has no times"
        if self._sport is None:
            return "the file does not say which sport it was: say so (sport)"
        return Activity(
            sport=self._sport,
            started_at=began,
            elapsed_seconds=max(self._bounds) - min(self._bounds) if self._bounds else None,
            laps=self._laps,
            notes=self._notes,
            left_out=list(self._left_out),
        )

"""GPX 1.0 and 1.1: every track is an activity; its distance is what lies between its points."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final

from src.imports.activities.activity import Activity, Lap
from src.imports.activities.sports import ActivitySport, sport_named
from src.imports.activities.track import MAX_POINTS, Position, Track, position
from src.imports.activities.values import moment_of, number_of
from src.imports.activities.xml_events import XmlEvent, read_xml
from src.imports.workouts import TooManyRows, UnknownFormat

# Points have them as Garmin's and Cluetrust's extensions, and without any.
_HEART_RATE: Final = frozenset({"hr", "heartrate"})
_LEFT_OUT: Final = {"ele": "elevation", "cad": "cadence", "power": "power", "watts": "power", "atemp": "temperature"}


def read_gpx(file: BinaryIO, sport: ActivitySport | None) -> Iterator[Activity | str]:
    """The activities, and for each track that is none why. `sport`: of tracks that name none.

    Raises UnknownFormat for a file without a track that was recorded.
    """
    reader = _Reader(sport)
    for event in read_xml(file):
        if (found := reader.take(event)) is not None:
            yield found
    if not reader.tracks:
        what = "It is a route that was planned" if reader.has_route else "It has no track"
        raise UnknownFormat(f"The file has no activity in it. {what}.")


class _Reader:
    """Takes the elements of a file; most belong to the point or the track that is open."""

    def __init__(self, sport: ActivitySport | None) -> None:
        self.tracks = 0
        self.has_route = False
        self._sport = sport
        self._points = 0
        self._begin_track()

    def _begin_track(self) -> None:
        self._track = Track()
        self._texts: dict[str, str] = {}
        self._left_out: dict[str, None] = {}
        self._begin_point(None)

    def _begin_point(self, place: Position | None) -> None:
        self._place = place
        self._moment: datetime | None = None
        self._beats: float | None = None

    def take(self, event: XmlEvent) -> Activity | str | None:
        """The track, or why it is no activity, when it has ended."""
        if event.text is None:
            self._begin(event)
            return None
        match event.name:
            case "trkpt":
                self._add_point()
            case "trk":
                self.tracks += 1
                return self._activity()
            case "name" | "desc" | "cmt" | "type" if len(event.path) == 3 and event.path[1] == "trk":
                self._texts.setdefault(event.name, event.text)
            case _ if "trkpt" in event.path:
                self._add_value(event.name, event.text)
        return None

    def _begin(self, event: XmlEvent) -> None:
        match event.name:
            case "gpx" if len(event.path) > 1:
                raise UnknownFormat("The file has a GPX document within another.")
            case "trk":
                self._begin_track()
            case "trkseg":
                self._track.start_segment()
            case "trkpt":
                latitude, longitude = (number_of(event.attributes.get(name)) for name in ("lat", "lon"))
                self._begin_point(None if latitude is None or longitude is None else position(latitude, longitude))
            case "rte":
                self.has_route = True

    def _add_value(self, name: str, text: str) -> None:
        if name == "time":
            self._moment = moment_of(text)
        elif name in _HEART_RATE:
            self._beats = number_of(text)
        elif name in _LEFT_OUT:
            self._left_out[_LEFT_OUT[name]] = None

    def _add_point(self) -> None:
        self._points += 1
        if self._points > MAX_POINTS:
            raise TooManyRows(f"The file has more than {MAX_POINTS:,} points.")
        self._track.add(self._moment.timestamp() if self._moment else None, self._place, self._beats)

    def _activity(self) -> Activity | str:
        first, last = self._track.first, self._track.last
        if first is None or last is None:
            return "the track has no times: it was planned and not recorded"
        sport = sport_named(self._texts.get("type")) or self._sport
        if sport is None:
            return "the file does not say which sport it was: say so (sport)"
        return Activity(
            sport=sport,
            started_at=datetime.fromtimestamp(round(first), UTC),
            elapsed_seconds=last - first,
            laps=[Lap(self._track.totals())],
            name=self._texts.get("name"),
            notes=self._texts.get("desc") or self._texts.get("cmt"),
            left_out=["track", *self._left_out],
        )

"""What a watch recorded second by second, for laps that do not say it themselves."""

from array import array
from bisect import bisect_left, bisect_right
from math import isnan

from src.imports.activities.activity import Totals
from src.imports.activities.fit_file import FitMessage
from src.imports.activities.track import Position, Track, position

_NONE = float("nan")
_DEGREES_PER_SEMICIRCLE = 180 / 2**31


class FitRecords:
    """Records in the order of their time, in 40 bytes each."""

    def __init__(self) -> None:
        self._moments = array("d")
        self._values = array("d")

    def add(self, message: FitMessage) -> None:
        """A record; one without a time tells nothing of any lap."""
        moment = message.moment("timestamp")
        if moment is None:
            return
        seconds = moment.timestamp()
        if self._moments and seconds < self._moments[-1]:
            return
        self._moments.append(seconds)
        found = (message.number(name) for name in ("distance", "heart_rate", "position_lat", "position_long"))
        self._values.extend(_NONE if value is None else value for value in found)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The first and the last moment."""
        return (self._moments[0], self._moments[-1]) if self._moments else None

    def totals(self, began: float, ended: float) -> Totals:
        """Of the records from one moment to another: distance as the watch added it up, or else from the positions."""
        track = Track()
        distances: list[float] = []
        for index in range(bisect_left(self._moments, began), bisect_right(self._moments, ended)):
            distance, beats, latitude, longitude = self._values[4 * index : 4 * index + 4]
            track.add(self._moments[index], _place(latitude, longitude), None if isnan(beats) else beats)
            if not isnan(distance):
                distances = [*distances[:1], distance]
        measured = track.totals()
        metres = distances[-1] - distances[0] if distances else 0
        return measured._replace(metres=metres if metres > 0 else measured.metres)


def _place(latitude: float, longitude: float) -> Position | None:
    if isnan(latitude) or isnan(longitude):
        return None
    return position(latitude * _DEGREES_PER_SEMICIRCLE, longitude * _DEGREES_PER_SEMICIRCLE)

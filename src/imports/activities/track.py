"""What a track of points says: distance, time without pauses, heart rates."""

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt
from typing import Final

from src.imports.activities.activity import Totals

_EARTH_RADIUS_M = 6_371_008.8
# 1 km/h: GPS wanders about as fast when one stands (gpxpy takes the same).
_STOPPED_MPS = 1 / 3.6
# Faster is no movement but a receiver that found itself elsewhere: many tracks begin at 0° N 0° E.
_JUMP_MPS = 150.0
Position = tuple[float, float]
"""Latitude and longitude, in degrees."""
MAX_POINTS: Final = 400_000


def position(latitude: float, longitude: float) -> Position | None:
    """A place on Earth; None for what is none."""
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def metres_between(one: Position, other: Position) -> float:
    """Along a great circle: the haversine formula."""
    (lat_1, lon_1), (lat_2, lon_2) = one, other
    half_chord = (
        sin(radians(lat_2 - lat_1) / 2) ** 2
        + cos(radians(lat_1)) * cos(radians(lat_2)) * sin(radians(lon_2 - lon_1) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_M * asin(sqrt(min(1.0, half_chord)))


class HeartBeats:
    """The average and the highest of heart rates, each weighed alike."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0
        self._max = 0.0

    def add(self, beats: float | None) -> None:
        if beats and beats > 0:
            self._sum += beats
            self._count += 1
            self._max = max(self._max, beats)

    @property
    def average(self) -> float | None:
        return self._sum / self._count if self._count else None

    @property
    def highest(self) -> float | None:
        return self._max or None


class Track:
    """Adds up points as they come; moments are seconds since any beginning."""

    def __init__(self) -> None:
        self.first: float | None = None
        self.last: float | None = None
        self.has_gaps = False
        self._beats = HeartBeats()
        self._metres = 0.0
        self._moving = 0.0
        self._moved = False
        self._previous: tuple[float | None, Position | None] | None = None

    def start_segment(self) -> None:
        """What comes next does not follow on from what was."""
        self._previous = None

    def add(self, moment: float | None, place: Position | None, beats: float | None = None) -> None:
        """A point; those that go back in time only count for the heart rate."""
        self._beats.add(beats)
        if moment is not None:
            self.first = moment if self.first is None else min(self.first, moment)
            self.last = moment if self.last is None else max(self.last, moment)
        if self._previous:
            self._step(*self._previous, moment, place)
        if place is not None or self._previous is None or self._previous[1] is None:
            self._previous = (moment, place)

    def _step(
        self, before: float | None, origin: Position | None, moment: float | None, place: Position | None
    ) -> None:
        if origin is None or place is None:
            return
        metres = metres_between(origin, place)
        if before is None or moment is None:
            self._metres += metres
            self._moved = True
            return
        seconds = moment - before
        if seconds <= 0 or metres > seconds * _JUMP_MPS:
            return
        self._metres += metres
        self._moved = True
        if metres >= seconds * _STOPPED_MPS:
            self._moving += seconds

    def totals(self) -> Totals:
        """Without positions, the time is all the time."""
        elapsed = None if self.first is None or self.last is None else self.last - self.first
        return Totals(
            seconds=(self._moving or None) if self._moved else elapsed,
            metres=self._metres or None,
            average_heart_rate=self._beats.average,
            max_heart_rate=self._beats.highest,
        )


def sum_of(laps: Iterable[Totals]) -> Totals:
    """Laps as one: heart rates are weighed by time."""
    listed = list(laps)
    weighed = [(lap.average_heart_rate, lap.seconds or 0) for lap in listed if lap.average_heart_rate]
    weight = sum(seconds for _, seconds in weighed)
    return Totals(
        seconds=sum(lap.seconds or 0 for lap in listed) or None,
        metres=sum(lap.metres or 0 for lap in listed) or None,
        average_heart_rate=sum(beats * seconds for beats, seconds in weighed) / weight if weight else None,
        max_heart_rate=max((lap.max_heart_rate or 0 for lap in listed), default=0) or None,
    )

"""FIT files of watches: every session is an activity, its laps (or its sets, of strength training) are the sets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, Final

from src.imports.activities.activity import Activity, Lap, Totals
from src.imports.activities.fit_file import FitMessage, read_messages
from src.imports.activities.fit_records import FitRecords
from src.imports.activities.fit_sets import FitSet, find_sets, strength_laps
from src.imports.activities.sports import STRENGTH, TRANSITION, ActivitySport, find_sport, sport_named
from src.imports.activities.track import sum_of
from src.imports.workouts import UnknownFormat
from src.vocabulary import SetType

_LEFT_OUT: Final = {
    "total_calories": "calories",
    "total_ascent": "elevation_gain",
    "avg_power": "power",
    "avg_cadence": "cadence",
    "avg_running_cadence": "cadence",
    "start_position_lat": "track",
}
_RESTS: Final = frozenset({"rest"})
# A watch rounds; more than that is missing.
_SHARE_OF_LAPS: Final = 0.02


def read_fit(file: BinaryIO, sport: ActivitySport | None) -> Iterator[Activity | str]:
    """The activities, and for each session that is none why. `sport`: of sessions that name none.

    Raises UnknownFormat for a file that is damaged, or holds no activity.
    """
    contents = _Contents()
    for message in read_messages(file):
        contents.add(message)
    sessions = contents.sessions or contents.without_sessions()
    if not sessions:
        raise UnknownFormat(f"The file has no activity in it. It holds {contents.kind or 'no records'}.")
    for session in sessions:
        yield from _activities(session, contents, sport)


@dataclass(slots=True)
class _Span:
    """A session or a lap: when it was, and what its message says of it."""

    began: float
    elapsed: float | None
    totals: Totals
    message: FitMessage | None = None
    first_lap: int = 0
    """Of the file's laps, where those of its FIT file begin: a file may be several, one after the other."""

    @property
    def ended(self) -> float:
        return self.began + (self.elapsed or self.totals.seconds or 0)


@dataclass(slots=True)
class _Contents:
    """What the file has."""

    kind: str | None = None
    sport: FitMessage | None = None
    sessions: list[_Span] = field(default_factory=list)
    laps: list[_Span] = field(default_factory=list)
    sets: list[FitSet] = field(default_factory=list)
    records: FitRecords = field(default_factory=FitRecords)
    first_lap: int = 0

    def add(self, message: FitMessage) -> None:
        match message.name:
            case "file_id":
                kind = message.word("type")
                self.kind = None if kind in {None, "activity"} else f"a {kind}"
                self.first_lap = len(self.laps)
            case "sport":
                self.sport = message
            case "session" if span := _span(message):
                span.first_lap = self.first_lap
                self.sessions.append(span)
            case "lap" if span := _span(message):
                self.laps.append(span)
            case "record":
                self.records.add(message)
            case "set":
                self.sets += find_sets(message)

    def without_sessions(self) -> list[_Span]:
        """A watch that went out writes records and no session."""
        bounds = self.records.bounds
        if bounds is None or self.kind:
            return []
        began, ended = bounds
        totals = sum_of(lap.totals for lap in self.laps) if self.laps else self.records.totals(began, ended)
        return [_Span(began, ended - began, totals)]


def _span(message: FitMessage) -> _Span | None:
    elapsed = message.number("total_elapsed_time", "total_timer_time")
    ended, began = message.moment("timestamp"), message.moment("start_time")
    if began is None and ended is None:
        return None
    start = began.timestamp() if began else ended.timestamp() - (elapsed or 0) if ended else 0.0
    totals = Totals(
        seconds=message.number("total_timer_time", "total_elapsed_time"),
        metres=message.number("total_distance"),
        average_heart_rate=message.number("avg_heart_rate"),
        max_heart_rate=message.number("max_heart_rate"),
    )
    return _Span(start, elapsed, totals, message)


def _activities(session: _Span, contents: _Contents, default: ActivitySport | None) -> Iterator[Activity | str]:
    sport = _sport(session.message) or _sport(contents.sport) or default
    if sport is None:
        yield "the file does not say which sport it was: say so (sport)"
        return
    if sport.family == TRANSITION:
        return
    if session.began < 1:
        yield "the session has no time: the clock of the watch was not set"
        return
    activity = Activity(
        sport=sport,
        started_at=datetime.fromtimestamp(round(session.began), UTC),
        elapsed_seconds=session.elapsed or session.totals.seconds,
        laps=[],
        name=session.message.word("sport_profile_name") if session.message else None,
        left_out=_left_out(session.message),
    )
    sets = [one for one in contents.sets if session.began <= one.began <= session.ended + 1]
    if sport.family == STRENGTH and sets:
        activity.laps, activity.remark = strength_laps(sets)
        if activity.laps and session.totals.average_heart_rate:
            activity.left_out.append("heart_rate")
    if not activity.laps:
        activity.laps, activity.remark = _laps(session, contents, only=len(contents.sessions) < 2)
    yield activity


def _sport(message: FitMessage | None) -> ActivitySport | None:
    if message is None:
        return None
    sport, sub_sport = message.word("sport"), message.word("sub_sport")
    if sub_sport == "generic":
        sub_sport = None
    return (
        find_sport(f"{sport} {sub_sport}" if sport and sub_sport else None, sub_sport, sport)
        or sport_named(sub_sport)
        or sport_named(sport)
    )


def _left_out(message: FitMessage | None) -> list[str]:
    return list(dict.fromkeys(name for known, name in _LEFT_OUT.items() if message and message.has(known)))


def _laps(session: _Span, contents: _Contents, *, only: bool) -> tuple[list[Lap], str | None]:
    """The laps of the session, or all of it as one when they do not add up, which is said."""
    whole = _measured(session, contents)
    spans = contents.laps if only else _laps_of(session, contents.laps)
    laps = [Lap(_measured(span, contents), _set_type(span)) for span in spans if not _is_rest(span)]
    if laps and _adds_up(sum_of(lap.totals for lap in laps), whole, has_rests=len(laps) < len(spans)):
        return laps, None
    return [Lap(whole)], "its laps do not add up to the whole, which is imported as one" if laps else None


def _laps_of(session: _Span, laps: list[_Span]) -> list[_Span]:
    """As the session counts them, or else those whose middle lies within it."""
    message = session.message
    first = message.whole("first_lap_index") if message else None
    count = message.whole("num_laps") if message else None
    if first is not None and count and session.first_lap + first + count <= len(laps):
        return laps[session.first_lap + first :][:count]
    return [lap for lap in laps if session.began <= (lap.began + lap.ended) / 2 <= session.ended]


def _measured(span: _Span, contents: _Contents) -> Totals:
    """What the message says; what it does not, the records may."""
    said = span.totals
    if said.metres and said.average_heart_rate and said.max_heart_rate:
        return said
    found = contents.records.totals(span.began, span.ended)
    return Totals(
        seconds=said.seconds or found.seconds,
        metres=said.metres or found.metres,
        average_heart_rate=said.average_heart_rate or found.average_heart_rate,
        max_heart_rate=said.max_heart_rate or found.max_heart_rate,
    )


def _adds_up(laps: Totals, whole: Totals, *, has_rests: bool) -> bool:
    def near(part: float | None, total: float | None, least: float) -> bool:
        return not total or abs((part or 0) - total) <= max(least, _SHARE_OF_LAPS * total)

    return near(laps.metres, whole.metres, 20) and (has_rests or near(laps.seconds, whole.seconds, 5))


def _is_rest(span: _Span) -> bool:
    """Whether nobody moved: between the lengths of a pool, say."""
    message = span.message
    if message is None or span.totals.metres:
        return False
    return message.word("intensity") in _RESTS or message.whole("num_active_lengths") == 0


def _set_type(span: _Span) -> SetType:
    is_warmup = span.message is not None and span.message.word("intensity") == "warmup"
    return SetType.WARMUP if is_warmup else SetType.WORKING

"""With what, how often and how long the person trains; sport, level and units."""

import re
from typing import Final

from src.language.annotation import Hit
from src.language.lexicon import word_set
from src.memories.facts import Fact
from src.memories.learning.frames.finding import Finding, Scene, fact, facts_of, is_denied
from src.memories.learning.frames.numbers import NUMBER_WORDS, number_at
from src.memories.learning.guards import speaker_start
from src.vocabulary import Equipment, FactField, FactOp, MemoryKind

_MINUTES: Final = re.compile(r"(?<![\d.,])(\d{1,3})\s*-?\s*(?:min\b|mins\b|minut\w*|minutter)", re.IGNORECASE)
_HOURS: Final = re.compile(
    r"(?<![\d.,])(\d(?:[.,]\d)?)\s*-?\s*(?:h\b|hrs?\b|hours?\b|stunden?\b|horas?\b|timer?\b)", re.IGNORECASE
)
_HOUR_WORDS: Final = (
    (
        re.compile(
            r"\b(hour and a half|anderthalb stunden|eineinhalb stunden|hora y media|halvannen time|time og en halv)\b"
        ),
        90,
    ),
    (re.compile(r"\b(three quarters of an hour|dreiviertelstunde|tres cuartos de hora|trekvarter|tre kvarter)\b"), 45),
    (
        re.compile(
            r"\b(half an hour|half hour|halbe stunde|halben stunde|halbes stuendchen|media hora|media horita"
            r"|halvtime|halv time|en halvtimes)\b"
        ),
        30,
    ),
    (re.compile(r"\b(an hour|one hour|eine stunde|einer stunde|una hora|una horita|en time|1 time)\b"), 60),
)
_PLAIN_TIMES: Final = {
    "once": 1,
    "twice": 2,
    "thrice": 3,
    "einmal": 1,
    "zweimal": 2,
    "dreimal": 3,
    "viermal": 4,
    "fuenfmal": 5,
    "sechsmal": 6,
}
_WORKDAYS: Final = 5
_RHYTHM_WORDS: Final = 6
_EVERY_DAY: Final = re.compile(
    r"\b(every day|every single day|jeden tag|taeglich|todos los dias|cada dia|hver dag|hver eneste dag|daglig)\b"
)


def find_equipment(scene: Scene) -> Finding | None:
    """What the person has to train with, or no longer has."""
    clause, judged = scene.clause, scene.judged
    if (
        not judged.is_fact
        or judged.is_wish
        or clause.has("temporary", "future", "goal", "prefer", "like", "dislike", "event")
    ):
        return None
    if scene.has("no_equipment"):
        return _profile(facts_of(FactField.EQUIPMENT, FactOp.ADD, [Equipment.BODYWEIGHT]))
    exception = clause.first("except")
    things = [
        hit
        for hit in scene.hits("equipment")
        if not _is_trained(scene, hit) and (exception is None or hit.start < exception.start)
    ]
    if not things:
        return None
    op = _had_or_lost(scene, things)
    return _profile(facts_of(FactField.EQUIPMENT, op, [hit.value for hit in things])) if op else None


def _had_or_lost(scene: Scene, things: list[Hit]) -> FactOp | None:
    clause = scene.clause
    lacking = [cue for cue in scene.hits("lost") if cue.start <= things[-1].end + 2]
    if lacking and (clause.has("own", "home", "first", "train") or lacking[0].start == speaker_start(clause)):
        return FactOp.REMOVE
    denied = any(is_denied(clause, hit) for hit in things)
    return FactOp.ADD if not denied and _is_owned(scene, things) else None


def _is_trained(scene: Scene, hit: Hit) -> bool:
    """An exercise of the same words: "I bench on Mondays" has no bench."""
    same = [other for other in scene.clause.all("exercise") if other.start == hit.start and other.end == hit.end]
    return bool(same) and not _is_listed(scene, hit)


def _is_listed(scene: Scene, hit: Hit) -> bool:
    others = [other for other in scene.hits("equipment") if (other.start, other.end) != (hit.start, hit.end)]
    if others and scene.has("own", "home"):
        return True
    before = scene.clause.word(hit.start - 1)
    return before in {
        "a",
        "an",
        "the",
        "my",
        "eine",
        "einen",
        "ein",
        "einer",
        "una",
        "un",
        "en",
        "ei",
        "et",
        "adjustable",
        "flat",
    }


def _is_owned(scene: Scene, things: list[Hit]) -> bool:
    clause = scene.clause
    if any(clause.word(hit.start - 1) in word_set("training.mine") for hit in things):
        return True
    owns = [cue for cue in scene.hits("own", "home") if cue.start < things[-1].end]
    if not owns:
        return scene.has("home")
    if clause.has("train") or clause.has("home"):
        return True
    strong = {"with", "mit", "con", "med", "only", "nur", "solo", "bare", "use", "using", "has", "hat"}
    return any(clause.word(cue.start) not in strong or cue.end - cue.start > 1 for cue in owns)


def find_days_per_week(scene: Scene) -> Finding | None:
    """How many days a week the person trains."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_fact or judged.is_wish or clause.has("temporary", "used_to", "food", "long_ago", "ended"):
        return None
    if not (clause.has("train", "limit", "sport") or _is_bare_rhythm(scene)) or (
        clause.has("exercise", "goal") and not clause.has("train")
    ):
        return None
    days = _times_per_week(scene) or _weekdays(scene) or _every_day(scene) or _workdays(scene)
    made = days and fact(FactField.DAYS_PER_WEEK, FactOp.SET, days)
    return _profile((made,)) if made else None


def _times_per_week(scene: Scene) -> int | None:
    clause = scene.clause
    weekly = scene.hits("per_week")
    if not weekly:
        return None
    for position in range(clause.start, weekly[0].end):
        word = clause.word(position)
        if word in _PLAIN_TIMES:
            return _PLAIN_TIMES[word]
        number = number_at(clause, position)
        if (
            number is not None
            and number == int(number)
            and 1 <= number <= 7
            and not _is_length(clause.word(position + 1))
        ):
            return int(number)
    return None


def _is_length(word: str) -> bool:
    return word.startswith(("min", "hour", "stund", "hora", "time", "h")) and word != "times"


def _weekdays(scene: Scene) -> int | None:
    if scene.clause.has("event", "future") or not scene.clause.has("train"):
        return None
    days = {scene.clause.word(hit.start)[:2] for hit in scene.hits("weekday")}
    return len(days) if len(days) >= 2 else None


def _is_bare_rhythm(scene: Scene) -> bool:
    """ "3 days a week" and hardly a word more: of training, here."""
    clause = scene.clause
    weekly = clause.first("per_week")
    if weekly is None or clause.has("food", "medication", "work", "eat", "drink", "exercise", "health", "person"):
        return False
    begins = number_at(clause, clause.start) is not None or clause.word(clause.start) in _PLAIN_TIMES
    counted = clause.word(clause.start + 1) in word_set("training.counted") or weekly.start == clause.start + 1
    short = clause.end - clause.start <= _RHYTHM_WORDS and weekly.end >= clause.end - 1
    return short or (begins and counted and weekly.start - clause.start <= 2)


def _workdays(scene: Scene) -> int | None:
    """ "Weekdays only": Monday to Friday, of training."""
    clause = scene.clause
    if clause.has("work", "work_as", "job", "sleep", "not", "home", "duration"):
        return None
    only = next(iter(clause.all("workdays")), None)
    alone = only is not None and only.start <= speaker_start(clause) + 1
    return _WORKDAYS if only is not None and (clause.has("train") or alone) else None


def _every_day(scene: Scene) -> int | None:
    plain = _plain(scene)
    exception = scene.clause.first("except")
    left_out = [hit for hit in scene.hits("weekday") if exception is not None and hit.start > exception.start]
    return (
        7 - len(left_out)
        if _EVERY_DAY.search(plain) and not scene.clause.has("not") and not scene.clause.has("unreal")
        else None
    )


def find_session_minutes(scene: Scene) -> Finding | None:
    """How long a session may be, as a rule; not what time there is today."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_fact or judged.is_wish or clause.has("temporary", "used_to", "long_ago", "sleep", "event"):
        return None
    if clause.has("exercise", "sport", "food") and not clause.has("per_session", "limit"):
        return None
    standing = (
        clause.has("per_session")
        or (clause.has("limit") and clause.has("own", "train"))
        or (clause.has("train") and clause.has("habit"))
        or (clause.has("per_day") and _is_all_there_is(scene))
    )
    if not standing:
        return None
    minutes = _minutes(_plain(scene))
    made = minutes and fact(FactField.SESSION_MINUTES, FactOp.SET, minutes)
    return _profile((made,)) if made else None


def _is_all_there_is(scene: Scene) -> bool:
    """ "Half an hour a day, that's all I have"."""
    return any(
        one.has("limit", "no_more") for one in (scene.clause, *(other.clause for other in scene.others if other.is_own))
    ) or (scene.clause.has("own") and not scene.clause.has("event", "work"))


def _minutes(text: str) -> int | None:
    for pattern, minutes in _HOUR_WORDS:
        if pattern.search(text):
            return minutes
    found = _MINUTES.findall(text)
    if found:
        return int(found[-1])
    hours = _HOURS.search(text)
    if hours:
        return round(float(hours[1].replace(",", ".")) * 60)
    for word, number in NUMBER_WORDS.items():
        if re.search(rf"\b{word}[ -](min\w*)", text):
            return number
    return None


def find_sport(scene: Scene) -> Finding | None:
    """What the person is, or does: boxer, CrossFit."""
    clause, judged = scene.clause, scene.judged
    if (
        not judged.is_fact
        or judged.is_wish
        or clause.has("used_to", "temporary", "dislike", "ended", "event", "pain", "injured", "future")
    ):
        return None
    athletes = [hit for hit in scene.hits("athlete") if not is_denied(clause, hit)]
    activities = [hit for hit in scene.hits("sport") if not is_denied(clause, hit)]
    if athletes and clause.has("diet_link") and not clause.has("like"):
        return _set(FactField.SPORT, athletes[0].value)
    words = {clause.word(at) for at in range(clause.start, clause.end)}
    if activities and words & _PRACTISES and not clause.has("goal", "want", "like", "prefer"):
        return _set(FactField.SPORT, activities[0].value)
    return None


_PRACTISES: Final = word_set("training.practises")


def find_level(scene: Scene) -> Finding | None:
    """Beginner, intermediate or advanced."""
    clause, judged = scene.clause, scene.judged
    levels = [hit for hit in scene.hits("level") if not is_denied(clause, hit) or hit.end - hit.start > 1]
    if not levels or not judged.is_fact or judged.is_wish or clause.has("used_to", "ended"):
        return None
    if not (clause.has("diet_link", "verb", "first") or levels[0].start <= speaker_start(clause) + 1):
        return None
    if clause.word(levels[0].end) in {"plan", "program", "programme", "class", "kurs", "course", "workout", "routine"}:
        return None
    return _set(FactField.EXPERIENCE_LEVEL, levels[0].value)


def find_units(scene: Scene) -> Finding | None:
    """Pounds or kilos, miles or kilometres: what the person counts in."""
    clause, judged = scene.clause, scene.judged
    if (
        not judged.is_fact
        or not (clause.has("units_use") or _is_asked_shortly(scene))
        or any(clause.word(at)[:1].isdigit() for at in range(clause.start, clause.end))
    ):
        return None
    facts: list[Fact] = []
    for field, topics in (
        (FactField.WEIGHT_UNIT, {"units_pounds": "lb", "units_kilos": "kg"}),
        (FactField.DISTANCE_UNIT, {"units_miles": "mi", "units_km": "km"}),
    ):
        named = [hit for hit in scene.hits(*topics) if not is_denied_by_neighbour(scene, hit)]
        if named:
            facts += facts_of(field, FactOp.SET, [topics[named[0].topic]])
    return Finding(MemoryKind.PREFERENCE, 0.6, tuple(facts)) if facts else None


def _is_asked_shortly(scene: Scene) -> bool:
    """ "Kilos and km please"."""
    clause = scene.clause
    return clause.end - clause.start <= _RHYTHM_WORDS and clause.has("please") and not clause.has("exercise", "food")


def is_denied_by_neighbour(scene: Scene, hit: Hit) -> bool:
    """ "pounds, not kilos"."""
    return any(0 <= hit.start - denial.end <= 1 for denial in scene.clause.all("not"))


def _set(field: FactField, value: object) -> Finding | None:
    made = fact(field, FactOp.SET, value)
    return _profile((made,)) if made else None


def _profile(facts: tuple[Fact, ...]) -> Finding:
    return Finding(MemoryKind.PROFILE, 0.7, facts)


def _plain(scene: Scene) -> str:
    clause = scene.clause
    return " ".join(word.text for word in clause.sentence.words[clause.start : clause.end])

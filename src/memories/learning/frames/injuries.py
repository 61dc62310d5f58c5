"""What hurts, what is injured, what has healed, and which exercises it rules out."""

import re
from typing import Final

from src.language.annotation import Hit
from src.language.language import Language
from src.language.periods import find_period
from src.memories.facts import Fact
from src.memories.learning.clauses import Clause
from src.memories.learning.frames.age import month_number
from src.memories.learning.frames.finding import SAFETY_SALIENCE, Finding, Scene, fact, facts_of, is_denied
from src.memories.learning.guards import Subject
from src.vocabulary import FactField, FactOp, InjurySeverity, MemoryKind, SetSide

_YEAR: Final = re.compile(r"\b(19[5-9]\d|20[0-4]\d)\b")
_DAY: Final = re.compile(
    r"\b(?:(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)|(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>20\d\d))\b"
)
# English "back" is a part of the body only beside one of these.
_BACK_BEFORE: Final = frozenset(
    {"my", "lower", "upper", "the", "mid", "low", "bad", "sore", "stiff", "our", "of", "severe", "hurt"}
)
_BACK_AFTER: Final = frozenset(
    {
        "pain",
        "hurts",
        "ache",
        "aches",
        "injury",
        "problems",
        "problem",
        "issues",
        "surgery",
        "is",
        "hurting",
        "pains",
        "trouble",
        "spasm",
        "spasms",
        "strain",
        "has",
    }
)
_NONE: Final = "-"
_MAX_DISTANCE: Final = 8
_MAX_DENIAL_DISTANCE: Final = 4
_MAX_MONTHS_DAYS: Final = 100


def find_injury(scene: Scene) -> Finding | None:
    """A joint with its pain or injury, or one that has healed."""
    clause, judged = scene.clause, scene.judged
    joints = _joints(scene) or _meant_joints(scene) if judged.is_fact else []
    if not joints:
        return _nameless(scene) if judged.is_fact else None
    healed = not _rules_out(scene) and _is_healed(scene)
    if not healed and not _hurts(scene, joints) and not _rules_out(scene):
        return None
    if healed and (judged.is_wish or clause.has("better") or _is_only_today(scene)):
        return None
    if healed or clause.has("used_to"):
        return Finding(MemoryKind.INJURY, SAFETY_SALIENCE, _healed(scene, joints))
    if clause.has("long_ago") and not _still(scene):
        return Finding(MemoryKind.INJURY, 0.6)
    facts = tuple(made for joint in joints if (made := _injury(scene, joint, FactOp.ADD)) is not None)
    return Finding(MemoryKind.INJURY, SAFETY_SALIENCE, _unique(facts) + _triggers(scene))


def _is_only_today(scene: Scene) -> bool:
    """ "The knee is perfect today": a good day is not yet healed."""
    return scene.clause.has("temporary") and not scene.clause.has("again", "ended", "medical")


def _joints(scene: Scene) -> list[Hit]:
    clause = scene.clause
    found = []
    upper = any(hit.topic == "joint" and hit.value in {"neck", "upper_back"} for hit in clause.hits)
    for hit in scene.hits("joint", "injury"):
        if upper and hit.topic == "injury" and hit.value == "lower_back":
            continue  # a slipped disc of the neck
        name, _, soft = hit.value.partition(" ")
        if name == _NONE or (soft and not scene.hits("injured", "pain", "healed")) or _is_other_back(clause, hit):
            continue
        if (soft and clause.has("soreness")) or (soft and _is_only_sore(clause)):
            continue
        found.append(hit)
    return found


def _meant_joints(scene: Scene) -> list[Hit]:
    """What "it" points to: "my ankle is better, but it still hurts"."""
    clause = scene.clause
    if not clause.has("pain", "healed") or clause.has("joint", "food", "health", "person", "soreness"):
        return []
    earlier = [other for other in scene.others if other.clause.start < clause.start]
    for other in (*reversed(earlier), *reversed(scene.before)):
        if other.subject is Subject.OTHER and other.clause.has("person", "third"):
            return []
        if other.clause.has("joint", "injury"):
            return _joints(Scene(other, ()))
    return []


def _is_other_back(clause: Clause, hit: Hit) -> bool:
    if clause.sentence.language is not Language.EN or clause.word(hit.start) != "back" or hit.end - hit.start > 1:
        return False
    return clause.word(hit.start - 1) not in _BACK_BEFORE and clause.word(hit.end) not in _BACK_AFTER


def _is_only_sore(clause: Clause) -> bool:
    pains = {clause.word(hit.start) for hit in clause.all("pain")}
    return bool(pains) and pains <= {
        "sore",
        "soreness",
        "stiff",
        "stiffness",
        "ache",
        "achy",
        "aching",
        "steif",
        "stiv",
        "stive",
        "tender",
        "oem",
        "oemt",
    }


def _hurts(scene: Scene, joints: list[Hit]) -> bool:
    clause = scene.clause
    if _cannot_take(scene, joints):
        return True
    if any(hit.topic == "injury" for hit in joints):
        return not any(_is_denied(clause, hit) for hit in joints if hit.topic == "injury")
    pains = [hit for hit in scene.hits("pain", "injured") if not _is_denied(clause, hit) or _own_denial(hit, clause)]
    if not any(clause.start <= joint.start < clause.end for joint in joints):
        return bool(pains)
    return any(clause.words_between(joint, pain) <= _MAX_DISTANCE for joint in joints for pain in pains)


def _cannot_take(scene: Scene, joints: list[Hit]) -> bool:
    """ "My wrists can't handle push-ups", "knærne tåler ikke hopping"."""
    clause = scene.clause
    return any(
        0 <= cue.start - joint.end <= 1 and exercise.start >= cue.start
        for joint in joints
        for cue in clause.all("tolerates_not", "cannot_do")
        for exercise in clause.all("exercise")
        if joint in clause.hits
    )


def _rules_out(scene: Scene) -> bool:
    """ "I can't do lunges because of my hip": what rules an exercise out is hurt."""
    clause = scene.clause
    if not clause.has("because_of"):
        return _has_stopped_since(scene)
    return clause.has("exercise") or any(other.clause.has("exercise") and other.is_fact for other in scene.others)


def _has_stopped_since(scene: Scene) -> bool:
    """ "No deadlifts since my disc herniation", "seit der Reizung geht Joggen nicht mehr"."""
    clause = scene.clause
    if not clause.has("exercise") or not clause.has("cannot_do", "not", "tolerates_not"):
        return False
    hurt = clause.all("injury", "injured", "joint")
    return any(0 <= one.start - since.end <= 1 for since in clause.all("since") for one in hurt)


def _own_denial(hit: Hit, clause: Clause) -> bool:
    """ "I couldn't sleep because my knee hurts" is split before; "not good, my knee hurts" denies the other thing."""
    denials = clause.all("not")
    return all(
        denial.end < hit.start
        and any(joint.start > denial.end for joint in clause.all("joint"))
        and clause.word(denial.end) in _BACK_BEFORE
        for denial in denials
    )


def _is_healed(scene: Scene) -> bool:
    clause = scene.clause
    if clause.has("other_degree") and clause.has("not"):
        return False
    if clause.has("while", "when") and clause.has("not") and not clause.has("ended"):
        return False  # "does not hurt when I walk"
    pains = clause.all("pain", "injured", "injury")
    joint = clause.first("joint", "injury")
    for hit in clause.all("healed"):
        if not _is_denied(clause, hit) and (pains or joint is None or joint.start < hit.start or clause.has("first")):
            return True
    return bool(pains) and (any(_is_denied_near(clause, hit) for hit in pains) or clause.has("ended"))


def _is_denied(clause: Clause, hit: Hit) -> bool:
    """Whether a "not" is said of it; that of "I can't do dips" is said of the exercise."""
    able = clause.all("cannot_do") if clause.has("exercise") else []
    denials = [one for one in clause.all("not") if not any(cue.start <= one.start < cue.end for cue in able)]
    return bool(denials) and is_denied(clause, hit)


def _is_denied_near(clause: Clause, hit: Hit) -> bool:
    """ "no pain", "does not hurt": what says no to something else in the clause heals nothing."""
    near = [denial for denial in clause.all("not") if clause.words_between(denial, hit) <= _MAX_DENIAL_DISTANCE]
    return (
        bool(near)
        and _is_denied(clause, hit)
        and not any(
            denial.end <= other.start and other.end <= hit.start for denial in near for other in clause.all("exercise")
        )
    )


def _nameless(scene: Scene) -> Finding | None:
    """ "The pain is gone" says of which joint in the sentence before: it is kept as it is said."""
    clause = scene.clause
    if (
        clause.has("joint")
        and scene.hits("injured")
        and not clause.has("soreness", "not", "figure", "person")
        and clause.has("first")
    ):
        strong = [
            hit
            for hit in scene.hits("injured")
            if clause.word(hit.start) not in {"bad", "problem", "issue", "problems"}
        ]
        if strong and any(hit.value.startswith(_NONE) for hit in clause.all("joint")):
            return Finding(MemoryKind.INJURY, 0.8)
    return None


def _healed(scene: Scene, joints: list[Hit]) -> tuple[Fact, ...]:
    return _unique(tuple(made for joint in joints if (made := _injury(scene, joint, FactOp.REMOVE)) is not None))


def _injury(scene: Scene, joint: Hit, op: FactOp) -> Fact | None:
    value: dict[str, object] = {"joint": joint.value.partition(" ")[0], "side": _side(_where(scene, joint), joint)}
    if op is FactOp.ADD:
        value |= {"since": _since(scene), "severity": _severity(scene)}
    return fact(FactField.INJURIES, op, value)


def _where(scene: Scene, joint: Hit) -> Clause:
    """The clause that names the joint: another one when "it" points to it."""
    others = [other.clause for other in (*reversed(scene.others), *reversed(scene.before))]
    return next((clause for clause in (scene.clause, *others) if joint in clause.hits), scene.clause)


def _side(clause: Clause, joint: Hit) -> SetSide | None:
    """The side that is named nearest to the joint; none when both are."""
    sides = [(clause.words_between(hit, joint), hit.topic) for hit in clause.all("left", "right")]
    return (
        SetSide(min(sides)[1])
        if (sides and min(sides)[0] <= 3 and len({topic for _, topic in sides[:2]}) == 1)
        or (sides and min(sides)[0] == 0)
        else None
    )


def _severity(scene: Scene) -> InjurySeverity | None:
    if scene.clause.has("mild"):
        return InjurySeverity.MILD
    return InjurySeverity.SEVERE if scene.clause.has("severe") else None


def _since(scene: Scene) -> str | None:
    """A day, a month or a year, as exactly as it is said; what needs today's date stays open without it."""
    clause, text = scene.clause, scene.clause.sentence.text
    day = _DAY.search(text)
    if day:
        year, month, date = (day["year"] or day["y"], int(day["month"] or day["m"]), int(day["day"] or day["d"]))
        return f"{year}-{month:02}-{date:02}" if 1 <= month <= 12 and 1 <= date <= 31 else None
    year_found = _YEAR.search(text)
    if not year_found:
        return _since_relative(scene)
    before = text[: year_found.start()].split()[-3:]
    months = [number for word in before if (number := month_number(word, clause.sentence.language))]
    return f"{year_found[1]}-{months[-1]:02}" if months else year_found[1]


def _since_relative(scene: Scene) -> str | None:
    """ "since March", "two weeks ago"."""
    clause = scene.clause
    if scene.today is None or not clause.has("since"):
        return None
    period = find_period(clause.text, clause.sentence.language, scene.today)
    if period is None or period.first >= scene.today:
        return None
    day, month, year = 10, 7, 4
    if period.last >= scene.today:  # "since": it goes on
        exactness = month if period.first.day == 1 else day
    else:
        days = (period.last - period.first).days
        exactness = day if days == 0 else month if days < _MAX_MONTHS_DAYS else year
    return period.first.isoformat()[:exactness]


def _triggers(scene: Scene) -> tuple[Fact, ...]:
    """The exercises that hurt: "when I deadlift", "beim Kreuzheben"."""
    clause = scene.clause
    exercises = (
        [hit.value for hit in clause.all("exercise")] if clause.has("while", "when", "cannot_do", "pain") else []
    )
    for other in scene.others:
        if other.clause.link in {"condition", "when"} and other.subject is not Subject.OTHER:
            exercises += [hit.value for hit in other.clause.all("exercise")]
    if not clause.has("while", "when", "cannot_do") and not any(
        other.clause.link in {"condition", "when"} for other in scene.others
    ):
        first = clause.first("exercise")
        if first is None or not _hurts_by_subject(clause, first):
            return ()
    return facts_of(FactField.EXCLUDED_EXERCISES, FactOp.ADD, exercises)


def _hurts_by_subject(clause: Clause, exercise: Hit) -> bool:
    """ "Dips hurt my elbow": the exercise stands first."""
    pain, joint = clause.first("pain"), clause.first("joint")
    return pain is not None and joint is not None and exercise.start < min(pain.start, joint.start)


def _still(scene: Scene) -> bool:
    return any(
        scene.clause.word(at) in {"still", "noch", "immer", "todavia", "fortsatt", "ennaa", "aun", "sigue", "sigo"}
        for at in range(scene.clause.start, scene.clause.end)
    )


def _unique(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """One fact for each joint and side: "my knee, I tore the ACL" is one injury."""
    kept: dict[tuple[object, object], Fact] = {}
    for one in facts:
        key = (getattr(one.value, "joint", None), None)
        if key not in kept or getattr(kept[key].value, "side", None) is None:
            kept[key] = one
    return tuple(kept.values())

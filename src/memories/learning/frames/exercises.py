"""Exercises that the person will not, may not or can do again."""

from typing import Final

from src.language.annotation import Hit
from src.memories.learning.frames.finding import Finding, Scene, facts_of, is_denied
from src.memories.learning.frames.food import is_qualified
from src.vocabulary import FactField, FactOp, MemoryKind

_MAX_DISTANCE: Final = 4


def find_excluded_exercise(scene: Scene) -> Finding | None:
    """Exercises to leave out of every plan, and those that may come back."""
    clause, judged = scene.clause, scene.judged
    exercises = scene.objects("exercise") if scene.has("like", "dislike") else scene.hits("exercise")
    if not exercises or not judged.is_fact or clause.has("temporary"):
        return None
    back = scene.has("can_again") and not scene.has("dislike", "cannot_do")
    back = back or (clause.has("healed") and clause.has("again") and not clause.has("joint"))
    if back and not judged.is_wish:
        return _preference(FactOp.REMOVE, exercises)
    cues = [cue for cue in scene.hits("dislike", "cannot_do") if _is_near(scene, cue, exercises)]
    if not cues:
        return _preference(FactOp.ADD, exercises) if _is_forbidden(scene) else _liked(scene, exercises)
    if any(cue.topic == "dislike" for cue in cues):
        return _disliked(scene, cues, exercises)
    if _is_ability(scene, exercises) or not _is_ruled_out(scene, cues):
        return None
    return _preference(FactOp.ADD, exercises)


def _is_forbidden(scene: Scene) -> bool:
    """ "The doctor says: no running"."""
    begins = "not" in scene.clause.topics_at(scene.clause.start)
    return begins and any(other.clause.has("medical") and other.clause.has("say") for other in scene.others)


def _disliked(scene: Scene, cues: list[Hit], exercises: list[Hit]) -> Finding | None:
    clause = scene.clause
    dislikes = [cue for cue in cues if cue.topic == "dislike"]
    over = clause.has("used_to") or (clause.has("ended") and all(_is_plain(scene, cue) for cue in dislikes))
    over = over or all(_is_plain(scene, cue) and is_denied(clause, cue) for cue in dislikes)
    if is_qualified(scene, exercises[-1]) and not clause.has("used_to"):
        return Finding(MemoryKind.PREFERENCE, 0.5)
    return _preference(FactOp.REMOVE if over else FactOp.ADD, exercises)


def _is_plain(scene: Scene, cue: Hit) -> bool:
    """ "hate" can be denied, "do not like" is a denial itself."""
    return not any(cue.start <= denial.start < cue.end for denial in scene.clause.all("not"))


def _liked(scene: Scene, exercises: list[Hit]) -> Finding | None:
    likes = scene.hits("like")
    if not likes or not _is_near(scene, likes[0], exercises):
        return None
    clause = scene.clause
    if scene.judged.is_wish:
        return None
    if (is_denied(clause, likes[0]) and clause.word(likes[0].start) not in {"do", "no"}) or (
        clause.has("ended") and not _no_more_dislike(scene, likes[0])
    ):
        return None if is_qualified(scene, exercises[-1]) else _preference(FactOp.ADD, exercises)
    if clause.has("again", "ended") and not is_qualified(scene, exercises[-1]):
        return _preference(FactOp.REMOVE, exercises)
    return Finding(MemoryKind.PREFERENCE, 0.5)


def _no_more_dislike(scene: Scene, like: Hit) -> bool:
    words = {scene.clause.word(at) for at in range(like.start, like.end)}
    return bool(words & {"mind", "hate"})


def _is_near(scene: Scene, cue: Hit, exercises: list[Hit]) -> bool:
    if not scene.has("exercise"):
        return True  # what "it" points to
    return any(scene.clause.words_between(cue, exercise) <= _MAX_DISTANCE for exercise in exercises)


def _is_ability(scene: Scene, exercises: list[Hit]) -> bool:
    """ "I can't do a single pull-up yet", "can't squat 100 kg": what one is not able to, not what one is not to do."""
    clause = scene.clause
    numbers = any(clause.word(at)[:1].isdigit() for at in range(clause.start, clause.end))
    return numbers or clause.has("ability", "other_degree") or is_qualified_by_place(scene, exercises)


def is_qualified_by_place(scene: Scene, exercises: list[Hit]) -> bool:
    """ "at home": it is ruled out there, and not elsewhere."""
    return scene.clause.has("home") or (
        is_qualified(scene, exercises[-1]) and not scene.clause.has("joint", "injury", "medical", "because")
    )


def _is_ruled_out(scene: Scene, cues: list[Hit]) -> bool:
    """Somebody has to be meant: the person, or a doctor who told them."""
    return (
        scene.clause.has("first", "medical")
        or any(other.clause.has("medical", "first") for other in scene.others)
        or bool(cues[0].start == scene.clause.start)
        or scene.clause.first("exercise") in {hit for hit in scene.clause.hits if hit.start == scene.clause.start}
    )


def _preference(op: FactOp, exercises: list[Hit]) -> Finding:
    facts = facts_of(FactField.EXCLUDED_EXERCISES, op, [hit.value for hit in exercises])
    return Finding(MemoryKind.PREFERENCE, 0.7, facts)

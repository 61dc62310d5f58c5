"""What the person must not, does not and does not like to eat."""

from collections.abc import Iterable
from typing import Final

from src.language.annotation import Hit, rows_of
from src.language.lexicon import word_set
from src.memories.facts import Fact
from src.memories.learning.frames.finding import SAFETY_SALIENCE, Finding, Scene, facts_of, is_denied, is_state_denied
from src.vocabulary import Allergen, Diet, FactField, FactOp, MemoryKind

_NAMED_INTOLERANCES: Final = {"gluten": Allergen.GLUTEN, "milk": Allergen.MILK}
_MAX_LINK_DISTANCE: Final = 6
_MAX_OBJECT_DISTANCE: Final = 4
_MAX_LEADING: Final = 4


def find_allergy(scene: Scene) -> Finding | None:
    """Allergies and intolerances: "allergic to", "vertrage keine", "no puedo comer"."""
    clause = scene.clause
    named = [hit for hit in scene.hits("health") if hit.value in _NAMED_INTOLERANCES]
    cue = next(iter(scene.hits("allergic", "tolerates_not")), None)
    foods = _before_exception(scene, scene.objects("food") if cue else scene.hits("food")) or _given_reason(scene, cue)
    if not scene.judged.is_fact or (not named and cue is None):
        return _can_eat_again(scene, foods)
    about = cue or named[0]
    if (fine := _is_fine_but(scene, about)) is not None:
        foods = [hit for hit in foods if hit.start >= fine.end]
    op = FactOp.REMOVE if _is_over(scene, about) else FactOp.ADD
    allergens = {_NAMED_INTOLERANCES[hit.value] for hit in named} | set(_allergens(foods))
    facts = facts_of(FactField.ALLERGENS, op, sorted(allergens))
    if cue is not None:
        facts += facts_of(FactField.DISLIKES, op, [hit.value for hit in foods if not _allergens([hit])])
    if facts:
        return Finding(MemoryKind.PROFILE, SAFETY_SALIENCE, facts)
    if cue is not None and cue.topic == "allergic" and clause.has("other_allergen"):
        return Finding(MemoryKind.PROFILE, SAFETY_SALIENCE)
    return None


def _given_reason(scene: Scene, cue: Hit | None) -> list[Hit]:
    """ "I carry an EpiPen because of tree nuts"."""
    if cue is None or cue.topic != "allergic":
        return []
    reasons = [
        other for other in scene.others if other.clause.link == "because" and other.clause.start == scene.clause.end
    ]
    return [hit for other in reasons for hit in other.clause.all("food")]


def _is_over(scene: Scene, about: Hit) -> bool:
    clause = scene.clause
    if about.topic == "tolerates_not":
        return clause.has("ended", "used_to") or (clause.has("can_again") and not clause.has("not"))
    if _is_fine_but(scene, about) is not None:
        return False
    own = [cue for cue in clause.all("tolerates_not") if not cue.start <= about.start < cue.end]
    denied = is_state_denied(clause, about) and not all(
        any(cue.start <= denial.start < cue.end for cue in own) for denial in clause.all("not")
    )
    ended = clause.has("healed", "used_to") or (clause.has("ended") and not clause.has("again"))
    return denied or ended or _was_only_then(scene, about)


def _was_only_then(scene: Scene, about: Hit) -> bool:
    """ "Was allergic to eggs as a kid", "var allergisk, men det har gått over"."""
    clause = scene.clause
    if about.topic != "allergic" or clause.has("diagnosed"):
        return False  # "I was diagnosed with coeliac disease last year"
    past = {clause.word(at) for at in range(about.start - 3, about.start)} & word_set("health.past")
    passed = any(other.clause.link == "but" and other.clause.has("healed", "ended") for other in scene.others)
    return bool(past) and (clause.has("long_ago") or passed)


def _is_fine_but(scene: Scene, about: Hit) -> Hit | None:
    """What says of other foods that they are fine: "almonds are fine, it's just peanuts I'm allergic to"."""
    clause = scene.clause
    for fine in clause.all("healed"):
        foods = [hit for hit in clause.all("food") if fine.end <= hit.start < about.start]
        if foods and any(fine.end <= only.start <= foods[0].start for only in clause.all("limit")):
            return fine
    return None


def _can_eat_again(scene: Scene, foods: list[Hit]) -> Finding | None:
    allowed = scene.has("can_again") and not scene.has("tolerates_not", "dislike", "exercise")
    facts = facts_of(FactField.ALLERGENS, FactOp.REMOVE, _allergens(foods))
    if allowed and facts and scene.judged.is_fact and not scene.judged.is_wish:
        return Finding(MemoryKind.PROFILE, SAFETY_SALIENCE, facts)
    return None


def find_diet(scene: Scene) -> Finding | None:
    """Vegan, vegetarian, pescatarian, or everything; none of it half or for a day."""
    clause, judged = scene.clause, scene.judged
    if not judged.is_fact or judged.is_wish or clause.has("partly", "temporary", "future"):
        return None
    facts: list[Fact] = []
    for hit in scene.hits("diet"):
        if hit.value == Diet.OMNIVORE:
            said = not is_denied(clause, hit) and not clause.has("except")
            facts += facts_of(FactField.DIET, FactOp.SET, [hit.value] if said else [])
        elif _is_own_diet(scene, hit):
            over = clause.has("ended", "used_to") or is_denied(clause, hit)
            before = {clause.word(at) for at in range(hit.start - _MAX_LINK_DISTANCE, hit.start)}
            if over or not before & word_set("food.was"):
                facts += facts_of(FactField.DIET, FactOp.REMOVE if over else FactOp.SET, [hit.value])
    if not facts:
        facts += facts_of(FactField.DIET, FactOp.SET, _described(scene))
    return Finding(MemoryKind.PROFILE, SAFETY_SALIENCE, tuple(facts)) if facts else None


def _is_own_diet(scene: Scene, hit: Hit) -> bool:
    """ "I'm vegan", "As a vegan", "Vegan since 2019"; not "I had the vegan lasagne"."""
    clause = scene.clause
    after = hit.end
    follows = clause.end <= after or bool(
        clause.topics_at(after) & {"diet_follow", "diet", "again", "temporary", "first"}
    )
    follows = follows or clause.word(after).isdigit() or _is_cut(scene, hit)
    is_be = any(clause.word(at) in word_set("food.be") for at in range(max(hit.start - 3, clause.start), hit.start))
    follows = follows or is_be
    named = any(clause.topics_at(at) & {"food"} for at in (after, after + 1))
    if not follows or (named and not _is_cut(scene, hit)):
        return False
    leading = {topic for at in range(clause.start, hit.start) for topic in clause.topics_at(at)}
    passing = {"filler", "not", "ended", "verb", "again", "stop", "diet_follow", "diet_link", "asks", "third_verb"}
    near = hit.start - clause.start <= _MAX_LEADING
    all_known = all(clause.topics_at(at) for at in range(clause.start, hit.start))
    spans = [since for since in clause.all("since") if since.end - since.start > 1]  # "for 6 years"
    blocks = [one for one in clause.all("diet_block") if not any(s.start <= one.start < s.end for s in spans)]
    if near and all_known and leading <= passing and not blocks:
        return True
    links = [link for link in clause.all("diet_link") if link.end <= hit.start or link.start >= hit.end]
    if any(link.start >= hit.end and clause.words_between(hit, link) <= 2 for link in links):
        return True
    before = [link for link in links if link.end <= hit.start]
    if not before or hit.start - before[-1].end > _MAX_LINK_DISTANCE:
        return False
    between = range(before[-1].end, hit.start)
    return not any(clause.topics_at(at) & {"diet_block", "food", "exercise", "like", "dislike"} for at in between)


def _is_cut(scene: Scene, hit: Hit) -> bool:
    words = scene.clause.sentence.words
    if hit.end >= len(words):
        return False
    gap = scene.clause.sentence.text[words[hit.end - 1].end : words[hit.end].start]
    return any(mark in gap for mark in ",.;:(-\u2013")


def _described(scene: Scene) -> list[Diet]:
    """ "I don't eat meat, only fish", "no animal products"."""
    clause = scene.clause
    if not clause.has("eats_not", "not"):
        return []
    if clause.has("animal_products") and clause.has("eats_not"):
        return [Diet.VEGAN]
    eaten = {hit.value: hit for hit in scene.hits("food")}
    if "meat" not in eaten:
        return []
    if _eats_fish_beside(scene):
        return [Diet.PESCATARIAN]
    fishes = sorted(eaten.keys() & {"fish", "seafood"})
    return _of_meat_and_fish(scene, eaten[fishes[0]]) if fishes and clause.has("eats_not", "eat") else []


def _of_meat_and_fish(scene: Scene, fish: Hit) -> list[Diet]:
    clause = scene.clause
    only = [hit for hit in clause.all("limit") if clause.word(hit.start) in word_set("food.only")]
    if any(clause.words_between(hit, fish) <= 2 and hit.start < fish.start for hit in only):
        return [Diet.PESCATARIAN]
    if any(0 <= hit.start - fish.end <= 1 for hit in clause.all("is_fine")):
        return [Diet.PESCATARIAN]
    return [Diet.VEGETARIAN] if clause.has("eats_not") and not only and not clause.has("but") else []


def _eats_fish_beside(scene: Scene) -> bool:
    """ "I eat fish but no meat"."""
    return any(
        other.is_fact
        and not other.clause.has("not", "dislike")
        and other.clause.has("eat", "eats_not", "is_fine")
        and any(hit.value in {"fish", "seafood"} for hit in other.clause.all("food"))
        for other in scene.others
    )


def find_food_dislike(scene: Scene) -> Finding | None:
    """Foods that the person dislikes or does not eat, and those that they have come to like."""
    clause, judged = scene.clause, scene.judged
    elsewhere = clause.has("temporary", "not_object", "allergic", "tolerates_not")
    if not judged.is_fact or elsewhere or _described(scene) or _is_said_of_allergy(scene):
        return None
    foods = _before_exception(scene, scene.objects("food"))
    cues = scene.hits("dislike", "eats_not")
    if left_out := _left_out(scene):
        return Finding(MemoryKind.PREFERENCE, 0.6, facts_of(FactField.DISLIKES, FactOp.ADD, left_out))
    if not cues:
        return _liked(scene, foods)
    near = _near(scene, cues, foods) if scene.has("food") else foods
    if not near or _has_own_clause_between(scene, cues, near):
        return None
    over = clause.has("used_to") or (clause.has("ended") and not clause.has("eats_not")) or _doubly_denied(scene, cues)
    if is_qualified(scene, near[-1]):
        return Finding(MemoryKind.PREFERENCE, 0.5)
    op = FactOp.REMOVE if over else FactOp.ADD
    return Finding(MemoryKind.PREFERENCE, 0.6, facts_of(FactField.DISLIKES, op, [hit.value for hit in near]))


def _left_out(scene: Scene) -> list[str]:
    """ "I eat everything except liver"."""
    exception = scene.clause.first("except")
    if exception is None or not any(hit.value == Diet.OMNIVORE for hit in scene.hits("diet")):
        return []
    foods = [hit.value for hit in scene.hits("food") if hit.start >= exception.end]
    return [] if {"meat", "fish"} & set(foods) else foods


def _is_said_of_allergy(scene: Scene) -> bool:
    """ "I'm lactose intolerant, so no whey for me": the allergy says it already."""
    if any(hit.value in _NAMED_INTOLERANCES for hit in scene.clause.all("health")):
        return True
    return any(
        (other.is_own and other.clause.has("allergic", "tolerates_not"))
        or any(hit.value in _NAMED_INTOLERANCES for hit in other.clause.all("health"))
        for other in scene.others
    )


def is_qualified(scene: Scene, last: Hit) -> bool:
    """ "in the rain", "on an empty stomach": what is disliked is less than the whole."""
    clause = scene.clause
    if clause.has("emphasis"):
        return False
    if any(hit.start == last.end for hit in clause.all("again", "finally")):
        return False  # "after all"
    return any(hit.start == last.end for hit in clause.all("qualified")) or any(
        other.clause.link in {"when", "condition"} and other.clause.start == clause.end for other in scene.others
    )


def _liked(scene: Scene, foods: list[Hit]) -> Finding | None:
    likes = scene.hits("like")
    if not likes or not foods or not _near(scene, likes, foods):
        return None
    clause = scene.clause
    if scene.judged.is_wish or is_qualified(scene, foods[-1]):
        return Finding(MemoryKind.PREFERENCE, 0.4) if not scene.judged.is_wish else None
    values = [hit.value for hit in foods]
    if clause.has("ended") or (is_denied(clause, likes[0]) and clause.word(likes[0].start) != "do"):
        return Finding(MemoryKind.PREFERENCE, 0.6, facts_of(FactField.DISLIKES, FactOp.ADD, values))
    facts = facts_of(FactField.DISLIKES, FactOp.REMOVE, values) if clause.has("again") else ()
    return Finding(MemoryKind.PREFERENCE, 0.5, facts)


def _doubly_denied(scene: Scene, cues: list[Hit]) -> bool:
    """ "I don't hate mushrooms any more"."""
    return any(cue.topic == "dislike" and is_denied(scene.clause, cue) and scene.clause.has("ended") for cue in cues)


def _near(scene: Scene, cues: list[Hit], objects: list[Hit]) -> list[Hit]:
    """Objects of the cues: the first is near one of them, the others follow each other."""
    clause = scene.clause
    close = [one for one in objects if any(clause.words_between(cue, one) <= _MAX_OBJECT_DISTANCE for cue in cues)]
    return [one for one in objects if close and (one in close or one.start > close[0].start)]


def _has_own_clause_between(scene: Scene, cues: list[Hit], foods: list[Hit]) -> bool:
    clause = scene.clause
    return any(
        cue.end <= hit.start < foods[0].start
        for cue in cues
        for hit in clause.all("when", "while")
        if hit.end - hit.start > 1
    ) and (foods[0].start > cues[0].end)


def _before_exception(scene: Scene, foods: list[Hit]) -> list[Hit]:
    exception = scene.clause.first("except")
    before = [hit for hit in foods if exception is None or hit.start < exception.start]
    return before or foods


def _allergens(foods: Iterable[Hit]) -> list[str]:
    rows = rows_of("food")
    return list(dict.fromkeys(allergen for hit in foods for allergen in rows[hit.value]["allergens"].split()))

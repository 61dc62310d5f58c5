"""What a question names besides exercises and days: a food, minutes, a muscle, a goal, a field of the profile."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, TypeVar

from src.chat.tools.my_profile import ProfileField
from src.foods.usual_contents import usual_names
from src.language.language import Language
from src.language.lexicon import read_table
from src.language.phrase_finder import Found, PhraseFinder, definite_forms
from src.nutrition.constants import NutritionGoal
from src.vocabulary import MemoryKind, Muscle

_KeyT = TypeVar("_KeyT")
_ARTICLES: Final = (
    r"(?:a|an|some|the|any|this|my|ein(?:e[nmrs]?)?|etwas|de[rnms]|die|das|un[oa]?s?|el|l[ao]s?|algo de|un poco de"
    r"|en|ei|et|noe|litt)"
)
_DRINKS: Final = (
    r"(?:eat|have|drink|take|order|try|essen|trinken|haben|nehmen|naschen|comer(?:me)?|tomar(?:me)?|beber(?:me)?|cenar"
    r"|desayunar|spise|drikke|ta|ha)"
)
# What stands where a food stands: "may I eat …?", "darf ich … essen?", "is … vegan?"
_FOOD_PLACES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:can|may|could|should) i {_DRINKS} (?:{_ARTICLES} )?(?P<food>.+)",
        rf"\b(?:darf|kann|soll(?:te)?) ich (?:heute |auch )?(?:{_ARTICLES} )?(?P<food>.+?) {_DRINKS}\b",
        rf"\b(?:puedo|podría|debería) {_DRINKS} (?:{_ARTICLES} )?(?P<food>.+)",
        rf"\b(?:kan|får|bør) jeg {_DRINKS} (?:{_ARTICLES} )?(?P<food>.+)",
        rf"\b(?:vertrage?|tåler) (?:ich|jeg) (?:{_ARTICLES} )?(?P<food>.+)",
        rf"\b(?:is|are|ist|sind|es|er) (?:{_ARTICLES} )?(?P<food>.+?)"
        r" (?:vegan\w*|vegetari\w*|ok(?:ay)?|fine|safe|allowed|erlaubt|greit|trygt|buen[oa])\b",
    )
)
_AFTER_FOOD: Final = re.compile(
    r"\s*(?:[?!.,;]|\b(?:today|tonight|for (?:breakfast|lunch|dinner)|before|after|heute|zum|vor|nach|hoy|para|antes"
    r"|después|i dag|til (?:frokost|lunsj|middag)|før|etter)\b).*$",
    re.IGNORECASE,
)
_MINUTES: Final = re.compile(
    r"(?P<minutes>\d{1,3})\s*(?:m\b|min\w*)|(?P<hours>\d(?:[.,]5)?)\s*(?:h\b|hours?|stunden?|horas?|timer?)",
    re.IGNORECASE,
)
_TIMES: Final = {
    r"half an hour|halbe[n]? stunde|media hora|halvtime": 30,
    r"quarter of an hour|viertelstunde|cuarto de hora|kvarter": 15,
    r"three quarters of an hour|dreiviertelstunde|trekvarter": 45,
    r"an hour|eine stunde|una hora|en time": 60,
}
_GOALS: Final = {
    NutritionGoal.LOSE: (
        r"lose|losing|cut|cutting|deficit|slim|abnehmen|abzunehmen|diät|perder|adelgazar|bajar|definir|gå ned|slanke"
    ),
    NutritionGoal.GAIN: (
        r"gain|gaining|bulk|bulking|surplus|zunehmen|zuzunehmen|aufbau\w*|masse|ganar|subir|volumen|gå opp|legge på"
    ),
}
_FIELDS: Final = {
    ProfileField.AGE: r"old|age|alt|alter|años|edad|gammel|alderen?",
    ProfileField.BIRTHDAY: r"birthday|born|geburtstag|geboren|cumpleaños|nací|bursdag|født",
    ProfileField.HEIGHT: r"tall|height|groß|gross|größe|mido|altura|høy|høyde\w*",
    ProfileField.WEIGHT: r"weigh|weight|heavy|wiege?|gewicht|schwer|peso|veier|vekt\w*|tung",
    ProfileField.LEVEL: r"level|niveau|nivel|nivå\w*|stufe",
    ProfileField.GOALS: r"goals?|ziele?|objetivos?|metas?|mål\w*",
    ProfileField.EQUIPMENT: r"equipment|gear|geräte?|ausrüstung|material|equipo|utstyr\w*",
    ProfileField.DAYS: r"days|tage|días|dager",
    ProfileField.INJURIES: r"injur\w*|verletz\w*|lesion\w*|lesión|skader?",
    ProfileField.SPORT: r"sports?|deporte|idrett\w*",
}
_KINDS: Final = {
    MemoryKind.INJURY: r"injur\w*|pain\w*|verletz\w*|schmerz\w*|lesion\w*|dolor\w*|skad\w*|smert\w*",
    MemoryKind.GOAL: r"goals?|ziele?|objetivos?|metas?|mål\w*",
    MemoryKind.PREFERENCE: r"likes?|tastes?|preferences?|mag|vorlieben|gust\w*|preferencias|liker|preferanser",
}
_MUSCLES: Final = {
    Muscle.CHEST: r"chest|pecs|brust|pecho|bryst\w*",
    Muscle.LATS: r"lats|latissimus|dorsales",
    Muscle.UPPER_BACK: r"back|rücken|espalda|rygg\w*",
    Muscle.SIDE_DELTS: r"shoulders?|delts|schultern?|hombros?|skuldre\w*|skulder",
    Muscle.BICEPS: r"biceps|bizeps|bíceps|arms?|arme?|brazos?|armer",
    Muscle.TRICEPS: r"triceps|trizeps|tríceps",
    Muscle.QUADRICEPS: r"quads?|quadriceps|legs?|beine?n?|piernas?|cuádriceps|bein\w*|ben|lår\w*",
    Muscle.HAMSTRINGS: r"hamstrings?|beinbeuger|isquio\w*|bakside lår",
    Muscle.GLUTES: r"glutes?|butt|po|gesäß|glúteos?|rumpe\w*|sete",
    Muscle.CALVES: r"calves|calf|waden?|gemelos?|pantorrillas?|legg\w*",
    Muscle.ABS: r"abs|core|bauch|abdomen|abdominales|mage\w*",
}


def food_in(text: str, language: Language) -> Found | None:
    """The food that a text names, in its words: one that is known, else what stands where a food stands."""
    return known_food_in(text, language) or _food_in_its_place(text)


def known_food_in(text: str, language: Language) -> Found | None:
    """The food of the library, or the dish, that a text names."""
    return _food_finder(language).find(text)


def _food_in_its_place(text: str) -> Found | None:
    for place in _FOOD_PLACES:
        if (found := place.search(text)) is not None:
            words = _AFTER_FOOD.sub("", found["food"]).strip()
            if words:
                start = found.start("food")
                return Found(words, words, start, start + len(words))
    return None


def minutes_in(text: str) -> int | None:
    """The minutes that a text names."""
    if found := _MINUTES.search(text):
        if found["minutes"]:
            return int(found["minutes"])
        return round(60 * float(found["hours"].replace(",", ".")))
    return next(
        (minutes for words, minutes in _TIMES.items() if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), None
    )


def goal_in(text: str) -> NutritionGoal | None:
    """Whether a text is about losing or gaining weight."""
    return next(_named(_GOALS, text), None)


def profile_field_in(text: str) -> ProfileField | None:
    """The field of the profile that a text asks for."""
    return next(_named(_FIELDS, text), None)


def kinds_in(text: str) -> list[MemoryKind]:
    """The kinds of memories that a text asks for; empty for all."""
    return list(_named(_KINDS, text))


def muscle_in(text: str) -> Muscle | None:
    """The muscle that a text names."""
    return next(_named(_MUSCLES, text), None)


def _named(patterns: Mapping[_KeyT, str], text: str) -> Iterator[_KeyT]:
    return (key for key, words in patterns.items() if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE))


@cache
def _food_finder(language: Language) -> PhraseFinder:
    rows = [row for row in read_table("foods") if row]
    words = [
        form
        for row in rows
        for column in {Language.EN.value, language.value}
        for phrase in row[column].split("|")
        for form in (definite_forms(phrase) if column == Language.NB.value else (phrase,))
    ]
    return PhraseFinder((name, name) for name in [*usual_names(), *words] if name)

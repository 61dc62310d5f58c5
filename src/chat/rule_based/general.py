"""General, careful information on what people often ask, marked as such: nothing of it comes from their data."""

import re
from typing import Final

from src.chat.phrases import say
from src.chat.rule_based.part import Part
from src.language.language import Language

# The first that fits decides, in whatever language.
_TOPICS: Final = {
    "creatine": r"[ck]reatin\w*",
    "aminos": r"bcaas?|eaas?|amino\w*|glutamin\w*",
    "protein_powder": (
        r"(protein|eiweiß|eiweiss)[ -]?(shake|powder|pulver)\w*|protein shakes?|whey|casein"
        r"|proteína en polvo|batidos?"
    ),
    "caffeine": r"[ck]off[eé]in\w*|caf[eé]ína|cafe[ií]n\w*|coffee|kaffee?|café|pre-?workout|energy drinks?|koffein",
    "fasted": r"fasted|fasting|nüchtern|ayunas|ayuno|fastende|faste|empty stomach|before breakfast",
    "illness": (
        r"cold|flu|fever|sick|ill|erkält\w*|grippe|fieber|krank|resfriad\w*|gripe|fiebre|enferm\w*"
        r"|forkjøl\w*|influensa|feber|syk"
    ),
    "alcohol": r"alcohol|beers?|wine|drunk|alkohol|bier|wein|cerveza|vino|øl|vin",
    "fat_loss": (
        r"(lose|losing|burn) (fat|weight)|fat loss|how fast|abnehmen|abzunehmen|fett verlieren"
        r"|perder (grasa|peso)|adelgazar|gå ned i vekt|fettap"
    ),
    "cardio": r"cardio|kondisjon|ausdauer|before or after (weights|lifting)",
    "belt": r"belts?|gürtel|cinturón|belte",
    "stretching": r"stretch\w*|dehn\w*|estir\w*|tøy\w*|warm ?up|aufwärm\w*|calentamiento|oppvarming",
    "soreness": r"sore(ness)?|doms|muskelkater|agujetas|støl\w*",
    "sleep": r"sleep\w*|schlaf\w*|dorm\w*|sueño|søvn|sove",
    "water": r"water|hydrat\w*|wasser|trinken|agua|beber|vann|drikke",
    "vitamins": (
        r"vitamin\w*|magnesium|magnesio|zin[ck]|omega|fish oil|fischöl|supplements?"
        r"|nahrungsergänzung\w*|suplementos?|kosttilskudd"
    ),
}
_PATTERNS: Final = {name: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for name, words in _TOPICS.items()}


def general_topic(asked: str) -> str | None:
    """What a question is about, if there is a text on it."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.search(asked)), None)


def general_answer(topic: str, language: Language) -> Part:
    """What is generally known of a topic."""
    text = say(f"general.{topic}", language)
    return Part(say("general.intro", language, text=text))

"""Which tool a question is for, in four languages: the examples, and sentences that are none of them."""

import numpy as np
import pytest

from src.chat.intents.catalogue import EXERCISE_MARK, FOOD_MARK, load
from src.chat.intents.chooser import WEIGHTS, choose
from src.chat.intents.features import features, intents
from src.chat.rule_based.offers import OFFERS
from src.chat.rule_based.questions import ASKED
from src.chat.tools.registry import TOOLS
from src.language.language import Language
from tools.fit_intents import fit, samples

TALK = {"recall", "general", "greeting", "thanks", "what_can_you_do", "outside"}
ASKED_OTHERWISE = {
    Language.EN: {
        "which session comes next for me": "next_session",
        "any easier weeks planned soon": "next_deload",
        "has my … gotten better lately": "exercise_progress",
        "what is the most I have ever done on …": "exercise_records",
        "when was the last time I did …": "last_time",
        "what did my training look like yesterday": "training_on",
        "how many days did I train in October": "training_calendar",
        "could you explain how the … is done": "exercise_guide",
        "something I can do instead of … please": "exercise_substitutes",
        "I only got 25 minutes, give me something": "short_session",
        "how many grams of protein should I get daily": "nutrition_targets",
        "what am I having for lunch today": "todays_meals",
        "would *** be ok for me to eat": "may_i_eat",
        "what should I put on my shopping list": "grocery_list",
        "tell me everything you remember about me": "about_me",
        "how tall am I again": "my_profile",
    },
    Language.DE: {
        "Was ist meine nächste Trainingseinheit?": "next_session",
        "Bin ich beim … besser geworden?": "exercise_progress",
        "Sag mir bitte, wie … richtig geht": "exercise_guide",
        "Womit kann ich … ersetzen?": "exercise_substitutes",
        "Wie viel Protein soll ich täglich essen?": "nutrition_targets",
        "Wie viele Einheiten waren es im Oktober?": "training_calendar",
        "Kann ich heute *** essen?": "may_i_eat",
        "Was hast du über mich gespeichert?": "about_me",
    },
    Language.ES: {
        "¿Cuál es mi siguiente entrenamiento?": "next_session",
        "¿He mejorado en …?": "exercise_progress",
        "dime cómo se hace bien …": "exercise_guide",
        "¿qué ejercicio puedo hacer en vez de …?": "exercise_substitutes",
        "¿cuántos gramos de proteína debo comer al día?": "nutrition_targets",
        "¿Puedo comer *** hoy?": "may_i_eat",
        "cuéntame todo lo que sabes de mí": "about_me",
    },
    Language.NB: {
        "Hva er neste treningsøkt for meg?": "next_session",
        "Har jeg blitt bedre i …?": "exercise_progress",
        "hvordan skal jeg gjøre … riktig?": "exercise_guide",
        "hva kan jeg ta i stedet for …?": "exercise_substitutes",
        "hvor mange gram protein bør jeg spise om dagen?": "nutrition_targets",
        "Kan jeg spise *** i dag?": "may_i_eat",
        "fortell alt du husker om meg": "about_me",
    },
}


def test_the_weights_are_those_of_the_examples() -> None:
    kept = np.load(WEIGHTS).astype("float32")
    fitted = fit(*samples()).astype("float16").astype("float32")
    assert kept.shape == fitted.shape
    assert np.abs(kept - fitted).max() < 0.01


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_intent(language: Language) -> None:
    catalogue = load(language)
    assert list(catalogue.examples) == intents()
    assert set(catalogue.cues) <= set(intents())
    assert all(catalogue.examples.values())


def test_every_intent_is_answered_and_every_tool_asked_for() -> None:
    assert set(intents()) == ASKED.keys() | OFFERS.keys() | TALK
    assert set(ASKED.values()) == TOOLS.keys()


@pytest.mark.parametrize(
    ("language", "asked", "intent"),
    [
        (language, asked, intent)
        for language, asked_for in ASKED_OTHERWISE.items()
        for asked, intent in asked_for.items()
    ],
)
async def test_what_is_asked_in_other_words_is_understood(language: Language, asked: str, intent: str) -> None:
    choice = await choose(asked, language)
    assert choice is not None
    assert choice.intent == intent


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.EN, "The curtains in my room are green"),
        (Language.EN, "asdf qwer"),
        (Language.DE, "Der Bus kam heute zu spät"),
        (Language.ES, "El perro de mi vecino es grande"),
        (Language.NB, "Naboen min har malt huset"),
    ],
)
async def test_what_is_no_question_for_a_tool_is_given_to_none(language: Language, said: str) -> None:
    choice = await choose(said, language)
    assert choice is None or choice.intent in TALK


def test_marks_are_features_of_their_own() -> None:
    meaning = [0.0] * 768
    marked = features(f"How do I do {EXERCISE_MARK}?", meaning, Language.EN)
    eaten = features(f"May I eat {FOOD_MARK}?", meaning, Language.EN)
    assert marked != eaten

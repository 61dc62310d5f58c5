"""Which tool a question is for, in four languages: the examples, and sentences that are none of them."""

import numpy as np
import pytest

from src.chat.intents.catalogue import EXERCISE_MARK, FOOD_MARK, load
from src.chat.intents.chooser import WEIGHTS, choose
from src.chat.intents.features import features, intents
from src.chat.intents.spelling import without_accents, written_out
from src.chat.rule_based.offers import OFFERS
from src.chat.rule_based.questions import ASKED, asks_too
from src.chat.tools.exercise_names import ExerciseFinder
from src.chat.tools.registry import TOOLS
from src.language.language import Language
from src.language.phrase_finder import PhraseFinder, finder
from tools.fit_intents import fit, samples

# In a hurry: no capitals, accents, apostrophes or question marks, and words cut short.
TYPED = {
    Language.EN: {
        "whats on for saturday": "next_session",
        "hows my … coming along": "exercise_progress",
        "ive only got 25 min": "short_session",
        "how much does my sister … ": "outside",
        "do i like ***": "recall",
        "i dont want ***, gimme something else": "swap_meal",
    },
    Language.DE: {
        "was steht heut an": "next_session",
        "wieviel eiweiss brauch ich am tag": "nutrition_targets",
        "mag ich eigentlich ***": "recall",
        "wie viel schafft meine schwester beim …": "outside",
    },
    Language.ES: {
        "que toca mañana": "next_session",
        "cuanta proteina necesito": "nutrition_targets",
        "cual es mi record en …": "exercise_records",
        "pueden mis hijos comer ***": "outside",
    },
    Language.NB: {
        "hva skal jeg trene i morra": "next_session",
        "hvor mye protein trenger jeg": "nutrition_targets",
        "liker jeg ***": "recall",
        "kan barna mine spise ***": "outside",
    },
}
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
    ("language", "typed", "intent"),
    [(language, typed, intent) for language, meant in TYPED.items() for typed, intent in meant.items()],
)
async def test_what_is_typed_in_a_hurry_is_understood(language: Language, typed: str, intent: str) -> None:
    choice = await choose(typed, language)
    assert choice is not None
    assert choice.intent == intent


@pytest.mark.parametrize("language", Language)
async def test_spelling_changes_nothing_that_is_written_out(language: Language) -> None:
    for text in [text for texts in load(language).examples.values() for text in texts]:
        once = written_out(text, language)
        assert written_out(once, language) == once


def test_a_spelling_is_taken_apart_only_in_its_language() -> None:
    assert written_out("whats on tmrw", Language.EN) == "what's on tomorrow"
    assert written_out("tmrw", Language.DE) == "tmrw"
    assert without_accents(f"¿Cuánto {EXERCISE_MARK}?") == f"¿Cuanto {EXERCISE_MARK}?"


@pytest.mark.parametrize(
    ("sentence", "too"),
    [
        ("My wrist hurts when I do push-ups, anything instead?", True),
        ("mein knie tut weh, was gibts als alternative", True),
        ("me duele el hombro, alguna alternativa", True),
        ("har vondt i kneet, hva gjør jeg", True),
        ("I dont like lentils, swap it", True),
        ("My knee hurts, and my back too", False),
        ("Ich mag keine Pilze, keinen Fisch", False),
    ],
)
def test_a_sentence_may_tell_and_ask(sentence: str, too: bool) -> None:
    assert asks_too(sentence) is too


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("hvor bor jeg, vet du det", Language.NB, None),
        ("was weißt du", Language.DE, None),
        ("my BOR is weak", Language.EN, "Barbell Row"),
        ("står markløften stille", Language.NB, "Deadlift"),
        ("how many days in a row", Language.EN, None),
        ("my barbell row", Language.EN, "Barbell Row"),
        ("incline dumbell press", Language.EN, "Incline Dumbbell Press"),
    ],
)
def test_exercises_in_a_text(text: str, language: Language, found: str | None) -> None:
    shared = PhraseFinder(
        [
            ("BOR", "Barbell Row"),
            ("DU", "Double Under"),
            ("row", "Barbell Row"),
            ("barbell row", "Barbell Row"),
            ("incline dumbbell press", "Incline Dumbbell Press"),
        ],
        forgives_typos=True,
    )
    exercises = ExerciseFinder([shared, finder("exercise_names", language, inflected=True)], language)
    name = exercises.find(text)
    assert (name and name.value) == found


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

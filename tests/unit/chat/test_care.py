"""The fixed texts, whom to call, and what ends a concern."""

import csv
import re
from datetime import date
from string import Formatter

import pytest

from src.chat.safety.alarm import Alarm
from src.chat.safety.care import Care, care_for
from src.chat.safety.numbers import NUMBERS, Purpose, country_of, find_contact
from src.chat.safety.recovery import is_fine
from src.chat.safety.texts import careful_text, follow_up_text, load_texts, question_text, thanks_text
from src.chat.state import ConcernState
from src.language.language import Language, detect_language
from src.vocabulary import CompanionMood, Concern, ConcernStep

EMERGENCIES = [concern for concern in Concern if concern not in {Concern.SELF_HARM, Concern.EATING_DISORDER}]
TIMEZONES = {
    "US": "America/New_York",
    "CA": "America/Toronto",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "AU": "Australia/Sydney",
    "NZ": "Pacific/Auckland",
    "DE": "Europe/Berlin",
    "AT": "Europe/Vienna",
    "CH": "Europe/Zurich",
    "ES": "Atlantic/Canary",
    "MX": "America/Mexico_City",
    "AR": "America/Argentina/Buenos_Aires",
    "CL": "America/Santiago",
    "NO": "Europe/Oslo",
    "SE": "Europe/Stockholm",
    "DK": "Europe/Copenhagen",
}
UNKNOWN = "Etc/UTC"
TRAINING = re.compile(
    r"\b(sets?|reps?|squats?|deload|warm.?up|lighter weight|next workout|trainingsplan|s\u00e4tze|einheit|series|"
    r"repeticiones|entrenamiento|\u00f8kt|repetisjoner)\b",
    re.IGNORECASE,
)


class TestTexts:
    @pytest.mark.parametrize("language", Language)
    def test_a_language_has_every_text_with_the_placeholders_of_the_others(self, language: Language) -> None:
        texts, english = load_texts(language), load_texts(Language.EN)
        assert set(texts.careful) == set(texts.question) == set(Concern)
        assert set(texts.follow_up) == set(texts.thanks) == set(english.follow_up)
        assert set(texts.phrases) == {name for purpose in Purpose for name in (purpose, f"{purpose}_unknown")}
        for concern in Concern:
            assert placeholders(texts.careful[concern]) == placeholders(english.careful[concern]), concern
            assert placeholders(texts.question[concern]) == placeholders(english.question[concern]), concern

    @pytest.mark.parametrize("language", Language)
    @pytest.mark.parametrize("timezone", [*TIMEZONES.values(), UNKNOWN])
    def test_every_careful_text_says_whom_to_call(self, language: Language, timezone: str) -> None:
        country = country_of(timezone)
        emergency = find_contact(country, Purpose.EMERGENCY)
        for concern in Concern:
            text = careful_text(concern, language, timezone)
            assert (emergency.number if emergency else "112, 911") in text
            assert "{" not in text
            assert 200 < len(text) <= 700
            assert not TRAINING.search(text), TRAINING.search(text)
        crisis = find_contact(country, Purpose.CRISIS)
        for text in (
            careful_text(Concern.SELF_HARM, language, timezone),
            follow_up_text(Concern.SELF_HARM, language, timezone),
            thanks_text(Concern.SELF_HARM, language, timezone),
        ):
            assert (crisis.number if crisis else "findahelpline.com") in text

    @pytest.mark.parametrize("language", Language)
    def test_texts_differ_by_concern_and_nothing_but_care_is_said(self, language: Language) -> None:
        for texts in (careful_text, question_text):
            assert len({texts(concern, language, UNKNOWN) for concern in Concern}) == len(Concern)
        for concern in Concern:
            assert question_text(concern, language, UNKNOWN).count("?") == 1
            for text in (follow_up_text(concern, language, UNKNOWN), thanks_text(concern, language, UNKNOWN)):
                assert not TRAINING.search(text)
            assert "?" in follow_up_text(concern, language, UNKNOWN)

    def test_no_text_is_that_of_another_language(self) -> None:
        for concern in Concern:
            for language in Language:
                assert detect_language(careful_text(concern, language, UNKNOWN)) is language

    @pytest.mark.parametrize("concern", EMERGENCIES)
    def test_what_is_urgent_and_what_is_an_emergency_differ(self, concern: Concern) -> None:
        text = careful_text(concern, Language.EN, UNKNOWN)
        urgent = {Concern.RHABDOMYOLYSIS, Concern.CONCUSSION, Concern.SYNCOPE, Concern.OVERTRAINING_FEVER}
        assert ("today" in text) == (concern in urgent)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


class TestNumbers:
    def test_every_number_has_its_day_and_whoever_is_shown_a_source(self) -> None:
        with NUMBERS.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        assert len({(row["country"], row["purpose"]) for row in rows}) == len(rows)
        for row in rows:
            assert date.fromisoformat(row["checked"]) <= date(2027, 12, 31)
            assert row["name"]
            assert row["verified"] in {"yes", "no"}
            assert row["source"].startswith("http") or row["verified"] == "no"
            shown = find_contact(row["country"], Purpose(row["purpose"]))
            assert (shown is not None) == (row["verified"] == "yes")

    @pytest.mark.parametrize(("country", "timezone"), TIMEZONES.items())
    def test_a_supported_country_has_an_emergency_number_and_a_crisis_line(self, country: str, timezone: str) -> None:
        assert country_of(timezone) == country
        assert find_contact(country, Purpose.EMERGENCY)
        assert find_contact(country, Purpose.CRISIS)

    @pytest.mark.parametrize("timezone", ["UTC", "Etc/GMT+5", "EST5EDT", "Mars/Olympus"])
    def test_a_zone_of_no_country_has_none(self, timezone: str) -> None:
        assert country_of(timezone) in {None, "US"}

    def test_old_names_of_zones_are_known(self) -> None:
        assert (country_of("US/Eastern"), country_of("Europe/Belfast")) == ("US", "GB")


FINE = [
    "I'm fine now",
    "doctor says OK",
    "Doctor says I'm good, nothing found",
    "all good, it passed",
    "feeling much better thanks",
    "I'm safe, a friend is here",
    "It's gone, I was at the hospital and got the all clear",
    "mir geht's wieder gut",
    "Der Arzt hat mich freigegeben",
    "alles wieder gut",
    "estoy bien",
    "Ya estoy mejor, gracias",
    "El m\u00e9dico dice que todo bien",
    "det g\u00e5r bra n\u00e5",
    "Det gikk over, legen sier alt er bra",
]
NOT_FINE = [
    "I'm fine with that",
    "I'm not fine",
    "yes",
    "no",
    "still hurts",
    "I'll be fine",
    "Is it fine to train?",
    "What should I do next?",
    "My dog is fine",
    "If I'm fine tomorrow can I lift?",
    "it's getting worse",
    "I don't feel better",
    "am I okay?",
    "I feel better than Tom",
    "mir geht es nicht gut",
    "Wenn es mir wieder gut geht, trainiere ich",
    "Ich bin gut in Kniebeugen",
    "no estoy bien",
    "estoy bien con eso",
    "det g\u00e5r ikke bra",
    "det g\u00e5r bra med meg at planen endres",
]


@pytest.mark.parametrize("message", FINE)
@pytest.mark.parametrize("language", Language)
def test_people_say_that_they_are_fine(message: str, language: Language) -> None:
    assert is_fine(message, language)


@pytest.mark.parametrize("message", NOT_FINE)
def test_what_is_no_such_word(message: str) -> None:
    assert not is_fine(message, detect_language(message))


@pytest.mark.parametrize(
    ("asked", "answer", "expected"),
    [
        (Concern.CARDIAC, "just sore muscles", True),
        (Concern.CARDIAC, "yes", False),
        (Concern.CARDIAC, "no", False),  # to a question of either, it says neither
        (Concern.CAUDA_EQUINA, "Ja, wie immer", True),
        (Concern.CAUDA_EQUINA, "Nein", False),
        (Concern.SELF_HARM, "No, it was a joke", True),
        (Concern.SELF_HARM, "s\u00ed", False),
        (Concern.STROKE, "nei", True),
        (Concern.RHABDOMYOLYSIS, "clear, as always", True),
        (None, "no", False),
    ],
)
def test_short_answers_count_after_the_question_only(asked: Concern | None, answer: str, expected: bool) -> None:
    assert is_fine(answer, detect_language(answer), asked) is expected


class TestCare:
    def care(self, message: str, alarm: Alarm | None = None, step: ConcernStep | None = None) -> Care | None:
        state = ConcernState(concern=Concern.CARDIAC, step=step) if step else None
        return care_for(message, alarm, state, Language.EN, "Europe/London")

    def test_nothing_to_care_about_is_answered_as_usual(self) -> None:
        assert self.care("What is next?") is None
        assert self.care("I'm fine now") is None

    def test_a_certain_alarm_gets_the_careful_text_and_an_uncertain_one_a_question(self) -> None:
        certain = self.care("...", Alarm(Concern.STROKE, certain=True))
        assert certain == Care(
            careful_text(Concern.STROKE, Language.EN, "Europe/London"),
            CompanionMood.CONCERNED,
            Concern.STROKE,
            ConcernStep.WARNED,
        )
        uncertain = self.care("...", Alarm(Concern.STROKE, certain=False))
        assert uncertain is not None
        assert (uncertain.step, uncertain.concern) == (ConcernStep.ASKED, Concern.STROKE)
        assert uncertain.text == question_text(Concern.STROKE, Language.EN, "Europe/London")

    @pytest.mark.parametrize("step", [ConcernStep.WARNED, ConcernStep.FOLLOWED_UP])
    def test_until_they_are_fine_every_message_gets_a_follow_up(self, step: ConcernStep) -> None:
        care = self.care("What is my next workout?", step=step)
        assert care is not None
        assert (care.step, care.concern, care.mood) == (
            ConcernStep.FOLLOWED_UP,
            Concern.CARDIAC,
            CompanionMood.CONCERNED,
        )
        fine = self.care("I'm fine now, the doctor says OK", step=step)
        assert fine == Care(thanks_text(Concern.CARDIAC, Language.EN, "Europe/London"), CompanionMood.WARM)

    def test_whoever_does_not_say_no_to_the_question_is_warned(self) -> None:
        for message in ("Yes", "It's a pressure", "What is my next workout?"):
            care = self.care(message, step=ConcernStep.ASKED)
            assert care is not None
            assert care.step is ConcernStep.WARNED

    def test_a_new_alarm_is_answered_whatever_else_the_message_says(self) -> None:
        care = self.care("I'm fine now", Alarm(Concern.SELF_HARM, certain=True), ConcernStep.WARNED)
        assert care is not None
        assert (care.concern, care.step) == (Concern.SELF_HARM, ConcernStep.WARNED)

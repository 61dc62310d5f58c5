"""What a message gets in place of a reply when it raises an alarm, or until the person is heard to be fine."""

from dataclasses import dataclass

from src.chat.safety.alarm import Alarm
from src.chat.safety.recovery import is_fine
from src.chat.safety.texts import careful_text, follow_up_text, question_text, thanks_text
from src.chat.state import ConcernState
from src.language.language import Language
from src.vocabulary import CompanionMood, Concern, ConcernStep


@dataclass(frozen=True)
class Care:
    """A fixed reply. `concern` and `step` are None when the person has said that they are fine."""

    text: str
    mood: CompanionMood
    concern: Concern | None = None
    step: ConcernStep | None = None


def care_for(
    message: str, alarm: Alarm | None, open_concern: ConcernState | None, language: Language, timezone: str
) -> Care | None:
    """The fixed reply that a message gets; None when the companion may answer as it likes."""
    if alarm is not None:
        return _answer_alarm(alarm, open_concern, language, timezone)
    if open_concern is None:
        return None
    concern, asked = open_concern.concern, open_concern.step is ConcernStep.ASKED
    if is_fine(message, language, concern if asked else None):
        return Care(thanks_text(concern, language, timezone), CompanionMood.WARM)
    if asked:  # whoever does not say no has a reason
        return _warn(concern, language, timezone)
    return _follow_up(concern, language, timezone)


def _answer_alarm(alarm: Alarm, open_concern: ConcernState | None, language: Language, timezone: str) -> Care:
    if alarm.certain or (open_concern is not None and open_concern.step is ConcernStep.ASKED):
        return _warn(alarm.concern, language, timezone)
    if open_concern is not None:
        return _follow_up(open_concern.concern, language, timezone)
    text = question_text(alarm.concern, language, timezone)
    return Care(text, CompanionMood.CONCERNED, alarm.concern, ConcernStep.ASKED)


def _follow_up(concern: Concern, language: Language, timezone: str) -> Care:
    text = follow_up_text(concern, language, timezone)
    return Care(text, CompanionMood.CONCERNED, concern, ConcernStep.FOLLOWED_UP)


def _warn(concern: Concern, language: Language, timezone: str) -> Care:
    text = careful_text(concern, language, timezone)
    return Care(text, CompanionMood.CONCERNED, concern, ConcernStep.WARNED)

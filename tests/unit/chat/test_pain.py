"""Nobody is urged to train through pain."""

import pytest

from src.chat.safety.pain import urges_through_pain, without_urging


@pytest.mark.parametrize(
    "text",
    [
        "Push through the pain, you are stronger than your knee!",
        "No pain, no gain.",
        "Just ignore the pain and finish the set.",
        "Bei\u00df die Z\u00e4hne zusammen!",
        "Trainiere trotz der Schmerzen weiter.",
        "Ignora el dolor y sigue.",
        "Bit tennene sammen og fortsett.",
    ],
)
def test_urging_is_heard(text: str) -> None:
    assert urges_through_pain(text)
    assert without_urging(f"Good morning. {text}") == "Good morning."


@pytest.mark.parametrize(
    "text",
    [
        "Never push through the pain.",
        "Please don't train through pain; stop and rest.",
        "Man sollte Schmerzen nie ignorieren.",
        "No ignores el dolor.",
        "Ikke tren gjennom smerten.",
        "Leave out what hurts, and have it looked at.",
        "You pushed through all three sets. Great work!",
    ],
)
def test_the_opposite_and_praise_are_not(text: str) -> None:
    assert not urges_through_pain(text)
    assert without_urging(text) == text

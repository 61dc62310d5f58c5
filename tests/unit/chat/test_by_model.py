"""What becomes of a model's answer: numbers need a source, else the model is told once, and then they are cut."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from src.ai.provider import Generated, Rejected, TokenUsage
from src.chat.by_model import ModelTurn
from src.chat.phrases import say
from src.chat.reply import OfferedAction, Reply
from src.chat.tools.registry import TOOLS
from src.chat.tools.tool import NoArguments, Receipt, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.language.language import Language
from src.vocabulary import EvidenceKind
from tests.unit.chat.test_prompt import context

PERSON = UUID(int=99)
TOOLBOX = cast("Toolbox", SimpleNamespace(language=Language.EN, today=date(2026, 11, 28)))


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch) -> ModelTurn:
    """A turn in which next_deload says week 4."""

    async def call(*_: Any) -> ToolAnswer:
        receipt = Receipt(EvidenceKind.PLAN, PERSON, "4", "week")
        return ToolAnswer({"week": 4}, (receipt,))

    monkeypatch.setattr(TOOLS["next_deload"], "call", call)
    return ModelTurn(context("When is my deload?", sessions=0), TOOLBOX)


def generated(reply: str, **more: Any) -> Generated[Reply]:
    return Generated(Reply(reply=reply, **more), "a-model", TokenUsage(1, 1))


def check(turn: ModelTurn, text: str) -> None:
    prompt = turn.prompt()
    assert prompt.check is not None
    prompt.check(Reply(reply=text))


async def looked_up(turn: ModelTurn) -> dict[str, Any]:
    [tool] = [tool for tool in turn.prompt().tools if tool.name == "next_deload"]
    return await tool.call(NoArguments())


def test_every_tool_is_offered(turn: ModelTurn) -> None:
    assert {tool.name for tool in turn.prompt().tools} == TOOLS.keys()


def test_a_number_that_no_tool_gave_is_sent_back_once_and_then_cut(turn: ModelTurn) -> None:
    with pytest.raises(Rejected, match=r"17"):
        check(turn, "It is in week 17.")
    check(turn, "It is in week 17.")
    assert turn.compose(generated("Good question. It is in week 17.")).text == "Good question."


def test_urging_to_train_through_pain_is_sent_back_once_and_then_cut(turn: ModelTurn) -> None:
    with pytest.raises(Rejected, match="pain"):
        check(turn, "Push through the pain!")
    check(turn, "Push through the pain!")
    assert turn.compose(generated("Rest well. Push through the pain!")).text == "Rest well."
    assert turn.compose(generated("Never push through pain.")).text == "Never push through pain."


def test_where_nothing_is_left_it_says_so(turn: ModelTurn) -> None:
    composed = turn.compose(generated("It is in week 17."))
    assert composed.text == say("talk.cut", Language.EN)
    assert composed.evidence == ()


async def test_a_number_of_a_tool_stands_with_its_receipt(turn: ModelTurn) -> None:
    assert await looked_up(turn) == {"week": 4}
    check(turn, "It is in week 4.")
    composed = turn.compose(generated("It is in week 4."))
    assert composed.text == "It is in week 4."
    assert [(receipt.kind, receipt.value) for receipt in composed.evidence] == [(EvidenceKind.PLAN, "4")]


async def test_what_was_looked_up_and_not_said_is_no_evidence(turn: ModelTurn) -> None:
    await looked_up(turn)
    assert turn.compose(generated("I would rather not say.")).evidence == ()


def test_ids_that_a_model_makes_up_lead_nowhere(turn: ModelTurn) -> None:
    composed = turn.compose(generated("Fine.", used=["m99", "x"], actions=[OfferedAction(kind="start_workout", day=9)]))
    assert (composed.evidence, composed.actions) == ((), ())

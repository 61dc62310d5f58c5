"""LoCoMo's file, as it is published."""

import json
from datetime import UTC, datetime
from pathlib import Path

from bench.locomo import LONGEST, read_locomo

CONVERSATION = {
    "speaker_a": "Ann",
    "speaker_b": "Bo",
    "session_1_date_time": "1:56 pm on 8 May, 2023",
    "session_1": [
        {"speaker": "Ann", "dia_id": "D1:1", "text": "I bought a kayak."},
        {"speaker": "Bo", "dia_id": "D1:2", "text": "Look!", "blip_caption": "a photo of a lake"},
    ],
    "session_2_date_time": "9:05 am on 1 June, 2023",
    "session_2": [{"speaker": "Ann", "dia_id": "D2:1", "text": "x" * 2 * LONGEST}],
    "session_3_date_time": "9:05 am on 2 June, 2023",
}
QUESTIONS = [
    {"question": "What did Ann buy?", "answer": "a kayak", "evidence": ["D1:1; D2:01"], "category": 4},
    {"question": "Nobody knows", "adversarial_answer": "no", "evidence": [], "category": 5},
]


def test_turns_and_questions_are_read(tmp_path: Path) -> None:
    file = tmp_path / "locomo10.json"
    file.write_text(json.dumps([{"sample_id": "1", "conversation": CONVERSATION, "qa": QUESTIONS}]))
    [conversation] = read_locomo(file)
    assert [turn.name for turn in conversation.turns] == ["D1:1", "D1:2", "D2:1"]
    assert conversation.turns[1].text == "Bo: Look! [a photo of a lake]"
    assert conversation.turns[0].said_at == datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
    assert len(conversation.turns[2].text) == LONGEST
    [question] = conversation.questions
    assert (question.kind, question.evidence) == ("one turn", frozenset({"D1:1", "D2:1"}))

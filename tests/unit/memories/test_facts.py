"""A fact has an operation and a value of its field, and nothing else."""

import pytest
from pydantic import ValidationError

from src.memories.facts import CAREFUL_FIELDS, OFFERED_FIELDS, SAFETY_FIELDS, Fact
from src.vocabulary import FactField
from tests.support.facts import BAD_FACTS, GOOD_FACTS


@pytest.mark.parametrize("fact", GOOD_FACTS, ids=str)
def test_a_good_fact_is_the_same_after_writing_and_reading(fact: dict[str, object]) -> None:
    read = Fact.model_validate(fact)
    assert Fact.model_validate_json(read.model_dump_json()) == read
    written = read.model_dump(mode="json")
    assert (written["field"], written["op"]) == (fact["field"], fact["op"])
    if isinstance(fact["value"], dict):
        assert {**fact["value"]}.items() <= written["value"].items()
    else:
        assert written["value"] == fact["value"]


@pytest.mark.parametrize("fact", BAD_FACTS, ids=str)
def test_a_bad_fact_is_refused(fact: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Fact.model_validate(fact)


def test_every_field_has_an_example() -> None:
    assert {fact["field"] for fact in GOOD_FACTS} == set(FactField)
    assert {fact["field"] for fact in BAD_FACTS} >= set(FactField)


def test_safety_is_offered_and_care_is_not() -> None:
    assert SAFETY_FIELDS < OFFERED_FIELDS
    assert not CAREFUL_FIELDS & OFFERED_FIELDS

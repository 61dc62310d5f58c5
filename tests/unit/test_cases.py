"""Cases inside one test: none hides another, and none is forgotten."""

import pytest

from tests.support.cases import Tried, each_case


def test_all_that_fail_are_named_and_the_rest_is_tried() -> None:
    before = Tried.count

    def loop() -> None:
        with each_case() as case:
            for number in range(5):
                with case(f"number {number}"):
                    assert number != 1, "one is wrong"
                    if number == 3:
                        raise ValueError("three is worse")

    with pytest.raises(AssertionError) as raised:
        loop()
    assert str(raised.value) == (
        "2 of 5 cases failed:\n- number 1: one is wrong\nassert 1 != 1\n- number 3: ValueError: three is worse"
    )
    assert isinstance(raised.value.__cause__, AssertionError)
    assert Tried.count - before == 5


def test_a_loop_over_nothing_fails() -> None:
    with pytest.raises(AssertionError, match="nothing was tried"), each_case():
        pass


def test_what_fails_between_the_cases_fails_the_test() -> None:
    def loop() -> None:
        with each_case() as case:
            with case("sound"):
                pass
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop()

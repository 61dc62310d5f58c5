"""The two folders of tests keep their promises."""

import pytest


def test_a_unit_test_that_asks_for_the_stack_fails(request: pytest.FixtureRequest) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"belongs in tests/stack"):
        request.getfixturevalue("stack")
    with pytest.raises(pytest.fail.Exception, match=r"belongs in tests/stack"):
        request.getfixturevalue("settings")


def test_tests_are_marked_by_their_folder(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("unit")
    assert not request.node.get_closest_marker("stack")

"""The version bump a change needs, and the release that later contracts are held against."""

from pathlib import Path

import pytest

from tests.support.small_contract import Document, small_contract
from tools.openapi.document import render
from tools.openapi.failure import ContractError
from tools.openapi.release import broken_promises, release
from tools.openapi.versions import Level, Version


def breaking(version: str) -> Document:
    document = small_contract(version)
    del document["paths"]["/health"]
    return document


def reworded(version: str) -> Document:
    document = small_contract(version)
    document["info"]["description"] = "Other words."
    return document


@pytest.fixture
def released(tmp_path: Path) -> Path:
    path = tmp_path / "released" / "openapi.json"
    release(small_contract("1.4.2"), path)
    return path


@pytest.mark.parametrize(
    ("version", "level", "least"),
    [
        ("1.4.2", Level.NONE, "1.4.2"),
        ("1.4.2", Level.PATCH, "1.4.3"),
        ("1.4.2", Level.MINOR, "1.5.0"),
        ("1.4.2", Level.MAJOR, "2.0.0"),
        ("0.4.2", Level.PATCH, "0.4.3"),
        ("0.4.2", Level.MINOR, "0.5.0"),
        ("0.4.2", Level.MAJOR, "0.5.0"),
    ],
)
def test_least_next_version(version: str, level: Level, least: str) -> None:
    assert str(Version.parse(version).least_next(level)) == least


@pytest.mark.parametrize("text", ["1.2", "1.2.3.4", "01.2.3", "1.2.3-rc1", "v1.2.3", ""])
def test_other_versions_are_refused(text: str) -> None:
    with pytest.raises(ContractError, match=r"not MAJOR\.MINOR\.PATCH"):
        Version.parse(text)


def test_a_breaking_change_without_the_bump_is_named(released: Path) -> None:
    found = broken_promises(breaking("1.9.0"), released)
    assert "need version 2.0.0 or higher" in found[0]
    assert "/health" in found[1]


def test_a_breaking_change_with_the_bump_passes(released: Path) -> None:
    assert broken_promises(breaking("2.0.0"), released) == []


def test_other_words_need_a_patch(released: Path) -> None:
    assert "need version 1.4.3 or higher" in broken_promises(reworded("1.4.2"), released)[0]
    assert broken_promises(reworded("1.4.3"), released) == []


def test_the_same_contract_needs_nothing(released: Path) -> None:
    assert broken_promises(small_contract("1.4.2"), released) == []


def test_the_version_never_falls(released: Path) -> None:
    assert "lower than the released 1.4.2" in broken_promises(small_contract("1.4.1"), released)[0]


def test_without_a_release_nothing_is_promised(tmp_path: Path) -> None:
    assert broken_promises(breaking("0.1.0"), tmp_path / "none.json") == []


def test_a_release_is_written_as_any_contract(released: Path) -> None:
    assert released.read_text() == render(small_contract("1.4.2"))


def test_a_released_version_never_changes(released: Path) -> None:
    with pytest.raises(ContractError, match="released already"):
        release(reworded("1.4.2"), released)
    assert released.read_text() == render(small_contract("1.4.2"))


def test_no_release_breaks_a_promise(released: Path) -> None:
    with pytest.raises(ContractError, match=r"need version 2\.0\.0"):
        release(breaking("1.5.0"), released)
    release(breaking("2.0.0"), released)
    assert released.read_text() == render(breaking("2.0.0"))

"""Searching by name: what counts, what is forgiven, and how much is read."""

from src.core.search import MAX_WORDS_FOR_TYPOS, PhraseIndex, split_words


def test_words_ignore_case_accents_and_hyphens() -> None:
    assert split_words("  Pull-Up, Fliés ") == ["pull", "up", "flies"]
    assert split_words("!?") == []


def test_nothing_is_found_for_nothing_and_for_nonsense() -> None:
    index = PhraseIndex([["Bench Press"], ["Squat"]])
    assert index.rank("") == {}
    assert index.rank("xylophone") == {}
    assert PhraseIndex([]).rank("squat") == {}


def test_however_much_is_known_names_are_found() -> None:
    """What one person may add of their own is much, and read while others wait."""
    aliases = [f"{number:060x}" for number in range(20)]
    index = PhraseIndex([[f"Exercise {number}", *aliases] for number in range(1000)])
    found = index.rank("exercise 999")
    assert max(found, key=found.__getitem__) == 999
    many = PhraseIndex([[f"{number:x}-curl"] for number in range(0x10000, 0x10001 + MAX_WORDS_FOR_TYPOS)])
    found = many.rank("10001 curl")
    assert max(found, key=found.__getitem__) == 1
    assert many.rank("10001 crul") == {}
    assert list(PhraseIndex([["Biceps Curl"]]).rank("biceps crul")) == [0]


def test_of_a_long_query_the_first_words_count() -> None:
    index = PhraseIndex([["One Two Three Four Five Six Seven Eight"]])
    assert index.rank("one two three four five six seven eight and nonsense")


def test_word_order_does_not_matter_and_more_of_a_name_is_better() -> None:
    index = PhraseIndex([["Hack Squat"], ["Squat"], ["Front Squat", "FSQ"]])
    assert max(index.rank("squat hack"), key=index.rank("squat hack").__getitem__) == 0
    assert index.rank("squat hack")[0] < index.rank("hack squat")[0] == 1
    scores = index.rank("squat")
    assert scores[1] == max(scores.values())
    assert list(index.rank("fsq")) == [2]
